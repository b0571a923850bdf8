import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { createRequestAddress, networkOf } from '../../credentials/address.ts'
import { createRateWindow } from '../../http/rate-window.ts'
import { createAuthenticate } from './authenticate.ts'
import type { Caller, PledgDeps } from './call.ts'
import { explain, PledgProblem, tooMany } from './errors.ts'
import { createLink, createTransfer } from './purchase-link.ts'
import { capture, credit, readPurchase, release } from './purchases.ts'
import { readings } from './readings.ts'
import { simulateForCompany, simulateForMerchant } from './simulate.ts'
import { issueToken } from './token.ts'

/** How a request is proven. `open`: by nothing; `signature`: by the parameter, which the handler opens. */
type Proof = 'caller' | 'signature' | 'open'

type Asked = { req: IncomingMessage; caller: Caller; names: Readonly<Record<string, string>> }

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
      handle: (deps, { req }) => createLink(deps, req),
    }),
  ),
  {
    method: 'POST',
    path: '/payment_by_transfer',
    proof: 'signature',
    status: readings.made,
    handle: (deps, { req }) => createTransfer(deps, req),
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

type Env = { Bindings: HttpBindings }

/** Pledg's back, to be mounted at `/api`, behind what else lives there. All its refusals are in its own forms. */
export function createPledg(deps: PledgDeps): Hono<Env> {
  const pledg = new Hono<Env>()
  const authenticate = createAuthenticate(deps)
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  const count = createRateWindow({
    limit: readings.openRequestsPerMinute,
    length: 60_000,
    clock: () => performance.now(),
  })
  const nobody: Caller = { reach: { merchantId: null, companyId: null }, actor: 'pledg' }

  async function prove(proof: Proof, req: IncomingMessage): Promise<Caller> {
    if (proof === 'caller') return authenticate.caller(req)
    if (proof === 'open') {
      const seconds = count(networkOf(addressOf(req)))
      if (seconds > 0) throw tooMany(seconds)
    }
    return nobody
  }

  pledg.post('/token', async (c) => respond(200, await issueToken(authenticate, c.env.incoming)))
  for (const { method, path, proof, status = 200, handle } of pledgRoutes) {
    pledg.on(method, path, async (c) => {
      // A HEAD would be served as a GET, without what it answers.
      if (c.req.method !== method) throw notAllowed([method])
      const req = c.env.incoming
      const caller = await prove(proof, req)
      const names = c.req.param() as Record<string, string>
      return respond(status, JSON.stringify(await handle(deps, { req, caller, names })))
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
