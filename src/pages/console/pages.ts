import { Hono } from 'hono'
import { uuidV7 } from '../../domain/uuid.ts'
import { endConsoleAct, insertConsoleAct } from '../../storage/console-acts.ts'
import type { PageContext, PageEnv, PageSession } from '../env.ts'
import { FACTOR_FIELDS } from '../factors/fields.ts'
import { readForm } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import { requireSession, sessionOf } from '../session.ts'
import { readUpload, type UploadedFile } from '../upload.ts'
import { createStepUp, type StepUp } from './prove.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, type ConsoleUser, isScript } from './route.ts'
import { consoleRoutes } from './routes.ts'

/**
 * `/console`: for those who run a programme. Every route says who may use it; whoever may not, gets the answer of a page that is
 * not there. Every act is written down before it is tried.
 */
export function createConsolePages(deps: ConsoleDeps, routes: readonly ConsoleRoute[] = consoleRoutes): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const stepUp = createStepUp(deps)
  for (const path of ['/console', '/console/*']) pages.use(path, requireSession())

  for (const route of routes) {
    const path = `/console${route.path}`
    if (route.method === 'get') pages.get(path, async (c) => route.handle(deps, await open(stepUp, c, route)))
    else {
      const question = routes.find((other) => other.method === 'get' && other.path === route.path)
      if (route.dangerous && !question) throw new Error(`${path} asks for a password, and no page of it does`)
      pages.post(path, async (c) => {
        const post = { route, question: question as ConsoleRoute, stepUp }
        if (route.upload !== undefined) return receive(deps, post, c)
        const fields = await readForm(c)
        const call = await open(stepUp, c, route, fields)
        return (await unproven(deps, post, call, fields)) ?? act(deps, route, call)
      })
    }
  }
  return pages
}

type Post = { readonly route: ConsoleRoute; readonly question: ConsoleRoute; readonly stepUp: StepUp }

/** @returns the question again where the act is dangerous and who asks for it has not proven themselves; null: go on */
async function unproven(
  deps: ConsoleDeps,
  { route, question, stepUp }: Post,
  call: OpenCall,
  fields: ReadonlyMap<string, string>,
): Promise<Response | null> {
  const { dangerous = false } = route
  if (!(typeof dangerous === 'function' ? await dangerous(deps, call) : dangerous)) return null
  const problems = await stepUp.check(call, fields)
  if (problems === null) return null
  // Whoever guesses stands in the log; who has left the field empty has tried nothing.
  if (fields.get('password'))
    await endConsoleAct(deps.db, await beginAct(deps, route, call), 'refused', { proven: false })
  if (isScript(call)) return call.c.json({ error: problems.passwordProblem ?? problems.factorProblem }, 422)
  const answer = await question.handle(deps, { ...call, ...problems })
  return new Response(answer.body, { status: 422, headers: answer.headers })
}

/** @throws {PageProblem} `not-found` for whoever has no business here */
async function open(
  stepUp: StepUp,
  c: PageContext,
  route: ConsoleRoute,
  fields?: ReadonlyMap<string, string>,
  file: UploadedFile | null = null,
): Promise<OpenCall> {
  const session = sessionOf(c)
  const user = userOf(session)
  if (user === null || !route.who.includes(user.role)) throw new PageProblem('not-found')
  // Nothing is called by what no text of the database can hold.
  if (/\p{Cc}/u.test(Object.values(c.req.param()).join(''))) throw new PageProblem('not-found')
  const detail: Record<string, string | number | boolean | null> = {}
  const form = new Map(fields)
  for (const name of ['password', ...FACTOR_FIELDS]) form.delete(name)
  return {
    c,
    user,
    language: c.get('language'),
    query: new URL(c.req.url).searchParams,
    form,
    file,
    param: (name) => c.req.param(name) ?? '',
    actor: `${user.role === 'operator' ? 'operator' : 'person'}:${user.email}`,
    note: (more) => void Object.assign(detail, more),
    passwordProblem: null,
    factorProblem: null,
    factorQuestion: stepUp.question(c, session),
    detail,
  }
}

type OpenCall = ConsoleCall & { readonly detail: object }

/** Operators, and the team of a business. */
function userOf({ email, name, partyId, id, operator, business, role }: PageSession): ConsoleUser | null {
  if (!operator && !business) return null
  return { email, name, partyId, sessionId: id, role: operator ? 'operator' : role }
}

/** A form with a file. Nothing of it is read for those who may not send it. */
async function receive(deps: ConsoleDeps, post: Post, c: PageContext): Promise<Response> {
  const { route, stepUp } = post
  await open(stepUp, c, route)
  const { fields, file, finish } = await readUpload(c, route.upload ?? 0)
  try {
    const call = await open(stepUp, c, route, fields, file)
    return (await unproven(deps, post, call, fields)) ?? (await act(deps, route, call))
  } finally {
    await finish()
  }
}

async function act(deps: ConsoleDeps, route: ConsoleRoute, call: OpenCall): Promise<Response> {
  const id = await beginAct(deps, route, call)
  try {
    const answer = await route.handle(deps, call)
    await endConsoleAct(deps.db, id, answer.status < 400 ? 'done' : 'refused', call.detail)
    return answer
  } catch (error) {
    await endConsoleAct(deps.db, id, error instanceof PageProblem ? 'refused' : 'failed', call.detail)
    throw error
  }
}

async function beginAct(deps: ConsoleDeps, route: ConsoleRoute, { user, c }: OpenCall): Promise<string> {
  const id = uuidV7(deps.clock())
  const { email, partyId: party_id, role } = user
  const where = { address: c.get('address'), act: route.act ?? `post ${route.path}`, object: c.req.path }
  await insertConsoleAct(deps.db, { id, email, party_id, role, ...where })
  return id
}
