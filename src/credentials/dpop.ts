import type { JsonObject } from '#sdk/protocol/exact-json.ts'
import type { Sql } from '../storage/database.ts'
import { insertDpopProof } from '../storage/dpop-proofs.ts'
import { readSignedProof } from './dpop-jws.ts'
import { normaliseTarget } from './dpop-uri.ts'
import { equalBytes, hashSecret } from './secrets.ts'
import { TokenRefusal } from './token-refusal.ts'

export { DPOP_ALGORITHMS } from './dpop-jws.ts'

/** How far a proof's `iat` may be from our clock, either way. */
export const DPOP_WINDOW_S = 60
/** Rows of used proofs outlive the window by this much, for servers whose clocks differ. */
const CLOCK_SKEW_S = 60

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
      const { claims, jkt } = readSignedProof(header)
      const { jti, iat } = checkClaims(claims, target, deps.origins, now)
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

function checkClaims(
  { jti, htm, htu, iat, ath, exp, nbf }: JsonObject,
  target: ProofTarget,
  origins: ReadonlySet<string>,
  now: number,
): { jti: string; iat: number } {
  if (typeof jti !== 'string' || jti === '') throw refused('the DPoP proof has no jti')
  if (htm !== target.method) throw refused('the htm of the DPoP proof is not the method of the request')
  if (!isTarget(htu, target.path, origins)) throw refused('the htu of the DPoP proof is not the URL of the request')
  if (typeof iat !== 'number' || Math.abs(now - iat) > DPOP_WINDOW_S)
    throw refused(`the iat of the DPoP proof is not within ${DPOP_WINDOW_S} seconds of the server's time`)
  if (!isTime(exp) || !isTime(nbf) || now >= (exp ?? Infinity) + DPOP_WINDOW_S || now < (nbf ?? now) - DPOP_WINDOW_S)
    throw refused('the DPoP proof is not valid at this time')
  if (target.accessToken !== undefined && !isHashOf(ath, target.accessToken))
    throw refused('the ath of the DPoP proof is not the hash of the access token')
  return { jti, iat }
}

function isTarget(htu: unknown, path: string, origins: ReadonlySet<string>): boolean {
  const named = typeof htu === 'string' ? normaliseTarget(htu) : null
  if (!named || !origins.has(named.origin)) return false
  return normaliseTarget(named.origin + path)?.path === named.path
}

/** Neither is asked of a proof; where they are there, they count. */
const isTime = (value: unknown): value is number | undefined => value === undefined || typeof value === 'number'

const isHashOf = (ath: unknown, accessToken: string) =>
  typeof ath === 'string' && equalBytes(Buffer.from(ath), Buffer.from(hashSecret(accessToken).toString('base64url')))
