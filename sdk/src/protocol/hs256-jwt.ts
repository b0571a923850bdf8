import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { ExactJsonError } from './errors.ts'
import { type JsonObject, parseExactJson } from './exact-json.ts'
import { hmacSha256 } from './hmac.ts'
import { isJsonObject } from './json-object.ts'

/** The header that the signers here write; its members may come in any order from others. */
export const jwtHeader = { alg: 'HS256', typ: 'JWT' } as const

/** The steps on the way to a token, `header.payload.signature`. */
export type JwtParts = {
  /** JSON, and the same in base64url. */
  header: string
  payload: string
  encodedHeader: string
  encodedPayload: string
  /** `encodedHeader.encodedPayload`: what is signed, with the key as UTF-8 text. */
  signingInput: string
}

/** A JSON Web Token (RFC 7519) up to its signature. The members keep their order. */
export function jwtParts(payload: object, header: object = jwtHeader): JwtParts {
  const texts = { header: JSON.stringify(header), payload: JSON.stringify(payload) }
  const encodedHeader = encodeText(texts.header)
  const encodedPayload = encodeText(texts.payload)
  return { ...texts, encodedHeader, encodedPayload, signingInput: `${encodedHeader}.${encodedPayload}` }
}

const encodeText = (text: string) => encodeBase64url(new TextEncoder().encode(text))

/** A signed token, by WebCrypto; `key` from `importSigningKey`. */
export async function signJwt(payload: object, key: CryptoKey): Promise<string> {
  const { signingInput } = jwtParts(payload)
  return `${signingInput}.${encodeBase64url(await hmacSha256(key, signingInput))}`
}

/** Why a token is not read. */
export type JwtRefusal =
  /** Not three canonical base64url texts, header and payload exact JSON objects. */
  | 'malformed-token'
  /** `alg` is anything but HS256: the algorithm is fixed by the reader, never by the token. */
  | 'algorithm-refused'
  /** The header asks for what is never done: `crit`, `b64`, `jku`, `jwk`, `x5u`, `x5c`. */
  | 'header-refused'

/** A token whose form is right; nothing about its signature is known yet. */
export type Jwt = {
  header: JsonObject
  payload: JsonObject
  signingInput: string
  /** Canonical base64url of 32 bytes, so a token has one spelling only: its text can stand for it where it is used once. */
  signature: string
}

const limits = { depth: 32, length: 65_536 }

/** Reads a token without believing it. */
export function readJwt(token: string): { ok: true; jwt: Jwt } | { ok: false; refusal: JwtRefusal } {
  const parts = token.length > 2 * limits.length ? [] : token.split('.')
  const [encodedHeader, encodedPayload, signature] = parts
  if (parts.length !== 3 || encodedHeader === undefined || encodedPayload === undefined || signature === undefined) {
    return { ok: false, refusal: 'malformed-token' }
  }
  const header = decodeObject(encodedHeader)
  const payload = decodeObject(encodedPayload)
  if (header === null || payload === null) return { ok: false, refusal: 'malformed-token' }
  if (header.alg !== 'HS256') return { ok: false, refusal: 'algorithm-refused' }
  for (const name of ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c']) {
    if (Object.hasOwn(header, name)) return { ok: false, refusal: 'header-refused' }
  }
  if (decodeBase64url(signature)?.length !== 32) return { ok: false, refusal: 'malformed-token' }
  return { ok: true, jwt: { header, payload, signingInput: `${encodedHeader}.${encodedPayload}`, signature } }
}

function decodeObject(text: string): JsonObject | null {
  const bytes = decodeBase64url(text)
  if (bytes === null) return null
  try {
    // The byte order mark is kept, so that it is refused like any other stray character.
    const value = parseExactJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), limits)
    return isJsonObject(value) ? value : null
  } catch (error) {
    if (error instanceof ExactJsonError || error instanceof TypeError) return null
    throw error
  }
}

/** HMAC-SHA256 of a text, in base64url without padding. */
export type JwtMac = (signingInput: string) => string
