import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { createRequestAddress, networkOf } from '../../credentials/address.ts'
import { createRequestLimits } from '../../credentials/request-limits.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import type { ApiCall } from '../../operations/calls/call-log.ts'
import { createAuthenticate, viewersLook } from './authenticate.ts'
import type { Caller, PledgDeps } from './call.ts'
import { explain, PledgProblem, tooMany } from './errors.ts'
import { createLink, createTransfer } from './purchase-link.ts'
import { capture, credit, readPurchase, release } from './purchases.ts'
import { readQuery } from './read-request.ts'
import { readings } from './readings.ts'
import { simulateForCompany, simulateForMerchant } from './simulate.ts'
import { issueToken } from './token.ts'

/** How a request is proven. `open`: by nothing; `signature`: by the parameter, which the handler opens. */
type Proof = 'caller' | 'signature' | 'open'

type Asked = { req: IncomingMessage; caller: Caller; call: ApiCall; names: Readonly<Record<string, string>> }

type PledgRoute = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly proof: Proof
  /** 200 unless said otherwise */
  readonly status?: number
  readonly handle: (deps: PledgDeps, asked: Asked) => Promise<object>
}

const name = (names: Asked['names'], which: string) => names[which] ?? ''

/** Below `/api`, without the token endpoint, whose errors have a form of their own. */
export const pledgRoutes: readonly PledgRoute[] = [
  ...['/purchase_link', '/purchase_link/'].map(
    (path): PledgRoute => ({
      method: 'POST',
      path,
      proof: 'signature',
      status: readings.made,
      handle: (deps, { req, call }) => createLink(deps, req, call),
    }),
  ),
  {
    method: 'POST',
    path: '/payment_by_transfer',
    proof: 'signature',
    status: readings.made,
    handle: (deps, { req, call }) => createTransfer(deps, req, call),
  },
  {
    method: 'GET',
    path: '/merchants/:merchant/purchases/:purchase',
    proof: 'caller',
    handle: (deps, { caller, names }) => readPurchase(deps, caller, name(names, 'merchant'), name(names, 'purchase')),
  },
  {
    method: 'POST',
    path: '/purchases/:purchase/capture',
    proof: 'caller',
    handle: (deps, { req, caller, names }) => capture(deps, caller, req, name(names, 'purchase')),
  },
  {
    method: 'POST',
    path: '/purchases/:purchase/credit_by_transfer',
    proof: 'caller',
    handle: (deps, { req, caller, names }) => credit(deps, caller, req, name(names, 'purchase')),
  },
  {
    method: 'POST',
    path: '/purchases/:purchase/release',
    proof: 'caller',
    handle: (deps, { req, caller, names }) => release(deps, caller, req, name(names, 'purchase')),
  },
  {
    method: 'POST',
    path: '/users/me/merchants/:merchant/simulate_payment_schedule',
    proof: 'open',
    handle: (deps, { req, names }) => simulateForMerchant(deps, req, name(names, 'merchant')),
  },
  {
    method: 'POST',
    path: '/users/me/companies/:company/simulate_payment_schedule',
    proof: 'open',
    handle: (deps, { req, names }) => simulateForCompany(deps, req, name(names, 'company')),
  },
]

type Env = { Bindings: HttpBindings; Variables: { call: ApiCall } }

/** Pledg's back, to be mounted at `/api`, behind what else lives there. All its refusals are in its own forms. */
export function createPledg(deps: PledgDeps): Hono<Env> {
  const pledg = new Hono<Env>()
  const authenticate = createAuthenticate(deps)
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  const count = deps.rates.limit({
    name: 'pledg-open',
    limit: readings.openRequestsPerMinute,
    length: 60_000,
  })
  const countSigned = deps.rates.limit({
    name: 'pledg-signed',
    limit: readings.signedPerMinute,
    length: 60_000,
  })
  const failures = createRequestLimits(deps, null)
  const refusePaused = (req: IncomingMessage) => {
    const seconds = failures.before(() => addressOf(req))
    if (seconds > 0) throw tooMany(seconds)
  }
  const nobody: Caller = { reach: { merchantId: null, companyId: null }, actor: 'pledg' }

  async function prove(proof: Proof, req: IncomingMessage, call: ApiCall): Promise<Caller> {
    if (proof !== 'open') refusePaused(req)
    if (proof === 'caller') return authenticate.caller(req, call)
    call.address = addressOf(req)
    const seconds =
      proof === 'open'
        ? count.take(networkOf(addressOf(req)))
        : countSigned.take(hashSecret(readQuery(req).get('signature') ?? '').toString('base64'))
    if (seconds > 0) throw tooMany(seconds)
    return nobody
  }

  const begin = (c: Context<Env>, path: string): ApiCall => {
    const call = deps.calls.begin('pledg', c.req.method, `/api${path}`)
    c.set('call', call)
    return call
  }

  pledg.post('/token', async (c) => {
    const call = begin(c, '/token')
    refusePaused(c.env.incoming)
    const answer = await issueToken(authenticate, c.env.incoming, call)
    deps.calls.end(call, 200)
    return respond(200, answer)
  })
  for (const { method, path, proof, status = 200, handle } of pledgRoutes) {
    pledg.on(method, path, async (c) => {
      // A HEAD would be served as a GET, without what it answers.
      if (c.req.method !== method) throw notAllowed([method])
      const req = c.env.incoming
      const call = begin(c, path)
      const names = c.req.param() as Record<string, string>
      call.requestId = names.purchase ?? null
      const caller = await prove(proof, req, call)
      if (caller.viewer && method !== 'GET') throw viewersLook()
      const answer = await handle(deps, { req, caller, call, names })
      deps.calls.end(call, status)
      return respond(status, JSON.stringify(answer))
    })
  }
  const methods = new Map<string, string[]>([['/token', ['POST']]])
  for (const { method, path } of pledgRoutes) methods.set(path, [...(methods.get(path) ?? []), method])
  for (const [path, allowed] of methods) {
    pledg.all(path, () => {
      throw notAllowed(allowed)
    })
  }
  pledg.all('*', () => {
    throw new PledgProblem('not_found', 'There is no such endpoint')
  })
  pledg.onError((error, c: Context<Env>) => {
    const problem = explain(error, (err) => deps.log.error({ err, method: c.req.method }, 'a Pledg request failed'))
    const call = c.get('call') as ApiCall | undefined
    if (call && !call.proven && problem.type === 'authentication_error') failures.failed(addressOf(c.env.incoming))
    if (call) deps.calls.end(call, problem.http, { code: problem.oauth ?? problem.type, message: problem.message })
    return respond(problem.http, problem.body, problem.headers)
  })
  return pledg
}

const notAllowed = (methods: readonly string[]) => {
  const allow = methods.join(', ')
  return new PledgProblem('method_not_allowed', `This endpoint takes ${allow}`, { headers: { allow } })
}

/** Nothing here is the same for two callers. RFC 6749 section 5.1 asks for `Pragma` beside a token. */
const respond = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(body, {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  })
