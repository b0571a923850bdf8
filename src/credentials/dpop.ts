import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTVerifyResult, jwtVerify } from 'jose'
import type { Sql } from '../storage/database.ts'
import { insertDpopProof } from '../storage/dpop-proofs.ts'
import { normaliseTarget } from './dpop-uri.ts'
import { equalBytes, hashSecret } from './secrets.ts'
import { TokenRefusal } from './token-refusal.ts'

/** Asymmetric, and ours to choose (RFC 9449 section 4.2, RFC 8725 section 3.1). `Ed25519` is what RFC 9864 calls `EdDSA`. */
export const DPOP_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const

/** How far a proof's `iat` may be from our clock, either way. */
export const DPOP_WINDOW_S = 60
/** Rows of used proofs outlive the window by this much, for servers whose clocks differ. */
const CLOCK_SKEW_S = 60
// A proof with an RSA key of 4096 bits has 2000 characters.
const LONGEST_PROOF = 4_096
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** What a proof is for. */
export type ProofTarget = {
  method: string
  /** as it stands in the request line, without the query */
  path: string
  /** the access token that it comes with; absent at the token endpoint */
  accessToken?: string
}

/** A proof that was checked, save that it may have been used before. */
export type DpopProof = {
  /** RFC 7638 thumbprint of its key: `cnf.jkt` of the tokens bound to it */
  jkt: string
  /** Uses it up; of any number of callers, in any process, one succeeds. @throws {TokenRefusal} */
  spend(): Promise<void>
}

export type DpopProofs = {
  /** @param header the value of the one `DPoP` header. @throws {TokenRefusal} */
  verify(header: string, target: ProofTarget): Promise<DpopProof>
}

const refused = (message: string) => new TokenRefusal('invalid_dpop_proof', message)

/**
 * Verifies proofs of possession by the twelve points of RFC 9449 section 4.3. There is no server nonce (point 10): see
 * docs/oauth.md.
 * @param deps.origins where clients reach this server; a proof names one of them, whatever the Host header says
 */
export function createDpopProofs(deps: { db: Sql; origins: ReadonlySet<string>; clock: () => number }): DpopProofs {
  return {
    async verify(header, target) {
      const now = Math.floor(deps.clock() / 1000)
      const { payload, protectedHeader } = await readProof(header, now)
      const { jti, iat } = checkClaims(payload, target, deps.origins, now)
      const jkt = await calculateJwkThumbprint(protectedHeader.jwk as object)
      return {
        jkt,
        async spend() {
          const id = hashSecret(`${jkt}:${jti}`)
          const expiresAt = new Date((iat + DPOP_WINDOW_S + CLOCK_SKEW_S) * 1000)
          if (!(await insertDpopProof(deps.db, id, expiresAt))) throw refused('the DPoP proof was used before')
        },
      }
    },
  }
}

/** One signed JWT of the right type, under a public key of its own. */
async function readProof(header: string, now: number): Promise<JWTVerifyResult> {
  if (header.length > LONGEST_PROOF) throw refused('the DPoP proof is too long')
  // Node joins repeated headers by commas.
  if (header.includes(',')) throw refused('there is more than one DPoP proof')
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(header)) throw refused('the DPoP header is not one signed JWT')
  let proof: JWTVerifyResult
  try {
    proof = await jwtVerify(header, EmbeddedJWK, {
      algorithms: [...DPOP_ALGORITHMS],
      currentDate: new Date(now * 1000),
      clockTolerance: DPOP_WINDOW_S,
    })
  } catch (error) {
    throw refused(explain(error))
  }
  const { typ, jwk } = proof.protectedHeader
  if (typ !== 'dpop+jwt') throw refused('the typ of a DPoP proof is dpop+jwt')
  if (PRIVATE_PARTS.some((name) => Object.hasOwn(jwk as object, name)))
    throw refused('the DPoP proof gives a secret away')
  return proof
}

function explain(error: unknown): string {
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `the alg of a DPoP proof is one of ${DPOP_ALGORITHMS.join(', ')}`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the DPoP proof is wrong'
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return 'the DPoP proof is not valid at this time'
  return 'the DPoP proof is not a JWT with the public key that signed it'
}

function checkClaims(
  { jti, htm, htu, iat, ath }: JWTVerifyResult['payload'],
  target: ProofTarget,
  origins: ReadonlySet<string>,
  now: number,
): { jti: string; iat: number } {
  if (typeof jti !== 'string' || jti === '') throw refused('the DPoP proof has no jti')
  if (htm !== target.method) throw refused('the htm of the DPoP proof is not the method of the request')
  if (!isTarget(htu, target.path, origins)) throw refused('the htu of the DPoP proof is not the URL of the request')
  if (typeof iat !== 'number' || Math.abs(now - iat) > DPOP_WINDOW_S)
    throw refused(`the iat of the DPoP proof is not within ${DPOP_WINDOW_S} seconds of the server's time`)
  if (target.accessToken !== undefined && !isHashOf(ath, target.accessToken))
    throw refused('the ath of the DPoP proof is not the hash of the access token')
  return { jti, iat }
}

function isTarget(htu: unknown, path: string, origins: ReadonlySet<string>): boolean {
  const named = typeof htu === 'string' ? normaliseTarget(htu) : null
  if (!named || !origins.has(named.origin)) return false
  return normaliseTarget(named.origin + path)?.path === named.path
}

const isHashOf = (ath: unknown, accessToken: string) =>
  typeof ath === 'string' && equalBytes(Buffer.from(ath), Buffer.from(hashSecret(accessToken).toString('base64url')))
