import { errors } from 'oidc-provider'
import type { ClientState } from '../../credentials/client-states.ts'
import type { DpopProof } from '../../credentials/dpop.ts'
import { equalBytes, hashSecret } from '../../credentials/secrets.ts'
import { findCode } from './adapter.ts'
import { loadOwnersAuthority } from './authority.ts'
import { requireKey, spend } from './dpop.ts'
import type { GrantDeps } from './grants.ts'
import { endWhatCameOf, redeemCode } from './redeem-code.ts'
import type { TokenAnswer } from './token-answer.ts'

export type CodeRequest = Record<'code' | 'redirectUri' | 'verifier', string | undefined>

/** RFC 6749 section 4.1.3 with PKCE (RFC 7636 section 4.6). Nothing that is wrong with a request uses the code up. */
export function createAuthorizationCodeGrant(deps: GrantDeps) {
  return async function authorizationCode(
    client: ClientState,
    request: CodeRequest,
    proof: DpopProof | null,
  ): Promise<TokenAnswer> {
    if (!request.code) throw new errors.InvalidRequest('code is required')
    if (!request.redirectUri) throw new errors.InvalidRequest('redirect_uri is required')
    const codeHash = hashSecret(request.code)
    const found = await findCode(deps, codeHash)
    if (!found) return endWhatCameOf(deps, client, codeHash)
    const { code, expired, used } = found
    if (code.clientId !== client.id) throw new errors.InvalidGrant('belongs to another client')
    if (used) return endWhatCameOf(deps, client, codeHash)
    if (expired) throw new errors.InvalidGrant('expired')
    if (code.redirectUri !== request.redirectUri) throw new errors.InvalidGrant('another redirect_uri')
    if (!provesChallenge(client, code.codeChallenge, request.verifier)) throw new errors.InvalidGrant('PKCE')
    requireKey(code.dpopJkt ?? null, proof)
    const authority = await loadOwnersAuthority(deps, code.grantId)
    await spend(proof)
    return redeemCode(deps, client, {
      codeHash,
      partyId: code.accountId,
      authority,
      scope: code.scope,
      jkt: proof?.jkt ?? null,
      renewable: true,
    })
  }
}

const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

/** A verifier for a code without a challenge is refused: somebody took the challenge away (RFC 9700 section 4.8.2). */
function provesChallenge(client: ClientState, challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined) return verifier === undefined && !client.public
  if (verifier === undefined || !VERIFIER.test(verifier)) return false
  return equalBytes(Buffer.from(hashSecret(verifier).toString('base64url')), Buffer.from(challenge))
}
