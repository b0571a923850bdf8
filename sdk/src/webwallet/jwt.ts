import { decodeBase64url, encodeBase64url } from '../protocol/base64url.ts'
import { type JsonObject, parseExactJson } from '../protocol/exact-json.ts'
import { isJsonObject } from '../protocol/json-object.ts'

// ECDSA of P-256 with SHA-256 is all that is made or believed here; WebCrypto's signatures have JOSE's form already.
const es256 = { name: 'ECDSA', hash: 'SHA-256' }

/** A compact JWT (RFC 7519), signed with ES256. */
export async function signJwt(header: object, claims: object, key: CryptoKey): Promise<string> {
  const encode = (part: object) => encodeBase64url(new TextEncoder().encode(JSON.stringify(part)))
  const text = `${encode(header)}.${encode(claims)}`
  const signature = await crypto.subtle.sign(es256, key, new TextEncoder().encode(text))
  return `${text}.${encodeBase64url(new Uint8Array(signature))}`
}

export type Jwt = { header: JsonObject; claims: JsonObject; verify(key: CryptoKey): Promise<boolean> }

/** Takes a compact JWT apart; null if it is none. Nothing of it is believed before `verify`. */
export function readJwt(token: string): Jwt | null {
  const parts = token.split('.')
  const [header, claims, signature] = parts.map(decodeBase64url)
  if (parts.length !== 3 || !header || !claims || !signature) return null
  const read = { header: readObject(header), claims: readObject(claims) }
  if (read.header === null || read.claims === null) return null
  const signed = new TextEncoder().encode(token.slice(0, token.lastIndexOf('.')))
  return {
    header: read.header,
    claims: read.claims,
    verify: (key) => crypto.subtle.verify(es256, key, signature, signed),
  }
}

function readObject(bytes: Uint8Array<ArrayBuffer>): JsonObject | null {
  try {
    const value = parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}
