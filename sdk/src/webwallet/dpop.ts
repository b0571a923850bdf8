import { encodeBase64url } from '../protocol/base64url.ts'
import { signJwt } from './jwt.ts'

/** A key pair that access tokens can be bound to, and its proofs of possession (RFC 9449). Make one per user agent, and keep it. */
export type Dpop = {
  /** The pair, to be kept beside the tokens: a browser can store it in IndexedDB, although its private half never leaves. */
  readonly keys: CryptoKeyPair
  /** RFC 7638 thumbprint of the public key, as the token's `cnf.jkt` says it. */
  readonly thumbprint: string
  /** A proof for one request: a compact JWT for its `DPoP` header. Each proof is for one use. */
  proof(request: { method: string; url: string; accessToken?: string }): Promise<string>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

/**
 * @param options.keys an ES256 pair kept from before; a new one, whose private key can't be exported, if left out
 * @param options.clock milliseconds since the epoch: a proof is good only within a minute of the server's time, so give a right one
 * where the machine's is wrong
 */
export async function createDpop(options: { keys?: CryptoKeyPair; clock?: () => number } = {}): Promise<Dpop> {
  const keys = options.keys ?? (await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']))
  const clock = options.clock ?? Date.now
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const jwk = { kty, crv, x, y }
  const thumbprint = await sha256(JSON.stringify({ crv, kty, x, y }))

  return {
    keys,
    thumbprint,
    async proof({ method, url, accessToken }) {
      const { origin, pathname } = new URL(url)
      const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: origin + pathname,
        iat: Math.floor(clock() / 1000),
        ...(accessToken === undefined ? {} : { ath: await sha256(accessToken) }),
      }
      return signJwt({ typ: 'dpop+jwt', alg: 'ES256', jwk }, claims, keys.privateKey)
    },
  }
}

async function sha256(text: string): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}
