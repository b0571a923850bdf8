import { createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { EnvelopeMac } from '#sdk/protocol/envelope.ts'
import { createTextMac } from './hmac.ts'

/** A signing secret made ready once: an HMAC with a raw key costs nine times as much as one with a `KeyObject`. */
export function createSigningKey(secret: string | Uint8Array): KeyObject {
  const key = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : createSecretKey(secret)
  if (key.symmetricKeySize === 0) throw new TypeError('The signing secret is empty')
  return key
}

/** The synchronous MAC of envelopes. The key must be a secret one: a public key's text would be known to everyone. */
export function createMac(key: KeyObject): EnvelopeMac {
  if (key.type !== 'secret') throw new TypeError('An envelope is signed with a secret key')
  const sign = createTextMac(key, 'base64url')
  return {
    sign,
    // Canonical texts stand for their bytes one to one, and comparing those is a quarter cheaper than decoding both.
    verify: (text, signature) => timingSafeEqual(Buffer.from(sign(text), 'latin1'), Buffer.from(signature, 'latin1')),
  }
}
