import { ExplainError } from './types.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

type Jwk = JsonWebKey & { kid?: string }

/** The private key of a JWK, or of a PEM in PKCS #8. @throws {ExplainError} */
export async function importPrivateKey(text: string, field: string): Promise<{ key: CryptoKey; kid: string | null }> {
  const trimmed = text.trim()
  try {
    if (!trimmed.startsWith('{')) {
      const key = await crypto.subtle.importKey('pkcs8', fromPem(trimmed), algorithm, false, ['sign'])
      return { key, kid: null }
    }
    const { kty, crv, x, y, d, kid } = JSON.parse(trimmed) as Jwk
    if (!d || !x || !y || kty !== 'EC' || crv !== 'P-256') throw new TypeError('no private key of P-256')
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y, d }, algorithm, false, ['sign'])
    return { key, kid: kid ?? null }
  } catch {
    throw new ExplainError(field, 'not-a-key', `${field} is no private key of P-256, as a JWK or PEM in PKCS #8`)
  }
}

export type PublicKey = { kid: string | null; key: CryptoKey }

/** The public keys of a JWK, a JWKS, or a PEM. A private key's public half counts, too. @throws {ExplainError} */
export async function importPublicKeys(text: string, field: string): Promise<PublicKey[]> {
  const trimmed = text.trim()
  try {
    if (!trimmed.startsWith('{')) {
      return [{ kid: null, key: await crypto.subtle.importKey('spki', fromPem(trimmed), algorithm, false, ['verify']) }]
    }
    const said = JSON.parse(trimmed) as Jwk & { keys?: Jwk[] }
    const usable = (said.keys ?? [said]).filter(({ kty, crv, x, y }) => kty === 'EC' && crv === 'P-256' && x && y)
    if (usable.length === 0) throw new TypeError('no key of P-256')
    return await Promise.all(
      usable.map(async ({ kid, kty, crv, x, y }) => {
        const jwk = { kty, crv, x, y } as JsonWebKey
        return { kid: kid ?? null, key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']) }
      }),
    )
  } catch {
    throw new ExplainError(field, 'not-a-key', `${field} is no public key of P-256, as a JWK, a key set or PEM`)
  }
}

function fromPem(text: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN [A-Z ]+-----([\s\S]+?)-----END/.exec(text)?.[1]?.replace(/\s+/g, '')
  if (!base64) throw new TypeError('no PEM')
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** R and S side by side, out of a signature in DER (SEQUENCE of two INTEGERs); null for any other bytes. */
export function fromDer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return null
  const joined = new Uint8Array(64)
  let at = 2
  for (const end of [32, 64]) {
    const length = bytes[at + 1] ?? 0
    let number = bytes.subarray(at + 2, at + 2 + length)
    if (bytes[at] !== 2 || number.length !== length) return null
    while (number.length > 32 && number[0] === 0) number = number.subarray(1)
    if (number.length > 32) return null
    joined.set(number, end - number.length)
    at += 2 + length
  }
  return at === bytes.length ? joined : null
}
