import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { apiDocuments } from './api-documents.ts'
import { publicUrlsOf } from './config.ts'
import { createClientOrigins } from './credentials/client-origins.ts'
import type { Deps } from './deps.ts'
import { type Cors, createCors } from './http/cors.ts'
import { createHealth, type Readiness } from './http/health.ts'
import { allowUploads } from './http/long-uploads.ts'
import { createRequestIds } from './http/request-ids.ts'
import type { Metrics } from './metrics.ts'
import { createBuyUpstream } from './operations/gift-cards/buy-upstream.ts'
import { createPages } from './pages/pages.ts'
import { createAdmin } from './protocols/admin/routes.ts'
import { createJackpot } from './protocols/jackpot/routes.ts'
import type { Oauth } from './protocols/oauth/oauth.ts'
import { isOauthPath, ROUTES as OAUTH_ROUTES, routeOf } from './protocols/oauth/routes.ts'
import { createFront } from './protocols/pledg/front.ts'
import { createPledg } from './protocols/pledg/routes.ts'
import { createTillo } from './protocols/tillo/routes.ts'
import { createWalleo } from './protocols/walleo/routes.ts'
import { createWalletHandler, matchWallet } from './protocols/webwallet/mount.ts'
import { holderRoutes, walletRoutes } from './protocols/webwallet/routes.ts'
import type { Tracer } from './tracing/tracer.ts'

export type ServerDeps = Deps & { oauth: Oauth; metrics: Metrics; readiness: Readiness }

/** At once, of each process. */
const MOST_CONNECTIONS = 10_000

/** Every family of routes, in the order in which a path is tried. */
export function createServer(deps: ServerDeps): Server {
  const wallet = createWalletHandler({ ...deps, ...deps.oauth })
  const rest = getRequestListener(createWeb(deps).fetch)
  const cors = createCors(createClientOrigins({ db: deps.db, monotonic: () => performance.now() }))
  const nextRequestId = createRequestIds()
  const { tracer } = deps
  // RFC 6797: over plain HTTP, as in the sandbox, it would be ignored.
  const always: Record<string, string> =
    deps.config.mode === 'production' ? { 'strict-transport-security': 'max-age=31536000' } : {}

  function dispatch(req: IncomingMessage, res: ServerResponse): void {
    const started = performance.now()
    const id = nextRequestId()
    const { method = '', url = '/' } = req
    const span = tracer ? tracer.request(req.headers.traceparent as string | undefined) : null
    const trace = span?.context.traceId
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const done = (family: string, route: string, status: number) => {
      const ms = performance.now() - started
      deps.metrics.request(family, route, status, ms / 1000)
      deps.requestLog(
        trace === undefined
          ? { id, method, family, route, status, ms }
          : { id, method, family, route, status, ms, trace },
      )
      span?.end({
        attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status, family },
        failed: status >= 500,
      })
    }
    const match = matchWallet(path)
    const oauth = match === null && isOauthPath(path)
    const decided = match || oauth ? cors(req, path, match !== null) : null
    const traced = trace === undefined ? undefined : { 'x-trace-id': trace }
    const begin = (decision: Cors | null) =>
      span === null ? serve(decision) : (tracer as Tracer).within(span, () => serve(decision))
    if (decided instanceof Promise) void decided.then((decision) => res.destroyed || begin(decision))
    else begin(decided)

    function serve(decision: Cors | null): void {
      if (decision?.preflight) {
        done(match ? 'webwallet' : 'oauth', '*', 204)
        res.writeHead(204, { 'x-request-id': id, ...always, ...traced, ...decision.headers }).end()
        return
      }
      if (match) {
        const route = `/:walletID/${match.endpoint}`
        void wallet(req, res, match, cut < 0 ? '' : url.slice(cut), {
          headers: { 'x-request-id': id, ...always, ...traced, ...decision?.headers },
          onFault: (err) => deps.log.error({ err, id, route }, 'a wallet request failed'),
          onAnswer: (status) => done('webwallet', status === 404 ? '/:walletID/*' : route, status),
        })
        return
      }
      res.setHeader('x-request-id', id)
      if (trace !== undefined) res.setHeader('x-trace-id', trace)
      if (oauth) {
        for (const [name, value] of Object.entries({ ...always, ...decision?.headers })) res.setHeader(name, value)
        res.on('close', () => done('oauth', routeOf(path) ?? '*', res.statusCode))
        deps.oauth.handle(req, res)
      } else {
        res.on('close', () => done(familyOf(path), '*', res.statusCode))
        void rest(req, res)
      }
    }
  }

  // Repeated headers are joined, never dropped: two tokens or two proofs must not pass for one (RFC 9449 section 4.3).
  const options = {
    keepAliveTimeout: 65_000,
    requestTimeout: 30_000,
    headersTimeout: 15_000,
    // How often it is looked who is late; by default only every thirty seconds.
    connectionsCheckingInterval: 5_000,
    joinDuplicateHeaders: true,
  }
  const server = createHttpServer(options, dispatch)
  // What idle connections may cost: beyond this they are closed as they come.
  server.maxConnections = MOST_CONNECTIONS
  allowUploads(server)
  return server
}

/** The families for which the cost of a framework does not show. */
export function createWeb(deps: ServerDeps): Hono {
  const web = new Hono()
  const buyUpstream = createBuyUpstream({ ...deps, ...(deps.tracer && { fetch: deps.tracer.fetch }) })
  web.route('/', createHealth(deps))
  web.route('/admin/v1', createAdmin(deps))
  web.route('/partners/v1', createWalleo({ buyUpstream, ...deps, publicUrls: publicUrlsOf(deps.config) }))
  web.route('/api/v2', createTillo({ buyUpstream, ...deps, origin: publicUrlsOf(deps.config)[0] as string }))
  const origin = publicUrlsOf(deps.config)[0] as string
  const pledg = { ...deps, origin }
  web.route('/api', createPledg(pledg))
  web.route('/', createJackpot({ ...deps, origin }))
  const reference = { documents: apiDocuments, publicUrls: publicUrlsOf(deps.config) }
  const checkout = { purchases: deps.purchases, openFront: createFront(pledg) }
  web.route('/', createPages({ ...deps, console: deps, checkout, reference }))
  return web
}

/** Of the routes of {@link createWeb}. */
const familyOf = (path: string): string => FAMILIES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'web'

const FAMILIES: readonly (readonly [prefix: string, family: string])[] = [
  ['/admin/', 'admin'],
  ['/partners/v1/', 'walleo'],
  ['/api/v2/', 'tillo'],
  ['/api/', 'pledg'],
  ['/v2/', 'jackpot'],
  ['/token', 'jackpot'],
]

export type Route = { family: string; method: string; path: string }

/** Every route there is; a test prints it and checks that none shadows another. */
export function routeTable(web: Hono): Route[] {
  const routes: Route[] = []
  for (const [path, methods] of OAUTH_ROUTES)
    for (const method of methods) routes.push({ family: 'oauth', method, path })
  for (const [endpoint, methods] of Object.entries(walletRoutes)) {
    for (const prefix of ['', '/wallets']) {
      const path = `${prefix}/:walletID${endpoint && `/${endpoint}`}`
      for (const method of Object.keys(methods)) routes.push({ family: 'webwallet', method, path })
    }
  }
  for (const [endpoint, methods] of Object.entries(holderRoutes)) {
    for (const prefix of ['', '/wallets']) {
      const path = `${prefix}/:walletNamespace/:walletNumber/${endpoint}`
      for (const method of Object.keys(methods)) routes.push({ family: 'webwallet', method, path })
    }
  }
  for (const { method, path } of web.routes) {
    if (method !== 'ALL') routes.push({ family: familyOf(path), method, path })
  }
  return routes
}
