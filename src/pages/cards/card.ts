import { hashSecret } from '../../credentials/secrets.ts'
import { claimCard, giveCard } from '../../operations/gift-cards/move-card.ts'
import { openCard, type Told } from '../../operations/gift-cards/open-card.ts'
import { findCardByLink, type LinkedCard } from '../../storage/card-links.ts'
import { readForm } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { barcodeSvg } from './barcode.ts'
import { stateOf } from './card-facts.ts'
import { cardPage } from './card-view.ts'
import type { CardPagesDeps } from './deps.ts'
import { cardPdf } from './pdf.ts'

const LINK = /^[A-Za-z0-9_-]{32}$/

type Opened = { card: LinkedCard; link: string }

/**
 * The card of an address. One that somebody keeps is open to that person alone.
 * @throws {PageProblem} also for a link that was followed by another one
 */
async function requireLinked(deps: CardPagesDeps, c: PageContext, link: string): Promise<Opened | Response> {
  const card = LINK.test(link) ? await findCardByLink(deps.db, hashSecret(link)) : undefined
  if (!card) throw new PageProblem('not-found')
  if (card.version !== card.link_version) throw new PageProblem('link-dead')
  if (card.wallet_party_id === null) return { card, link }
  const session = c.get('session')
  if (!session) return c.redirect(`/sign-in?next=${encodeURIComponent(`/cards/${link}`)}`, 303)
  if (session.partyId !== card.wallet_party_id) throw new PageProblem('not-found')
  return { card, link }
}

const linkOf = (c: PageContext) => c.req.param('link') ?? ''

/** Who looks, for the card's history: a person, or whoever has the link. */
const principalOf = (c: PageContext): string => {
  const session = c.get('session')
  return session ? `person:${session.partyId}` : 'link'
}

const tell = (deps: CardPagesDeps, c: PageContext, card: LinkedCard, what: Told) =>
  openCard(deps.gift, card, { what, principal: principalOf(c) })

/** `GET /cards/:link` */
export async function showCard(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const opened = await requireLinked(deps, c, linkOf(c))
  if (opened instanceof Response) return opened
  const done = c.req.query('done')
  return cardPage(deps, c, { ...opened, done: done === 'claimed' || done === 'given' ? done : undefined })
}

/** `POST /cards/:link/show`: code, or code and PIN, in the answer itself: they stand in no address and nothing keeps the page. */
export async function revealOnPage(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const form = await readForm(c)
  const opened = await requireLinked(deps, c, linkOf(c))
  if (opened instanceof Response) return opened
  const what = form.get('what') === 'pin' ? 'pin-shown' : 'code-shown'
  const secrets = await tell(deps, c, opened.card, what)
  return cardPage(deps, c, {
    ...opened,
    secrets: what === 'pin-shown' ? secrets : { ...secrets, pin: secrets.pin && '' },
  })
}

/** `GET /cards/:link/barcode.svg`: for the page's own picture. It holds the code, so each look is written down, too. */
export async function showBarcode(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const opened = await requireLinked(deps, c, linkOf(c))
  if (opened instanceof Response) return opened
  const { card } = opened
  if (!isUsable(deps, card) || card.barcode === 'none') throw new PageProblem('not-found')
  const { code } = await tell(deps, c, card, 'barcode-shown')
  const svg = await barcodeSvg(card.barcode, code)
  if (svg === null) throw new PageProblem('not-found')
  return c.body(svg, 200, { 'content-type': 'image/svg+xml' })
}

/** `GET /cards/:link.pdf` */
export async function downloadCard(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const opened = await requireLinked(deps, c, (c.req.param('file') ?? '').replace(/\.pdf$/, ''))
  if (opened instanceof Response) return opened
  const { card } = opened
  if (!isUsable(deps, card)) throw new PageProblem('not-found')
  const secrets = await tell(deps, c, card, 'pdf-made')
  const pdf = await cardPdf(card, secrets, c.get('language'))
  return c.body(new Uint8Array(pdf), 200, {
    'content-type': 'application/pdf',
    'content-disposition': 'inline; filename="gift-card.pdf"',
  })
}

function isUsable({ clock }: CardPagesDeps, card: LinkedCard): boolean {
  const state = stateOf(card, clock())
  return state === 'active' || state === 'spent'
}

/** `POST /cards/:link/claim` and `/give`: the card goes on under a new link, to which the answer leads. */
export const moveOnPage =
  (what: 'claim' | 'give') =>
  async (deps: CardPagesDeps, c: PageContext): Promise<Response> => {
    await readForm(c)
    const { partyId } = sessionOf(c)
    const opened = await requireLinked(deps, c, linkOf(c))
    if (opened instanceof Response) return opened
    const moved = await (what === 'claim' ? claimCard : giveCard)(deps.gift, opened.card, partyId)
    if (moved === null) return cardPage(deps, c, { ...opened, failed: true })
    return c.redirect(`/cards/${moved}?done=${what === 'claim' ? 'claimed' : 'given'}`, 303)
  }
