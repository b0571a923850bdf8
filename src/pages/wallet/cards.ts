import { html } from 'hono/html'
import type { GiftDeps } from '../../operations/gift-cards/gift-deps.ts'
import { type KeptCard, linkContext, listKeptCards } from '../../storage/card-links.ts'
import { dayText, stateOf, TONES } from '../cards/card-facts.ts'
import { cardWords } from '../cards/words.ts'
import { definitionList, emptyState, pageHeading } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Markup } from '../layout.ts'
import { defineMessages, type Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { isUuid } from './uuid.ts'
import { words as common } from './words.ts'

const CARDS = 24

const words = defineMessages({
  en: {
    title: 'Your gift cards',
    empty: 'There is no gift card yet. Open the link of a card and choose “Keep this card”; then it stands here.',
  },
  fr: {
    title: 'Vos cartes cadeaux',
    empty:
      'Pas encore de carte cadeau. Ouvrez le lien d’une carte et choisissez «\u00a0Garder cette carte\u00a0»\u00a0; elle figurera ici.',
  },
})

/** `GET /wallet/cards?before=`: the gift cards that the person keeps, each leading to its page. */
export async function showKeptCards(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const before = c.req.query('before') ?? ''
  const from = isUuid(before) ? before : undefined
  const rows = await listKeptCards(deps.db, { partyId: sessionOf(c).partyId, before: from, limit: CARDS + 1 })
  const cards = rows.slice(0, CARDS)
  const last = rows.length > CARDS ? cards.at(-1)?.id : undefined
  const title = words(language, 'title')
  const list =
    cards.length === 0
      ? emptyState(words(language, 'empty'))
      : html`<ul class="cards">${cards.map((one) => card(deps, one, language))}</ul>`
  const body = html`${pageHeading(title)}${list}
<p class="pager">${from ? html`<a href="/wallet/cards">${common(language, 'newest')}</a>` : ''}
${last ? html`<a href="/wallet/cards?before=${last}">${common(language, 'older')}</a>` : ''}</p>`
  return sendPage(deps, c, { title, place: 'cards', body })
}

function card(deps: WalletPagesDeps & Pick<GiftDeps, 'keyring'>, kept: KeptCard, language: Language): Markup {
  const link = deps.keyring.open(kept.sealed_link, linkContext(kept.id, kept.link_version))
  const state = stateOf(kept, deps.clock())
  const money = (minor: bigint) => formatMoney(minor, { code: kept.currency, exponent: kept.exponent }, language)
  return html`<li class="card">
<div class="card-head"><h2><a href="/cards/${link}">${kept.brand_name}</a></h2><span class="status ${TONES[state]}">${cardWords(language, `state:${state}`)}</span></div>
<p class="id">•••• ${kept.tail}</p>
<p class="figure">${money(kept.balance ?? kept.face)}</p>
${definitionList([
  [
    cardWords(language, 'valid'),
    kept.expires_at === null ? cardWords(language, 'endless') : dayText(kept.expires_at, language),
  ],
])}
</li>`
}
