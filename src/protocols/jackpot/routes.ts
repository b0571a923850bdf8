import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { networkOf } from '../../credentials/address.ts'
import { createRequestLimits } from '../../credentials/request-limits.ts'
import type { ApiCall } from '../../operations/calls/call-log.ts'
import { createAuthenticate } from './authenticate.ts'
import type { Call, Handle, JackpotDeps, Means } from './call.ts'
import { errors, explain, JackpotProblem, tooMany } from './errors.ts'
import { readObject } from './read-body.ts'
import { proposeAcrossStores, proposeOfStore, readOffer, readStores } from './stores.ts'
import { grantV1, grantV2 } from './token.ts'
import { cancel, confirm, readVoucher, refund, reserveByPrice, reserveByValue } from './vouchers.ts'

export type JackpotRoute = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** any of these opens it */
  readonly means: readonly Means[]
  /** also to a session that has reserved: it repeats its request, or looks at what it got */
  readonly after?: true
  readonly handle: Handle
}

function route<M extends Means>(
  method: JackpotRoute['method'],
  path: string,
  means: readonly M[],
  handle: Handle<M>,
  after?: 'after',
): JackpotRoute {
  // What `means` lets through is what the handler takes.
  return { method, path, means, handle: handle as unknown as Handle, ...(after && { after: true }) }
}

const OFFER = '/v2/stores/:storeId/offers/:offerId'

/** All but the two that open sessions; the ones with a fixed name before those with a parameter in its place. */
export const jackpotRoutes: readonly JackpotRoute[] = [
  route('GET', '/v2/stores', ['key', 'client', 'machine'], readStores),
  route('GET', '/v2/stores/proposed-vouchers', ['client'], proposeAcrossStores),
  route('GET', '/v2/stores/:storeId/proposed-vouchers', ['client'], proposeOfStore),
  route('GET', OFFER, ['client'], readOffer),
  route('POST', `${OFFER}/reserve-voucher-by-price`, ['client'], reserveByPrice, 'after'),
  route('POST', `${OFFER}/reserve-voucher-by-value`, ['client'], reserveByValue, 'after'),
  route('GET', '/v2/voucher/:voucherId', ['client', 'machine'], readVoucher, 'after'),
  route('PUT', '/v2/voucher/:voucherId/confirm', ['machine'], confirm),
  route('PUT', '/v2/voucher/:voucherId/cancel', ['machine'], cancel),
  route('PUT', '/v2/voucher/:voucherId/refund', ['machine'], refund),
]

export const tokenRoutes = [
  { method: 'POST', path: '/token', grant: grantV1 },
  { method: 'POST', path: '/v2/token', grant: grantV2 },
] as const

type Env = { Bindings: HttpBindings; Variables: { call: ApiCall } }

/** Jackpot's API, to be mounted at `/`: it has `/token` and everything below `/v2`. All its refusals are in one form. */
export function createJackpot(deps: JackpotDeps): Hono<Env> {
  const jackpot = new Hono<Env>()
  const authenticate = createAuthenticate(deps)
  const limits = createRequestLimits(deps, 'jackpot')
  const requireCalm = (req: IncomingMessage) => {
    const seconds = limits.before(() => authenticate.addressOf(req))
    if (seconds > 0) throw tooMany(seconds)
  }
  /** By the key that proved the call, or the partner whose session did. */
  const count = ({ owner }: ApiCall) => {
    const seconds = owner === null ? 0 : limits.take(owner.credentialId ?? owner.partyId)
    if (seconds > 0) throw tooMany(seconds)
  }
  for (const { method, path, grant } of tokenRoutes) {
    jackpot.on(method, path, async (c) => {
      const call = deps.calls.begin('jackpot', method, path)
      c.set('call', call)
      requireCalm(c.env.incoming)
      const answer = await grant(deps, authenticate, c.env.incoming, call)
      deps.calls.end(call, 200)
      return respond(200, answer)
    })
  }
  for (const { method, path, means, after, handle } of jackpotRoutes) {
    jackpot.on(method, path, async (c) => {
      const { incoming } = c.env
      const record = deps.calls.begin('jackpot', c.req.method, path)
      c.set('call', record)
      requireCalm(incoming)
      const who = await authenticate.prove(incoming, means, record)
      count(record)
      // In a session it is a person's browser that calls: the address is theirs and not the partner's.
      if (who.means !== 'client') record.address = authenticate.addressOf(incoming)
      if (who.means === 'client' && who.session.voucherId !== null && !after) throw new JackpotProblem('session_ended')
      const query = new URLSearchParams(/\?(.*)$/.exec(incoming.url ?? '')?.[1])
      const body = method === 'POST' ? await readObject(incoming) : {}
      const network = networkOf(authenticate.addressOf(incoming))
      const call: Call = { who, network, params: c.req.param() as Record<string, string>, query, body }
      const answer = await handle(deps, call)
      deps.calls.end(record, 200)
      return respond(200, answer)
    })
  }
  for (const [path, allow] of allowedMethods()) {
    jackpot.all(path, () => {
      throw new JackpotProblem('method_not_allowed', `This path takes ${allow}`, { allow })
    })
  }
  for (const path of ['/v2', '/v2/*']) {
    jackpot.all(path, () => {
      throw new JackpotProblem('route_not_found')
    })
  }
  jackpot.onError((error, c) => {
    const call = c.get('call') as ApiCall | undefined
    const { code, message, headers } = explain(error, (err) =>
      deps.log.error({ err, method: c.req.method, route: call?.route }, 'a Jackpot request failed'),
    )
    const unproven = call?.proven === false && (code === 'invalid_grant' || errors[code].http === 401)
    if (unproven) limits.failed(authenticate.addressOf(c.env.incoming))
    if (call) deps.calls.end(call, errors[code].http, { code, message })
    return respond(errors[code].http, { error: code, error_description: message }, headers)
  })
  return jackpot
}

function allowedMethods(): Map<string, string> {
  return new Map(
    [...tokenRoutes, ...jackpotRoutes].map(({ path, method }) => [path, method === 'GET' ? 'GET, HEAD' : method]),
  )
}

/** Nothing here is the same for two callers, and tokens are secrets. */
function respond(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  })
}
