import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { drawRandomBytes } from './random-pool.ts'

/** Encrypts what must be recoverable at rest, and derives the keys of other purposes from the same root. */
export type Keyring = {
  /** AES-256-GCM; output carries the key id, so keys can rotate. `context` is authenticated (e.g. 'client:gateway:signing_secret'). */
  seal(plaintext: string, context: string): Buffer
  /** @throws {KeyringError} when no key of the ring sealed this, or it was altered, or sealed for another context */
  open(sealed: Buffer, context: string): string
  /** What a thread of this process needs that only seals. Never leaves the process. */
  readonly sealingKey: SealingKey
  /** A 32-byte key for one purpose (HKDF-SHA256 from the current key), e.g. 'journal'. */
  derive(purpose: string): Buffer
  /** The same of every key, the current one first: while keys change, what one server made another one has to know. */
  deriveEach(purpose: string): readonly Buffer[]
  /** Names of the keys, the current one first; they tell nothing of the keys. */
  readonly keyIds: readonly Buffer[]
}

/** Bytes that every sealed value begins with: the format's number and the id of its key. */
export const SEAL_BYTES = 9

/** How a value begins that the key of this id sealed. */
export const sealOf = (keyId: Uint8Array): Buffer => Buffer.concat([Buffer.of(VERSION), keyId])

/** The current key, which seals and cannot be read. */
export type SealingKey = { readonly id: Uint8Array; readonly key: KeyObject }

export class KeyringError extends Error {
  override name = 'KeyringError'
}

// version | key id | salt | nonce | ciphertext | tag
const VERSION = 1
const ID_BYTES = 8
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = 1 + ID_BYTES + SALT_BYTES + NONCE_BYTES

type RingKey = { id: Buffer; sealing: KeyObject; root: Buffer }

const expand = (root: Buffer, info: string, length: number) =>
  Buffer.from(hkdfSync('sha256', root, '', `billfold:${info}`, length))

function ringKey(root: Buffer): RingKey {
  if (root.length !== 32) throw new KeyringError('an encryption key must have 32 bytes')
  return { id: expand(root, 'key-id', ID_BYTES), sealing: createSecretKey(expand(root, 'seal', 32)), root }
}

// Random 96-bit nonces are safe for 2^32 messages under one key, so each key, made of a random salt, seals far fewer. As a key
// object, because ciphers take raw bytes six times more slowly.
const MESSAGES_PER_KEY = 2 ** 20
const messageKey = (sealing: KeyObject, salt: Buffer): KeyObject =>
  createSecretKey(createHmac('sha256', sealing).update(salt).digest())

/** Seals as the keyring does. */
export function createSealer({ id, key }: SealingKey): Pick<Keyring, 'seal'> {
  let salt = randomBytes(SALT_BYTES)
  let current = messageKey(key, salt)
  let left = MESSAGES_PER_KEY
  return {
    seal(plaintext, context) {
      if (left-- === 0) {
        salt = randomBytes(SALT_BYTES)
        current = messageKey(key, salt)
        left = MESSAGES_PER_KEY - 1
      }
      const nonce = drawRandomBytes(NONCE_BYTES)
      const header = Buffer.concat([Buffer.of(VERSION), id, salt, nonce])
      const cipher = createCipheriv('aes-256-gcm', current, nonce)
      cipher.setAAD(Buffer.concat([header, Buffer.from(context)]))
      return Buffer.concat([header, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
  }
}

/** @param keys 32 bytes each; the first is current, the rest only open */
export function createKeyring(keys: Buffer[]): Keyring {
  const ring = keys.map(ringKey)
  const current = ring[0]
  if (!current) throw new KeyringError('no encryption key')

  const sealingKey = { id: current.id, key: current.sealing }
  return {
    ...createSealer(sealingKey),

    open(sealed, context) {
      if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION)
        throw new KeyringError('not a sealed value')
      const header = sealed.subarray(0, HEADER_BYTES)
      const key = ring.find(({ id }) => id.equals(header.subarray(1, 1 + ID_BYTES)))
      if (!key) throw new KeyringError('sealed with a key that is not in BILLFOLD_KEY')
      const salt = header.subarray(1 + ID_BYTES, 1 + ID_BYTES + SALT_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', messageKey(key.sealing, salt), header.subarray(-NONCE_BYTES))
      decipher.setAAD(Buffer.concat([header, Buffer.from(context)]))
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        const opened = decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES))
        return Buffer.concat([opened, decipher.final()]).toString('utf8')
      } catch {
        throw new KeyringError('a sealed value was altered or belongs to another place')
      }
    },

    sealingKey,
    derive: (purpose) => expand(current.root, `derive:${purpose}`, 32),
    deriveEach: (purpose) => ring.map(({ root }) => expand(root, `derive:${purpose}`, 32)),
    keyIds: ring.map(({ id }) => id),
  }
}
