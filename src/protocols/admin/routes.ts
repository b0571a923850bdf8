import type { IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { createRequestLimits } from '../../credentials/request-limits.ts'
import type { Deps } from '../../deps.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { brandMerchantRoutes } from './brand-merchants.ts'
import { brandRoutes } from './brands.ts'
import { cardHoldRoutes } from './card-holds.ts'
import { cardRedemptionRoutes } from './card-redemptions.ts'
import { cardRoutes } from './cards.ts'
import { clientRoutes } from './clients.ts'
import { deliveryRoutes } from './deliveries.ts'
import { floatRequestRoutes } from './float-requests.ts'
import { floatRoutes } from './floats.ts'
import { handle } from './handle.ts'
import { jackpotRoutes } from './jackpot.ts'
import { merchantRoutes } from './merchants.ts'
import { createOpenApi } from './openapi.ts'
import { orderRoutes } from './orders.ts'
import { partyRoutes } from './parties.ts'
import { partnerRoutes } from './partners.ts'
import { peopleRoutes } from './people.ts'
import { plasticCardRoutes } from './plastic-cards.ts'
import { AdminProblem, explain, HEADERS, problemResponse } from './problem.ts'
import { promotionRoutes } from './promotions.ts'
import { purchaseRoutes } from './purchases.ts'
import { refillPolicyRoutes } from './refill-policies.ts'
import { reportRoutes } from './reports.ts'
import type { AdminRoute } from './route.ts'
import { stockRoutes } from './stock.ts'
import { velocityRoutes } from './velocity.ts'
import { walletRoutes } from './wallets.ts'
import { webhookRoutes } from './webhooks.ts'

export { ADMIN_SCOPES } from '../../credentials/admin-scopes.ts'

/** What is served, and what is documented. */
export const adminRoutes: readonly AdminRoute[] = [
  ...partyRoutes,
  ...peopleRoutes,
  ...walletRoutes,
  ...refillPolicyRoutes,
  ...clientRoutes,
  ...apiKeyRoutes,
  ...partnerRoutes,
  ...floatRoutes,
  ...floatRequestRoutes,
  ...brandRoutes,
  ...promotionRoutes,
  ...jackpotRoutes,
  ...stockRoutes,
  ...plasticCardRoutes,
  ...orderRoutes,
  ...cardRoutes,
  ...brandMerchantRoutes,
  ...cardRedemptionRoutes,
  ...cardHoldRoutes,
  ...velocityRoutes,
  ...merchantRoutes,
  ...purchaseRoutes,
  ...reportRoutes,
  ...webhookRoutes,
  ...deliveryRoutes,
]

/** The admin API, to be mounted at `/admin/v1`. Its refusals are all in one form, those for unknown routes included. */
export function createAdmin(outer: Deps): Hono {
  const deps = { ...outer, limits: createRequestLimits(outer, 'admin') }
  const admin = new Hono()
  const document = JSON.stringify(createOpenApi(adminRoutes))
  admin.get(
    '/openapi.json',
    () => new Response(document, { headers: { 'content-type': 'application/json', ...HEADERS } }),
  )

  for (const route of adminRoutes) {
    admin.on(route.method, honoPath(route.path), (c) => {
      const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
      return handle(deps, route, c.req.raw, c.req.param(), incoming)
    })
  }
  for (const [path, methods] of allowedMethods()) {
    admin.all(honoPath(path), () => {
      throw new AdminProblem(405, 'method-not-allowed', `this route takes ${methods}`, { headers: { allow: methods } })
    })
  }
  admin.all('*', () => {
    throw new AdminProblem(404, 'route-not-found', 'the admin API has no such route')
  })
  admin.onError((error, c) => {
    const { method, path } = c.req
    const onFault = (err: unknown) => deps.log.error({ err, method, path }, 'an admin request failed')
    return problemResponse(explain(error, onFault, method !== 'GET'))
  })
  return admin
}

const honoPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1')

function allowedMethods(): Map<string, string> {
  const methods = new Map<string, Set<string>>([['/openapi.json', new Set(['GET', 'HEAD'])]])
  for (const { method, path } of adminRoutes) {
    const known = methods.get(path) ?? new Set()
    for (const one of method === 'GET' ? ['GET', 'HEAD'] : [method]) known.add(one)
    methods.set(path, known)
  }
  return new Map([...methods].map(([path, known]) => [path, [...known].join(', ')]))
}
