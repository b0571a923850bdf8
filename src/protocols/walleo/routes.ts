import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { createRequestAddress, networkOf } from '../../credentials/address.ts'
import { createRequestLimits } from '../../credentials/request-limits.ts'
import type { ApiCall } from '../../operations/calls/call-log.ts'
import { createAuthenticate } from './authenticate.ts'
import { createCard, createPullRequest } from './buy.ts'
import type { Handle, WalleoDeps } from './call.ts'
import { listGiftCards, readBalance, readGiftCard, readInventory } from './catalogue.ts'
import { errors, explain, tooMany, WalleoProblem } from './errors.ts'
import { createFindSold } from './offer.ts'
import { readCard, readPullRequest } from './read.ts'
import { readings } from './readings.ts'

export type WalleoRoute = { readonly method: 'GET' | 'POST'; readonly path: string; readonly handle: Handle }

export const walleoRoutes: readonly WalleoRoute[] = [
  { method: 'POST', path: '/cards', handle: createCard },
  { method: 'GET', path: '/cards/:id', handle: readCard },
  { method: 'POST', path: '/pull_requests', handle: createPullRequest },
  { method: 'GET', path: '/pull_requests/:request_id', handle: readPullRequest },
  { method: 'GET', path: '/gift_cards', handle: listGiftCards },
  { method: 'GET', path: '/gift_cards/:code', handle: readGiftCard },
  { method: 'GET', path: '/inventories/:code', handle: readInventory },
  { method: 'GET', path: readings.balancePath, handle: readBalance },
]

type Env = { Bindings: HttpBindings; Variables: { call: ApiCall; told: Record<string, string> } }

/** Walleo's partners API, to be mounted at `/partners/v1`. All its refusals are in one form. */
export function createWalleo(outer: WalleoDeps): Hono<Env> {
  const deps = { ...outer, findSold: createFindSold(outer.db) }
  const walleo = new Hono<Env>()
  const authenticate = createAuthenticate(deps)
  const limits = createRequestLimits(deps, 'walleo')
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  for (const { method, path, handle } of walleoRoutes) {
    walleo.on(method, path, async (c) => {
      const { incoming } = c.env
      const told: Record<string, string> = {}
      const record = deps.calls.begin('walleo', method, path)
      c.set('call', record)
      c.set('told', told)
      const requestId = incoming.headers['x-requestid'] as string | undefined
      record.requestId = requestId ?? null
      const paused = limits.before(() => addressOf(incoming))
      if (paused > 0) throw tooMany(paused)
      const { partner, body, address } = await authenticate(incoming, record)
      const wait = limits.take(record.owner?.credentialId ?? partner.id)
      if (wait > 0) throw tooMany(wait)
      const [name = ''] = Object.values(c.req.param() as Record<string, string>)
      const query = new URLSearchParams(/\?(.*)$/.exec(incoming.url ?? '')?.[1])
      const call = { partner, body, name, query, requestId, network: networkOf(address), told }
      const answer = await handle(deps, call)
      record.requestId = told['x-requestid'] ?? record.requestId
      deps.calls.end(record, 200)
      return respond(200, answer, told)
    })
  }
  for (const { path, method } of walleoRoutes) {
    const allow = method === 'GET' ? 'GET, HEAD' : method
    walleo.all(path, () => {
      throw new WalleoProblem('method_not_allowed', `This path takes ${allow}`, { allow })
    })
  }
  walleo.all('*', () => {
    throw new WalleoProblem('route_not_found', 'There is no such path')
  })
  walleo.onError((error, c) => {
    // Of a path or method that is not there, there is none.
    const call = c.get('call') as ApiCall | undefined
    const { code, message, headers } = explain(error, (err) =>
      deps.log.error({ err, method: c.req.method, route: call?.route }, 'a Walleo request failed'),
    )
    const { http, status } = errors[code]
    if (call) {
      if (!call.proven && (code === 'unauthorized' || code === 'invalid_signature'))
        limits.failed(addressOf(c.env.incoming))
      call.requestId = c.get('told')['x-requestid'] ?? call.requestId
      deps.calls.end(call, http, { code, message })
    }
    return respond(http, JSON.stringify({ errors: [{ code, message }], status }), { ...headers, ...c.get('told') })
  })
  return walleo
}

/** Nothing here is the same for two callers, and cards are secrets. */
function respond(status: number, body: string, headers: Record<string, string>): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  })
}
