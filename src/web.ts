import { Hono } from 'hono'
import { apiDocuments } from './api-documents.ts'
import { publicUrlsOf } from './config.ts'
import type { Deps } from './deps.ts'
import { familyOf } from './http/families.ts'
import { createHealth, type Readiness } from './http/health.ts'
import type { Metrics } from './metrics.ts'
import { createBuyUpstream } from './operations/gift-cards/buy-upstream.ts'
import { createPages } from './pages/pages.ts'
import { createAdmin } from './protocols/admin/routes.ts'
import { createJackpot } from './protocols/jackpot/routes.ts'
import type { Oauth } from './protocols/oauth/oauth.ts'
import { ROUTES as OAUTH_ROUTES } from './protocols/oauth/routes.ts'
import { createFront } from './protocols/pledg/front.ts'
import { createPledg } from './protocols/pledg/routes.ts'
import { createTillo } from './protocols/tillo/routes.ts'
import { createWalleo } from './protocols/walleo/routes.ts'
import { holderRoutes, walletRoutes } from './protocols/webwallet/routes.ts'

export type ServerDeps = Deps & { oauth: Oauth; metrics: Metrics; readiness: Readiness }

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
