import { type Context, Hono } from 'hono'
import { type PageContext, type PageEnv, refuseViewers, requireSession, signInPath } from '../session.ts'
import { cancelCheckout, confirmCheckout, showCheckout } from './checkout.ts'
import type { CheckoutDeps } from './deps.ts'
import { openFrontAddress } from './front.ts'
import { askToPayPart, payPart } from './pay-part.ts'
import { listOwnPurchases, showOwnPurchase } from './purchases.ts'

type Handler = (deps: CheckoutDeps, c: PageContext) => Promise<Response>

/** Where shops send people to pay, and a person's purchases. Mount before the wallet's pages, which read `/wallet/…` as wallets. */
export function createCheckoutPages(deps: CheckoutDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const run = (handler: Handler) => (c: Context<PageEnv>) => handler(deps, c)
  for (const path of ['/checkout/*', '/purchase', '/payment_solutions']) {
    pages.use(path, async (c, next) => {
      await next()
      // The address is the key to the purchase: no shop is told it by the way, and nothing keeps or lists it.
      c.res.headers.set('referrer-policy', 'no-referrer')
      c.res.headers.set('x-robots-tag', 'noindex, nofollow, noarchive')
      c.res.headers.set('cache-control', 'no-store')
    })
  }
  pages.get('/purchase', run(openFrontAddress))
  pages.get('/payment_solutions', run(openFrontAddress))
  pages.get('/checkout/:link', run(showCheckout))
  pages.post('/checkout/:link/cancel', run(cancelCheckout))
  // Behind a session that has ended, the form leads to sign-in and back to the page.
  pages.post('/checkout/:link', refuseViewers(), async (c) => {
    if (c.get('session')) return confirmCheckout(deps, c)
    return c.redirect(signInPath(c, `/checkout/${c.req.param('link')}`), 303)
  })
  for (const path of ['/wallet/purchases', '/wallet/purchases/*']) pages.use(path, requireSession(), refuseViewers())
  pages.get('/wallet/purchases', run(listOwnPurchases))
  pages.get('/wallet/purchases/:uid', run(showOwnPurchase))
  pages.get('/wallet/purchases/:uid/parts/:number', run(askToPayPart)).post(run(payPart))
  return pages
}
