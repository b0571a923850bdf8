import { type Context, Hono } from 'hono'
import type { CardPagesDeps } from '../cards/deps.ts'
import { type PageContext, type PageEnv, refuseViewers, requireSession } from '../session.ts'
import { refundAtTill, showReceipt } from './receipt.ts'
import { showTill, useTill } from './till.ts'

type Handler = (deps: CardPagesDeps, c: PageContext) => Promise<Response>

/** Where a business takes gift cards: by typing, or by the camera of the phone that shows the page. */
export function createTillPages(deps: CardPagesDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const run = (handler: Handler) => (c: Context<PageEnv>) => handler(deps, c)
  for (const path of ['/till', '/till/*']) pages.use(path, requireSession(), refuseViewers())
  pages.use('/till', async (c, next) => {
    await next()
    // This page alone may use the camera.
    c.res.headers.set('permissions-policy', 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()')
  })
  pages.get('/till', run(showTill)).post(run(useTill))
  pages.get('/till/redemptions/:id', run(showReceipt))
  pages.post('/till/redemptions/:id/refund', run(refundAtTill))
  return pages
}
