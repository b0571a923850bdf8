import { Hono } from 'hono'
import { createThrottle } from '../../credentials/throttle.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { endConsoleAct, insertConsoleAct } from '../../storage/console-acts.ts'
import { findSignIn } from '../../storage/parties.ts'
import type { PageContext, PageEnv, PageSession } from '../env.ts'
import { readForm } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import { requireSession, sessionOf } from '../session.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute, ConsoleUser } from './route.ts'
import { consoleRoutes } from './routes.ts'
import { consoleText as text } from './words.ts'

/**
 * `/console`: for those who run a programme. Every route says who may use it; whoever may not, gets the answer of a page that is
 * not there. Every act is written down before it is tried.
 */
export function createConsolePages(deps: ConsoleDeps, routes: readonly ConsoleRoute[] = consoleRoutes): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const checkPassword = createPasswordCheck(deps)
  for (const path of ['/console', '/console/*']) pages.use(path, requireSession())

  for (const route of routes) {
    const path = `/console${route.path}`
    if (route.method === 'get') pages.get(path, async (c) => route.handle(deps, await open(c, route)))
    else {
      const question = routes.find((other) => other.method === 'get' && other.path === route.path)
      if (route.dangerous && !question) throw new Error(`${path} asks for a password, and no page of it does`)
      pages.post(path, async (c) => {
        const fields = await readForm(c)
        const call = await open(c, route, fields)
        if (route.dangerous) {
          const problem = await checkPassword(call, fields.get('password') ?? '')
          if (problem !== null) {
            const answer = await (question as ConsoleRoute).handle(deps, { ...call, passwordProblem: problem })
            return new Response(answer.body, { status: 422, headers: answer.headers })
          }
        }
        return act(deps, route, call)
      })
    }
  }
  return pages
}

/** @throws {PageProblem} `not-found` for whoever has no business here */
async function open(c: PageContext, route: ConsoleRoute, fields?: ReadonlyMap<string, string>): Promise<OpenCall> {
  const user = userOf(sessionOf(c))
  if (user === null || !route.who.includes(user.role)) throw new PageProblem('not-found')
  const detail: Record<string, string | number | boolean | null> = {}
  const form = new Map(fields)
  form.delete('password')
  return {
    c,
    user,
    language: c.get('language'),
    query: new URL(c.req.url).searchParams,
    form,
    param: (name) => c.req.param(name) ?? '',
    actor: `${user.role === 'operator' ? 'operator' : 'person'}:${user.email}`,
    note: (more) => void Object.assign(detail, more),
    passwordProblem: null,
    detail,
  }
}

type OpenCall = ConsoleCall & { readonly detail: object }

/** Operators, and the team of a business. */
function userOf({ email, name, partyId, id, operator, business, role }: PageSession): ConsoleUser | null {
  if (!operator && !business) return null
  return { email, name, partyId, sessionId: id, role: operator ? 'operator' : role }
}

async function act(deps: ConsoleDeps, route: ConsoleRoute, call: OpenCall): Promise<Response> {
  const { user, c } = call
  const id = uuidV7(deps.clock())
  const { email, partyId: party_id, role } = user
  const where = { address: c.get('address'), act: route.act ?? `post ${route.path}`, object: c.req.path }
  await insertConsoleAct(deps.db, { id, email, party_id, role, ...where })
  try {
    const answer = await route.handle(deps, call)
    await endConsoleAct(deps.db, id, answer.status < 400 ? 'done' : 'refused', call.detail)
    return answer
  } catch (error) {
    await endConsoleAct(deps.db, id, error instanceof PageProblem ? 'refused' : 'failed', call.detail)
    throw error
  }
}

/** A stolen session must not be enough, nor a place to guess from. @returns what to say, or null when it is right */
function createPasswordCheck(deps: ConsoleDeps): (call: ConsoleCall, password: string) => Promise<string | null> {
  const { db, passwords } = deps
  const throttle = createThrottle(deps.keyring)
  return async ({ user, language }, password) => {
    if (password === '') return text(language, 'password-missing')
    const key = { rule: 'session', of: user.sessionId } as const
    const seconds = await throttle.take(db, key)
    if (seconds > 0) return text(language, 'password-throttled', { seconds })
    const known = await findSignIn(db, user.email)
    if (!known || !(await passwords.verify(known.password_hash, password))) return text(language, 'password-wrong')
    await throttle.clear(db, key)
    return null
  }
}
