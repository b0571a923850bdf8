import type { IncomingMessage } from 'node:http'
import { type Context, errors, type default as Provider, type Refused } from 'oidc-provider'

/** What the authorization server asks of the pages that people see. */
export type People = {
  /** Who is signed in in the browser that sent this request. There is no other truth about it. */
  signedIn(req: IncomingMessage): Promise<{ partyId: string } | null>
  /** Tells a person what is wrong with an authorization request that cannot be sent back to the client. */
  refusalPage(req: IncomingMessage, refusal: AuthorizationRefusal): RefusalPage
}

export type AuthorizationRefusal = {
  status: number
  /** for the page's words */
  reason: 'client' | 'redirect-uri' | 'interaction' | 'request' | 'busy' | 'failure'
  /** RFC 6749's code and our words on it, for whoever makes the application */
  error: string
  description: string
}

export type RefusalPage = { headers: Readonly<Record<string, string>>; body: string }

/**
 * Takes the place of the library's sessions, which would be a second sign-in beside ours: each request gets one that knows who is
 * signed in on our pages, is kept nowhere and sets no cookie. On the way back from consent it knows nobody: then the result of the
 * interaction says who it was, and {@link findAccount} whether they still are.
 */
export function useOwnSessions(provider: Provider, people: People): void {
  provider.Session.get = async (ctx) => {
    const session = new provider.Session()
    // Without a uid the library ties nothing to it; one that is gone already is not stored.
    session.uid = ''
    session.destroyed = true
    if (ctx.oidc.route === 'authorization') {
      const person = await people.signedIn(ctx.req)
      if (person) session.accountId = person.partyId
    }
    ctx.oidc.entity('Session', session)
    return session
  }
}

/** @throws when somebody else is signed in by now: what one person allowed must not end in another's browser */
export async function findAccount(people: People, ctx: Context, id: string) {
  const person = await people.signedIn(ctx.req)
  if (person?.partyId !== id)
    throw Object.assign(new errors.SessionNotFound('another person is signed in by now'), { allow_redirect: false })
  return { accountId: id, claims: async () => ({ sub: id }) }
}

export function showRefusal(people: People, ctx: Context, out: Refused, cause: unknown): void {
  const description = ctx.status < 500 ? (out.error_description ?? '') : 'the server could not answer; try again later'
  const reason = reasonOf(ctx.status, cause)
  const { headers, body } = people.refusalPage(ctx.req, { status: ctx.status, reason, error: out.error, description })
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value)
  ctx.body = body
}

function reasonOf(status: number, cause: unknown): AuthorizationRefusal['reason'] {
  if (status >= 500) return 'failure'
  if (cause instanceof errors.InvalidClient) return 'client'
  if (cause instanceof errors.InvalidRedirectUri) return 'redirect-uri'
  return cause instanceof errors.SessionNotFound ? 'interaction' : 'request'
}
