import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'

// Written apart from the server's code and its library: what both get wrong alike would otherwise never show.

export type ProofKey = { privateKey: KeyObject; jwk: Record<string, string>; alg: string; jkt: string }

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/** A key pair as a client makes it. `Ed25519` is the newer name of `EdDSA`. */
export function createProofKey(alg: 'ES256' | 'EdDSA' | 'Ed25519' | 'PS256' | 'RS256' = 'ES256'): ProofKey {
  const { privateKey, publicKey } = pair(alg)
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const { crv, e, kty, n, x, y } = jwk
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x }
  return { privateKey, jwk, alg, jkt: sha256(JSON.stringify(members)) }
}

function pair(alg: string) {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return alg.startsWith('Ed') ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 })
}

const part = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Signs any header and claims. */
export function signJwt(
  key: Pick<ProofKey, 'privateKey' | 'alg'>,
  header: object | string,
  claims: object | string,
): string {
  const text = `${part(header)}.${part(claims)}`
  const options = {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363' as const,
    ...(key.alg === 'PS256' && { padding: 6, saltLength: 32 }),
  }
  return `${text}.${sign(key.alg.startsWith('Ed') ? null : 'sha256', Buffer.from(text), options).toString('base64url')}`
}

export type ProofInput = {
  method: string
  url: string
  accessToken?: string
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  /** ms since the epoch */
  now?: number
}

/** A proof (RFC 9449 section 4.2); `claims` and `header` replace members of it, `undefined` takes one away. */
export function createProof(key: ProofKey, input: ProofInput): string {
  const { method, url, accessToken, now = Date.now() } = input
  return signJwt(
    key,
    { typ: 'dpop+jwt', alg: key.alg, jwk: key.jwk, ...input.header },
    {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(now / 1000),
      ...(accessToken !== undefined && { ath: sha256(accessToken) }),
      ...input.claims,
    },
  )
}
