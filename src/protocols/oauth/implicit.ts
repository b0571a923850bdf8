import { type Context, errors } from 'oidc-provider'
import { hashSecret } from '../../credentials/secrets.ts'
import type { AuthorizationCode } from './adapter.ts'
import { loadOwnersAuthority } from './authority.ts'
import type { GrantDeps } from './grants.ts'
import { redeemCode } from './redeem-code.ts'

/**
 * The implicit flow, which the library does not have: it sees a request for a code, to be answered in this mode of ours, which
 * redeems the code at once and puts the token into the fragment. No request can name these modes itself.
 */
export const IMPLICIT = 'billfold.implicit'
/** The same, asked for with a `response_mode` that is not for tokens: only to be refused, in the fragment. */
export const IMPLICIT_ELSEWHERE = 'billfold.implicit.elsewhere'

const MODES = new Set(['query', 'fragment'])

/** Our dialect of an authorization request into the library's. Repeated parameters stay repeated: the library refuses them. */
export function adaptResponseType(parameters: [string, string][]): [string, string][] {
  const values = (wanted: string) => parameters.filter(([name]) => name === wanted).map(([, value]) => value)
  const modes = values('response_mode')
  if (values('response_type').join() !== 'token') {
    // The library has others as well, and answers in them even when it refuses them.
    return parameters.map(([name, value]) =>
      name === 'response_mode' && !MODES.has(value) ? [name, 'unsupported'] : [name, value],
    )
  }
  const mode = modes.every((one) => one === 'fragment') ? IMPLICIT : IMPLICIT_ELSEWHERE
  return [
    ...parameters
      .filter(([name]) => name !== 'response_mode')
      .map(([name, value]): [string, string] => (name === 'response_type' ? [name, 'code'] : [name, value])),
    // One for each that was sent, so that two of them are refused as any other parameter that is repeated.
    ...(modes.length === 0 ? [mode] : modes.map(() => mode)).map((one): [string, string] => ['response_mode', one]),
  ]
}

/** How the library hands an answer over for a redirect: a code or an error, with `state` and `iss`. */
type Answer = Record<string, string>

export function createImplicitMode(deps: GrantDeps) {
  return async function implicit(ctx: Context, redirectUri: string, answer: Answer): Promise<void> {
    const { code: _, ...rest } = answer
    const parameters = answer.code === undefined ? rest : { ...(await issue(deps, ctx, answer.code)), ...rest }
    const target = new URL(redirectUri)
    target.hash = new URLSearchParams(parameters).toString()
    ctx.status = 303
    ctx.redirect(target.href)
  }
}

/** Nobody can prove a key to a redirect: whoever wants a bound token must not get one that anyone may bear. */
export async function checkBinding({ oidc }: Context, jkt: string | undefined): Promise<void> {
  if (jkt !== undefined && oidc.params.response_mode === IMPLICIT)
    throw new errors.InvalidRequest('dpop_jkt needs response_type=code')
}

/** The README's `token` beside the names of RFC 6749 section 4.2.2. */
async function issue(deps: GrantDeps, ctx: Context, value: string): Promise<Answer> {
  const code = ctx.oidc.entities.AuthorizationCode as AuthorizationCode
  const client = await deps.clients.get(code.clientId)
  if (!client || client.disabled || !client.implicit)
    throw new errors.UnauthorizedClient('the client has changed meanwhile')
  const token = await redeemCode(deps, client, {
    codeHash: hashSecret(value),
    partyId: code.accountId,
    authority: await loadOwnersAuthority(deps, code.grantId),
    scope: code.scope,
    jkt: null,
    renewable: false,
  })
  return {
    token: token.access_token,
    access_token: token.access_token,
    token_type: token.token_type,
    expires_in: String(token.expires_in),
    scope: token.scope,
  }
}
