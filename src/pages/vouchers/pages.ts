import { Hono } from 'hono'
import { createVoucherUrls } from '../../credentials/voucher-url.ts'
import type { GiftDeps } from '../../operations/gift-cards/gift-deps.ts'
import { openCard } from '../../operations/gift-cards/open-card.ts'
import { hasCard } from '../../operations/jackpot/voucher-view.ts'
import { findCardByLink, type LinkedCard } from '../../storage/card-links.ts'
import { findCard } from '../../storage/cards.ts'
import { findVoucher } from '../../storage/vouchers.ts'
import { stateOf } from '../cards/card-facts.ts'
import { cardPdf } from '../cards/pdf.ts'
import type { PageEnv } from '../env.ts'
import type { PagesDeps } from '../pages.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext } from '../session.ts'

type Deps = PagesDeps & { gift: GiftDeps }

/** `GET /vouchers/:id.pdf`: the card of a voucher, for whoever was told its signed address, for an hour. */
export function createVoucherPages(deps: Deps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const urls = createVoucherUrls(deps.keyring)
  pages.get('/vouchers/:file{[0-9a-f-]{36}\\.pdf}', async (c) => {
    const id = (c.req.param('file') ?? '').replace(/\.pdf$/, '')
    const { expires = '', signature = '' } = c.req.query()
    if (!urls.opens(id, { expires, signature }, deps.clock())) throw new PageProblem('link-dead')
    const pdf = await makePdf(deps, c, id)
    return c.body(new Uint8Array(pdf), 200, {
      'content-type': 'application/pdf',
      'content-disposition': 'inline; filename="voucher.pdf"',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow, noarchive',
    })
  })
  return pages
}

async function makePdf(deps: Deps, c: PageContext, id: string): Promise<Buffer> {
  const card = await requireCard(deps, id)
  const secrets = await openCard(deps.gift, card, { what: 'pdf-made', principal: 'signed-url' })
  return cardPdf(card, secrets, c.get('language'))
}

/** @throws {PageProblem} also when somebody keeps the card by now, or it is over */
async function requireCard(deps: Deps, id: string): Promise<LinkedCard> {
  const voucher = await findVoucher(deps.db, { id })
  const row = voucher && hasCard(voucher) ? await findCard(deps.db, { orderId: id }) : undefined
  const card = row && (await findCardByLink(deps.db, row.link_hash))
  if (!card || card.version !== card.link_version || card.wallet_party_id !== null) throw new PageProblem('link-dead')
  const state = stateOf(card, deps.clock())
  if (state !== 'active' && state !== 'spent') throw new PageProblem('not-found')
  return card
}
