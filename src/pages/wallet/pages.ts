import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Rates } from '../../credentials/shared-rates.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, type PageEnv, refuseViewers, requireSession, sessionOf } from '../session.ts'
import { askToRevokeConsent, revokeApplication, showApplications } from './applications.ts'
import { showKeptCards } from './cards.ts'
import { showHandovers } from './handovers.ts'
import { downloadHistory } from './history-csv.ts'
import { showInvoices } from './invoices.ts'
import { createHandover, showNewHandover } from './new-handover.ts'
import { askToRevokeHandover, revokeHandover, showHandover } from './one-handover.ts'
import { askToSettle, settle, showInvoice } from './one-invoice.ts'
import { showWallet } from './one-wallet.ts'
import { showOverview } from './overview.ts'
import type { WalletPagesDeps } from './page.ts'
import { redeem, showRedeem } from './redeem.ts'
import { send, showSend } from './send.ts'
import { showTransaction } from './transaction.ts'

/** Forms of one person in a minute that tell who holds a wallet. */
const MOST_LOOK_UPS = 120

type Handler = (deps: WalletPagesDeps, c: PageContext) => Promise<Response>

/** The owner's pages. Every one of them belongs to who is signed in; what is somebody else's is not there. */
export function createWalletPages(deps: WalletPagesDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const run = (handler: Handler) => (c: Context<PageEnv>) => handler(deps, c)
  pages.get('/wallet/redeem', run(showRedeem))

  pages.use('/wallet/*', requireSession(), refuseViewers())
  const lookUps = limitLookUps(deps.rates)
  pages.use('/wallet/send', lookUps)
  pages.use('/wallet/handovers/new', lookUps)
  pages.post('/wallet/redeem', run(redeem))
  pages.get('/wallet', run(showOverview))
  pages.get('/wallet/send', run(showSend)).post(run(send))
  pages.get('/wallet/invoices', run(showInvoices))
  pages.get('/wallet/invoices/:reference', run(showInvoice))
  pages.get('/wallet/invoices/:reference/pay', run(askToSettle('pay'))).post(run(settle('pay')))
  pages.get('/wallet/invoices/:reference/decline', run(askToSettle('decline'))).post(run(settle('decline')))
  pages.get('/wallet/applications', run(showApplications))
  pages.get('/wallet/applications/:id/revoke', run(askToRevokeConsent)).post(run(revokeApplication))
  pages.get('/wallet/handovers', run(showHandovers))
  pages.get('/wallet/handovers/new', run(showNewHandover)).post(run(createHandover))
  pages.get('/wallet/handovers/:id', run(showHandover))
  pages.get('/wallet/handovers/:id/revoke', run(askToRevokeHandover)).post(run(revokeHandover))
  pages.get('/wallet/cards', run(showKeptCards))
  pages.get('/wallet/:id', run(showWallet))
  pages.get('/wallet/:id/history.csv', run(downloadHistory))
  pages.get('/wallet/:id/transactions/:reference', run(showTransaction))
  return pages
}

/** These forms tell the name behind a wallet's id, which may be a telephone number: enough for people, too slow for a directory. */
function limitLookUps(rates: Rates): MiddlewareHandler<PageEnv> {
  const lookUps = rates.limit({ name: 'look-ups', limit: MOST_LOOK_UPS, length: 60_000 })
  return async (c, next) => {
    if (c.req.method === 'POST' && lookUps.take(sessionOf(c).partyId) > 0) throw new PageProblem('too-many')
    return next()
  }
}
