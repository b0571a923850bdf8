import type { IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { type TilloEndpoint, type TilloOperation, tilloEndpoints } from '#sdk/tillo/endpoints.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import { createRequestAddress, networkOf } from '../../credentials/address.ts'
import { createRequestLimits } from '../../credentials/request-limits.ts'
import { createAuthenticate } from './authenticate.ts'
import { readBrands } from './brands.ts'
import type { File, Handle, Success, TilloDeps } from './call.ts'
import { checkStock, readPromotions } from './catalogue.ts'
import { cancelCard, reverseIssue } from './digital-cancel.ts'
import { issueCard, orderCard } from './digital-issue.ts'
import { checkDigitalBalance, topUpCard } from './digital-top-up.ts'
import { explain, TilloProblem } from './errors.ts'
import { checkFloats, listTransfers, requestTransfer } from './floats.ts'
import { createOffers } from './offers.ts'
import { readOrderStatus } from './order-status.ts'
import { activateCard, cancelActivation, cancelTopUp, cashOut, checkPhysicalBalance, topUpPlastic } from './physical.ts'
import { fulfilOrder, orderPlastic, readPlasticStatus } from './physical-order.ts'
import { createRateLimit } from './rate-limit.ts'
import { listTemplates, readTemplate } from './template.ts'

/** What each operation of the API does. Total: an endpoint of the SDK without a handler does not compile. */
export const handlers: Record<TilloOperation, Handle> = {
  brands: readBrands,
  templates: listTemplates,
  template: readTemplate,
  checkStock,
  checkFloats,
  floatTransferRequests: listTransfers,
  promotions: readPromotions,
  requestFloatTransfer: requestTransfer,
  digitalIssue: issueCard,
  digitalCancel: cancelCard,
  digitalReverse: reverseIssue,
  digitalOrderCard: orderCard,
  digitalOrderStatus: readOrderStatus,
  digitalTopUp: topUpCard,
  digitalCheckBalance: checkDigitalBalance,
  physicalActivate: activateCard,
  physicalCancelActivation: cancelActivation,
  physicalTopUp: topUpPlastic,
  physicalCancelTopUp: cancelTopUp,
  physicalFulfilOrder: fulfilOrder,
  physicalCheckBalance: checkPhysicalBalance,
  physicalCashOut: cashOut,
  physicalOrderCard: orderPlastic,
  physicalOrderStatus: readPlasticStatus,
}

/** The API, to be mounted at `/api/v2`. Its refusals are all in one form, those for unknown routes included. */
export function createTillo(deps: TilloDeps): Hono {
  const tillo = new Hono()
  const authenticate = createAuthenticate(deps)
  const clock = () => deps.gift.clock()
  const failures = createRequestLimits(deps, null)
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  const count = createRateLimit(deps.rates, clock, deps.config.tilloRateLimit)
  const context = { ...deps, offers: createOffers({ db: deps.db, clock }) }

  async function handle(operation: TilloOperation, req: IncomingMessage): Promise<Response> {
    let limits: Record<string, string> = {}
    const { method, path } = tilloEndpoints[operation]
    const record = deps.calls.begin('tillo', method, `/${path}`)
    try {
      const paused = failures.before(() => addressOf(req))
      if (paused > 0) throw tooManyFailures(paused)
      const { caller, body, query, address } = await authenticate(req, operation, record)
      limits = count(caller.credentialId, operation)
      const call = { operation, partner: caller.partner, body, query, network: networkOf(address) }
      const result = await handlers[operation](context, call)
      deps.calls.end(record, 200)
      return succeed(result, limits)
    } catch (error) {
      const onFault = (err: unknown) => deps.log.error({ err, operation }, 'a Tillo request failed')
      const problem = explain(error, onFault)
      if (!record.proven && problem.code === tilloReadings.authenticationFailure.code) failures.failed(addressOf(req))
      deps.calls.end(record, problem.http, { code: problem.code, message: tell(problem) })
      return refuse(problem, operation, limits)
    }
  }

  const methods = new Map<string, string[]>()
  for (const [operation, { method, path }] of endpoints) {
    methods.set(path, [...(methods.get(path) ?? []), method])
    tillo.on(method, `/${path}`, (c) => {
      // A HEAD would be served as a GET, without what it answers.
      if (c.req.method !== method) return notAllowed(operation, methods.get(path) ?? [])
      return handle(operation, (c.env as { incoming: IncomingMessage }).incoming)
    })
  }
  for (const [path, allowed] of methods) tillo.all(`/${path}`, () => notAllowed(null, allowed))
  tillo.all('*', () => refuse(new TilloProblem('999', 'There is no such endpoint', { http: 404 })))
  tillo.onError((error) => refuse(explain(error, (err) => deps.log.error({ err }, 'a Tillo request failed'))))
  return tillo
}

const tooManyFailures = (seconds: number) =>
  new TilloProblem('211', 'Too many requests from this network prove nothing', {
    headers: { 'retry-after': String(seconds) },
  })

/** With what is wrong with which member, as far as the answer says it apart. */
const tell = ({ message, data }: TilloProblem) => {
  const members = Object.entries(data ?? {}).map(([member, texts]) => `${member}: ${[texts].flat().join(', ')}`)
  return members.length === 0 ? message : `${message} (${members.join('; ')})`
}

const endpoints = Object.entries(tilloEndpoints) as [TilloOperation, TilloEndpoint][]

const notAllowed = (operation: TilloOperation | null, methods: readonly string[]) => {
  const allow = methods.join(', ')
  const facts = { http: 405, headers: { allow } }
  return refuse(new TilloProblem('999', `This endpoint takes ${allow}`, facts), operation)
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

function succeed(result: Success | File, limits: Record<string, string>): Response {
  if ('bytes' in result) {
    return new Response(new Uint8Array(result.bytes), {
      headers: {
        'content-type': result.type,
        'content-disposition': `attachment; filename="${result.name}"`,
        ...HEADERS,
        ...limits,
      },
    })
  }
  const { message, data } = result
  const body = { code: '000', status: 'success', ...(message !== undefined && { message }), data }
  return json(200, body, limits)
}

const json = (status: number, body: object, headers: Record<string, string>) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...HEADERS, ...headers },
  })

function refuse(
  problem: TilloProblem,
  operation: TilloOperation | null = null,
  limits: Record<string, string> = {},
): Response {
  const { code, http, message, data, headers } = problem
  return json(http, { code, status: 'error', ...textsOf(operation, http, message, data) }, { ...limits, ...headers })
}

/** Two endpoints have forms of their own for what is wrong with a request. */
function textsOf(operation: TilloOperation | null, http: number, message: string, data: TilloProblem['data']): object {
  const details = data === undefined || data === null ? {} : { data }
  if (http !== 422) return { message, ...details }
  const list = Object.entries(data ?? {}).flatMap(([member, texts]) =>
    [texts].flat().map((text) => `${member}: ${text}`),
  )
  switch (operation) {
    case 'requestFloatTransfer':
      return { messages: list.length > 0 ? list : [message], ...details }
    case 'floatTransferRequests':
      return { message, data: list }
    default:
      return { message, ...details }
  }
}
