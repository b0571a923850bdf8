import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Deps } from './deps.ts'
import { createRequestIds } from './http/request-ids.ts'
import type { Metrics } from './metrics.ts'
import { createAdmin } from './protocols/admin/routes.ts'
import { isOauthPath, ROUTES as OAUTH_ROUTES } from './protocols/oauth/routes.ts'
import type { Oauth } from './protocols/oauth/oauth.ts'
import { createWalletHandler, matchWallet } from './protocols/webwallet/mount.ts'
import { walletRoutes } from './protocols/webwallet/routes.ts'
import { createHealth, type Readiness } from './http/health.ts'
import { createPages } from './pages/pages.ts'

export type ServerDeps = Deps & { oauth: Oauth; metrics: Metrics; readiness: Readiness }

/** Every family of routes, in the order in which a path is tried. */
export function createServer(deps: ServerDeps): Server {
  const wallet = createWalletHandler({ ...deps, verifyAccessToken: deps.oauth.verifyAccessToken }, deps.log)
  const web = createWeb(deps)
  const rest = getRequestListener(web.fetch)
  const nextRequestId = createRequestIds()

  function dispatch(req: IncomingMessage, res: ServerResponse): void {
    const started = performance.now()
    const requestId = nextRequestId()
    res.setHeader('x-request-id', requestId)
    const url = req.url ?? '/'
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const walletMatch = matchWallet(path)
    const family = walletMatch ? 'webwallet' : isOauthPath(path) ? 'oauth' : 'web'
    res.on('close', () => {
      const seconds = (performance.now() - started) / 1000
      const route = walletMatch ? `/:walletID/${walletMatch.endpoint}` : family === 'oauth' ? path : '*'
      const known = family !== 'oauth' || OAUTH_ROUTES.has(path)
      deps.metrics.request(family, known ? route : '*', res.statusCode, seconds)
      deps.log.info({ id: requestId, method: req.method, family, route, status: res.statusCode, ms: seconds * 1000 }, 'request')
    })
    if (walletMatch) wallet(req, res, walletMatch, cut < 0 ? '' : url.slice(cut + 1))
    else if (family === 'oauth') deps.oauth.handle(req, res)
    else void rest(req, res)
  }

  return createHttpServer({ keepAliveTimeout: 65_000, requestTimeout: 30_000, headersTimeout: 15_000 }, dispatch)
}

/** The families for which the cost of a framework does not show. */
export function createWeb(deps: ServerDeps): Hono {
  const web = new Hono()
  web.route('/', createHealth(deps))
  web.route('/admin/v1', createAdmin(deps))
  web.route('/', createPages(deps))
  return web
}

export type Route = { family: string; method: string; path: string }

/** Every route there is; a test prints it and checks that none shadows another. */
export function routeTable(web: Hono): Route[] {
  const routes: Route[] = []
  for (const [path, methods] of OAUTH_ROUTES) for (const method of methods) routes.push({ family: 'oauth', method, path })
  for (const [endpoint, methods] of Object.entries(walletRoutes)) {
    for (const prefix of ['', '/wallets']) {
      const path = `${prefix}/:walletID${endpoint && `/${endpoint}`}`
      for (const method of Object.keys(methods)) routes.push({ family: 'webwallet', method, path })
    }
  }
  for (const { method, path } of web.routes) {
    if (method !== 'ALL') routes.push({ family: path.startsWith('/admin/') ? 'admin' : 'web', method, path })
  }
  return routes
}
