import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { canonicalJson } from './canonical-json.ts'
import { EnvelopeError } from './errors.ts'
import type { Json, JsonObject } from './exact-json.ts'
import { isJsonObject } from './json-object.ts'

/**
 * HMAC-SHA256 with one key, over the UTF-8 bytes of a text. The server's is synchronous and lives outside the SDK; the one of
 * {@link signEnvelope} and {@link verifyEnvelope} is WebCrypto's.
 */
export type EnvelopeMac = {
  /** The code as base64url without padding, 43 characters. */
  sign(text: string): string
  /** Compares in constant time. `signature` is known to be canonical base64url of 32 bytes. */
  verify(text: string, signature: string): boolean
}

/** A message whose shape is right; nothing about its signature is known yet. */
export type Envelope = {
  payload: JsonObject
  /** Null when the message carries none, as those of public clients. */
  signature: string | null
  /** A hint at the key; not signed, so it may only select among keys of the caller that is already known. */
  kid: string | null
}

/**
 * Checks the shape of `{header: {alg: 'hs256'}, payload, signature}`, as {@link parseExactJson} returned it.
 *
 * The header is not signed, so nothing is taken from it: `alg` must be `hs256` or `HS256`, `kid` and `typ` may be there, and any
 * other member is refused, because what it asks for (`crit`, `jku`, `jwk`, `x5u`, `b64`) would not be done. A message without a
 * signature needs no header. Throws an {@link EnvelopeError}.
 */
export function readEnvelope(message: Json): Envelope {
  if (!isJsonObject(message)) throw new EnvelopeError('envelope-malformed', 'The message is not an object')
  for (const member in message) {
    if (member !== 'header' && member !== 'payload' && member !== 'signature') {
      throw new EnvelopeError(
        'envelope-malformed',
        'A message has a header, a payload and a signature, and no other member',
      )
    }
  }
  const { header, payload, signature } = message
  if (!isJsonObject(payload)) throw new EnvelopeError('envelope-malformed', 'The payload is not an object')
  if (signature !== undefined && typeof signature !== 'string') {
    throw new EnvelopeError('envelope-malformed', 'The signature is not a string')
  }
  if (header === undefined && signature === undefined) return { payload, signature: null, kid: null }
  return { payload, signature: signature ?? null, kid: readHeader(header) }
}

function readHeader(header: Json | undefined): string | null {
  if (!isJsonObject(header)) throw new EnvelopeError('envelope-malformed', 'The header is not an object')
  for (const member in header) {
    if (member !== 'alg' && member !== 'kid' && member !== 'typ') {
      throw new EnvelopeError('envelope-header-refused', 'The header may carry alg, kid and typ, and no other member')
    }
  }
  const { alg, kid } = header
  if (alg !== 'hs256' && alg !== 'HS256') {
    throw new EnvelopeError('envelope-algorithm-refused', 'The algorithm of a message is hs256')
  }
  if (kid === undefined) return null
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 128) {
    throw new EnvelopeError('envelope-malformed', 'The key id is not a text of 1 to 128 characters')
  }
  return kid
}

/**
 * Verifies a signature with a synchronous MAC. Returns the payload's canonical JSON, the very text that was signed, so that a
 * caller who needs it again (to compare a repeated request) has it. Throws an {@link EnvelopeError}.
 */
export function checkEnvelope(envelope: Envelope, mac: EnvelopeMac): string {
  const signature = signatureOf(envelope)
  const text = canonicalJson(envelope.payload)
  if (!mac.verify(text, signature)) throw wrongSignature()
  return text
}

/**
 * The text of a signed message; `mac` null makes an unsigned one, `{"payload":…}`. The payload is printed once, in its canonical
 * form, which is both what is signed and what is sent.
 */
export function sealEnvelope(payload: object, mac: EnvelopeMac | null): string {
  const text = canonicalJson(payload)
  return mac === null ? `{"payload":${text}}` : sealText(text, mac.sign(text))
}

const sealText = (payload: string, signature: string) =>
  `{"header":{"alg":"hs256"},"payload":${payload},"signature":"${signature}"}`

/** A signing secret for WebCrypto: its UTF-8 bytes, not extractable. Import it once, it serves every message. */
export async function importSigningKey(secret: string | Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes.length === 0) throw new TypeError('The signing secret is empty')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

/** The text of a signed message, made with WebCrypto: runs in Node, browsers and workers. */
export async function signEnvelope(payload: object, key: CryptoKey): Promise<string> {
  const text = canonicalJson(payload)
  const code = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))
  return sealText(text, encodeBase64url(new Uint8Array(code)))
}

/** {@link checkEnvelope} with WebCrypto, which compares in constant time. */
export async function verifyEnvelope(envelope: Envelope, key: CryptoKey): Promise<string> {
  const signature = signatureOf(envelope)
  const text = canonicalJson(envelope.payload)
  // Canonical, as signatureOf has checked.
  const code = decodeBase64url(signature) as Uint8Array<ArrayBuffer>
  if (!(await crypto.subtle.verify('HMAC', key, code, new TextEncoder().encode(text)))) throw wrongSignature()
  return text
}

// 32 bytes are 42 whole sextets and four bits: the last character's two low bits must be zero, or one code would have four texts.
const canonicalSignature = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

function signatureOf(envelope: Envelope): string {
  const { signature } = envelope
  if (signature === null) throw new EnvelopeError('envelope-unsigned', 'The message carries no signature')
  if (!canonicalSignature.test(signature)) {
    throw new EnvelopeError('envelope-signature-malformed', 'A signature is 43 characters of base64url without padding')
  }
  return signature
}

const wrongSignature = () =>
  new EnvelopeError('envelope-signature-wrong', 'The signature does not fit the payload and the key')
