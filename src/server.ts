import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Deps } from './deps.ts'
import { createHealth, type Readiness } from './http/health.ts'
import { createRequestIds } from './http/request-ids.ts'
import type { Metrics } from './metrics.ts'
import { createPages } from './pages/pages.ts'
import { createAdmin } from './protocols/admin/routes.ts'
import type { Oauth } from './protocols/oauth/oauth.ts'
import { isOauthPath, ROUTES as OAUTH_ROUTES } from './protocols/oauth/routes.ts'
import { createWalletHandler, matchWallet } from './protocols/webwallet/mount.ts'
import { walletRoutes } from './protocols/webwallet/routes.ts'

export type ServerDeps = Deps & { oauth: Oauth; metrics: Metrics; readiness: Readiness }

/** Every family of routes, in the order in which a path is tried. */
export function createServer(deps: ServerDeps): Server {
  const wallet = createWalletHandler({ ...deps, verifyAccessToken: deps.oauth.verifyAccessToken })
  const rest = getRequestListener(createWeb(deps).fetch)
  const nextRequestId = createRequestIds()
  // RFC 6797: over plain HTTP, as in the sandbox, it would be ignored.
  const always: Record<string, string> =
    deps.config.mode === 'production' ? { 'strict-transport-security': 'max-age=31536000' } : {}

  function dispatch(req: IncomingMessage, res: ServerResponse): void {
    const started = performance.now()
    const id = nextRequestId()
    const { method = '', url = '/' } = req
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const done = (family: string, route: string, status: number) => {
      const ms = performance.now() - started
      deps.metrics.request(family, route, status, ms / 1000)
      deps.requestLog({ id, method, family, route, status, ms })
    }
    const match = matchWallet(path)
    if (match) {
      const route = `/:walletID/${match.endpoint}`
      void wallet(req, res, match, cut < 0 ? '' : url.slice(cut), {
        headers: { 'x-request-id': id, ...always },
        onFault: (err) => deps.log.error({ err, id, route }, 'a wallet request failed'),
        onAnswer: (status) => done('webwallet', status === 404 ? '/:walletID/*' : route, status),
      })
      return
    }
    res.setHeader('x-request-id', id)
    if (isOauthPath(path)) {
      for (const name in always) res.setHeader(name, always[name] as string)
      res.on('close', () => done('oauth', OAUTH_ROUTES.has(path) ? path : '*', res.statusCode))
      deps.oauth.handle(req, res)
    } else {
      res.on('close', () => done('web', '*', res.statusCode))
      void rest(req, res)
    }
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
  for (const [path, methods] of OAUTH_ROUTES)
    for (const method of methods) routes.push({ family: 'oauth', method, path })
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
