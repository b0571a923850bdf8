import { type Client, type Context, errors } from 'oidc-provider'
import { splitScopes } from '../../credentials/scopes.ts'

/**
 * The scopes that an authorization request asks for: all of the client's when it names none, as with client credentials. None is
 * dropped silently; the library has done so with unknown ones by now, so they are read again as they were sent.
 */
export async function checkScope({ query, oidc }: Context, scope: string | undefined, client: Client): Promise<void> {
  const pushed = oidc.entities.PushedAuthorizationRequest !== undefined
  const sent = pushed ? scope : String((oidc.body ?? query).scope ?? '')
  const own = splitScopes(client.scope)
  const wanted = splitScopes(sent ?? '')
  if (!wanted.every((one) => own.includes(one)))
    throw new errors.InvalidScope('a requested scope is unknown or not allowed for this client')
  oidc.params.scope = (wanted.length > 0 ? wanted : own).join(' ')
}
