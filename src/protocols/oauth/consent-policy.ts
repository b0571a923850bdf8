import { type Context, type Grant, interactionPolicy, type default as Provider } from 'oidc-provider'
import { type ConsentRow, findConsent, findConsentOf } from '../../storage/consents.ts'
import type { GrantDeps } from './grants.ts'

const { Check, Prompt } = interactionPolicy

/** @property asked ms since the epoch */
export type LoginDetails = { asked: number }

/**
 * When a person is asked. Who is not signed in must sign in. An owner is asked for consent unless one is there that covers
 * everything asked for and the client has a secret: whoever starts a request in a public client's name may be anybody
 * (RFC 6749 section 10.2), so there the owner always looks.
 */
export const consentPolicy = (clock: () => number) => [
  new Prompt(
    { name: 'login', requestable: true },
    // Kept with the request: who is asked to sign in again must have done so after this.
    (): LoginDetails => ({ asked: clock() }),
    new Check(
      'no_session',
      'nobody is signed in',
      'login_required',
      ({ oidc }) => oidc.session.accountId === undefined,
    ),
  ),
  new Prompt(
    { name: 'consent', requestable: true },
    new Check('not_consented', 'the owner has yet to consent', 'consent_required', ({ oidc }) => {
      if (oidc.result?.consent) return false
      return oidc.client.clientAuthMethod === 'none' || !covers(scopesOf(oidc.grant), oidc.requestParamScopes)
    }),
  ),
]

const scopesOf = (grant: Grant | undefined) => (grant?.getOIDCScope() ?? '').split(' ')

/** Whether a consent allows all that is asked for. */
export const covers = (allowed: readonly string[], asked: Iterable<string>): boolean =>
  [...asked].every((scope) => allowed.includes(scope))

export const isOver = (consent: Pick<ConsentRow, 'expires_at'>, now: number): boolean =>
  consent.expires_at !== null && consent.expires_at.getTime() <= now

/** The consent in the library's form, made from our table each time. */
export async function loadGrant(deps: GrantDeps, provider: Provider, ctx: Context): Promise<Grant | undefined> {
  const { account, client, result } = ctx.oidc
  const id = result?.consent?.grantId
  const consent = id ? await findConsent(deps.db, id) : await findConsentOf(deps.db, client.clientId, account.accountId)
  if (!consent || isOver(consent, deps.clock()) || consent.wallets.length === 0) return undefined
  const grant = new provider.Grant({ accountId: consent.party_id, clientId: consent.client_id })
  grant.jti = consent.id
  grant.addOIDCScope(consent.scopes.join(' '))
  return grant
}
