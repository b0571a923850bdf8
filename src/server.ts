import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createClientOrigins } from './credentials/client-origins.ts'
import { type Cors, createCors } from './http/cors.ts'
import { familyOf } from './http/families.ts'
import { createHealth, HEALTH_PATHS } from './http/health.ts'
import { allowUploads } from './http/long-uploads.ts'
import { createRequestIds } from './http/request-ids.ts'
import { isOauthPath, routeOf } from './protocols/oauth/routes.ts'
import { createWalletHandler, matchWallet } from './protocols/webwallet/mount.ts'
import type { Tracer } from './tracing/tracer.ts'
import type { ServerDeps } from './web.ts'

/** At once, of each process. */
const MOST_CONNECTIONS = 10_000

/** Every family of routes, in the order in which a path is tried. */
export function createServer(deps: ServerDeps): Server {
  const wallet = createWalletHandler({ ...deps, ...deps.oauth })
  const health = getRequestListener(createHealth(deps).fetch)
  const rest = createRest(deps)
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
        void (isHealth(method, path) ? health : rest)(req, res)
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

/**
 * Everything else: pages, partners' protocols, the admin API. They are half of the program, and read when the first of them is asked for: a
 * start takes a third less, and a server that only moves money keeps less in memory.
 */
function createRest(deps: ServerDeps): RequestListener {
  let listener: RequestListener | null = null
  let loading: Promise<RequestListener> | null = null
  const load = async () => {
    const { createWeb } = await import('./web.ts')
    listener = getRequestListener(createWeb(deps).fetch)
    return listener
  }
  return (req, res) => {
    if (listener) return listener(req, res)
    loading ??= load()
    loading.then(
      (loaded) => loaded(req, res),
      (err) => {
        deps.log.error({ err }, 'the pages cannot be read')
        res.writeHead(500).end()
      },
    )
  }
}

const isHealth = (method: string, path: string): boolean =>
  (method === 'GET' || method === 'HEAD') && HEALTH_PATHS.includes(path)
