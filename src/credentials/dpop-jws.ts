import { constants, createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { decodeBase64url } from '#sdk/protocol/base64url.ts'
import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Asymmetric, and ours to choose (RFC 9449 section 4.2, RFC 8725 section 3.1). `Ed25519` is what RFC 9864 calls `EdDSA`. */
export const DPOP_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const

// A proof with an RSA key of 4096 bits has 2000 characters.
const LONGEST_PROOF = 4_096
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

type KeyKind = {
  /** members of the key besides `kty`, `use` and the like, with what they must be */
  members: Readonly<Record<string, RegExp>>
  kty: string
  /** in the order of RFC 7638 section 3.2 */
  thumbprint: readonly string[]
  verify(text: Buffer, key: KeyObject, signature: Uint8Array): boolean
}

const coordinate = /^[\w-]{43}$/
const ec: KeyKind = {
  kty: 'EC',
  members: { crv: /^P-256$/, x: coordinate, y: coordinate },
  thumbprint: ['crv', 'kty', 'x', 'y'],
  verify: (text, key, signature) => verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, signature),
}
const edwards: KeyKind = {
  kty: 'OKP',
  members: { crv: /^Ed25519$/, x: coordinate },
  thumbprint: ['crv', 'kty', 'x'],
  verify: (text, key, signature) => verify(null, text, key, signature),
}
const rsa: KeyKind = {
  kty: 'RSA',
  // 256 to 512 octets, none of them a leading zero (RFC 7518 section 6.3.1.1), with the exponent that all use: whoever chooses a
  // long one chooses how long we reckon.
  members: { n: /^(?!A[A-P])[\w-]{342,683}$/, e: /^AQAB$/ },
  thumbprint: ['e', 'kty', 'n'],
  verify: (text, key, signature) =>
    verify('sha256', text, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
}
const KINDS: ReadonlyMap<unknown, KeyKind> = new Map([
  ['ES256', ec],
  ['EdDSA', edwards],
  ['Ed25519', edwards],
  ['PS256', rsa],
])

const refused = (message: string) => new TokenRefusal('invalid_dpop_proof', message)
const noJwt = () => refused('the DPoP proof is not a JWT with the public key that signed it')

/**
 * Reads a proof: one JWT in canonical base64url, its header and claims exact JSON, signed by the public key that it shows. By Node's
 * own verification, in one go: a library's takes four turns of the thread pool for it, and longest when the server is busy.
 * @returns its claims, and the thumbprint of its key (RFC 7638). @throws {TokenRefusal}
 */
export function readSignedProof(header: string): { claims: JsonObject; jkt: string } {
  if (header.length > LONGEST_PROOF) throw refused('the DPoP proof is too long')
  // Node joins repeated headers by commas.
  if (header.includes(',')) throw refused('there is more than one DPoP proof')
  const [, head = '', body = '', code = ''] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(header) ?? []
  if (head === '') throw refused('the DPoP header is not one signed JWT')
  const { typ, alg, jwk, crit, b64 } = decode(head)
  const kind = KINDS.get(alg)
  if (!kind) throw refused(`the alg of a DPoP proof is one of ${DPOP_ALGORITHMS.join(', ')}`)
  if (crit !== undefined || b64 !== undefined) throw noJwt()
  if (typ !== 'dpop+jwt') throw refused('the typ of a DPoP proof is dpop+jwt')
  const key = readKey(jwk, kind)
  const signature = decodeBase64url(code)
  if (signature === null) throw noJwt()
  if (!kind.verify(Buffer.from(`${head}.${body}`), key, signature))
    throw refused('the signature of the DPoP proof is wrong')
  const shown = jwk as JsonObject
  const members = kind.thumbprint.map((name) => [name, shown[name]])
  return { claims: decode(body), jkt: hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url') }
}

function readKey(jwk: unknown, kind: KeyKind): KeyObject {
  const { kty, members } = kind
  if (!isObject(jwk) || jwk.kty !== kty) throw noJwt()
  if (PRIVATE_PARTS.some((name) => Object.hasOwn(jwk, name))) throw refused('the DPoP proof gives a secret away')
  if (!isForThis(jwk, kind)) throw noJwt()
  const key: Record<string, string> = { kty }
  for (const [name, form] of Object.entries(members)) {
    const value = jwk[name]
    if (typeof value !== 'string' || !form.test(value) || (name !== 'crv' && decodeBase64url(value) === null))
      throw noJwt()
    key[name] = value
  }
  let shown: KeyObject
  try {
    shown = createPublicKey({ key, format: 'jwk' })
  } catch {
    // A point that is not on the curve.
    throw noJwt()
  }
  // RFC 7518 section 3.5; OpenSSL would verify by a key of 512 bits too.
  if ((shown.asymmetricKeyDetails?.modulusLength ?? 2048) < 2048) throw noJwt()
  return shown
}

/** What a key says of its own use (RFC 7517 sections 4.2 to 4.4). */
const isForThis = ({ use, key_ops: operations, alg }: JsonObject, kind: KeyKind) =>
  (use === undefined || use === 'sig') &&
  (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
  (alg === undefined || KINDS.get(alg) === kind)

function decode(part: string): JsonObject {
  const bytes = decodeBase64url(part)
  try {
    const value = bytes && parseExactJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    if (isObject(value)) return value
  } catch (error) {
    if (!(error instanceof ExactJsonError || error instanceof TypeError)) throw error
  }
  throw noJwt()
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
