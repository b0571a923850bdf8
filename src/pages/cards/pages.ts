import { type Context, Hono } from 'hono'
import { type PageContext, type PageEnv, refuseViewers, requireSession } from '../session.ts'
import { checkBalanceOnPage, showBalanceForm } from './balance.ts'
import { downloadCard, moveOnPage, revealOnPage, showBarcode, showCard } from './card.ts'
import type { CardPagesDeps } from './deps.ts'

type Handler = (deps: CardPagesDeps, c: PageContext) => Promise<Response>

/** The page of each card, for whoever has its link, and the balance check, for whoever has code and PIN. */
export function createCardPages(deps: CardPagesDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const run = (handler: Handler) => (c: Context<PageEnv>) => handler(deps, c)
  pages.use('/cards/*', async (c, next) => {
    await next()
    // The address is the key to the card: nobody is told it, and nothing keeps or lists what it opens.
    c.res.headers.set('referrer-policy', 'no-referrer')
    c.res.headers.set('x-robots-tag', 'noindex, nofollow, noarchive')
    c.res.headers.set('cache-control', 'no-store')
  })
  pages.get('/cards/balance', run(showBalanceForm)).post(run(checkBalanceOnPage))
  pages.get('/cards/:file{[A-Za-z0-9_-]+\\.pdf}', run(downloadCard))
  pages.get('/cards/:link', run(showCard))
  pages.get('/cards/:link/barcode.svg', run(showBarcode))
  pages.post('/cards/:link/show', run(revealOnPage))
  pages.post('/cards/:link/claim', requireSession(), refuseViewers(), run(moveOnPage('claim')))
  pages.post('/cards/:link/give', requireSession(), refuseViewers(), run(moveOnPage('give')))
  return pages
}
