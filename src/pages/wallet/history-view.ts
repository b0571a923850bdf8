import { html } from 'hono/html'
import { type HistoryLine, type HistoryPage, SCAN } from '../../ledger/history-search.ts'
import { button, field, select } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type HistoryQuery, queryText, type SearchField } from './history-query.ts'
import { historyWords as words } from './history-words.ts'
import { readRemarks } from './remarks.ts'
import { words as common, KINDS, kindName, movementName } from './words.ts'

type View = {
  wallet: { explicitId: string; asset: { code: string; exponent: number } }
  query: HistoryQuery
  /** null: the query has problems, and nothing was looked for */
  page: HistoryPage | null
  /** the page begins before this entry */
  before: bigint | undefined
  /** fields of the address that belong to other parts of the page */
  keep: readonly (readonly [string, string | undefined])[]
  language: Language
}

/** The search form and one page of what it found. */
export function historyView(view: View): Markup {
  const { query, page, before, language } = view
  const title = words(language, 'history')
  return html`<section class="history" aria-labelledby="history"><h2 id="history">${title}</h2>
${page && page.lines.length === 0 && query.written.size === 0 && before === undefined ? '' : searchForm(view)}
${page ? lines(view, page) : ''}
</section>`
}

function searchForm({ query, keep, language, wallet }: View): Markup {
  const { written, problems } = query
  const about = (name: SearchField) => {
    const problem = problems.get(name)
    return {
      name,
      required: false,
      value: written.get(name),
      error: problem && words(language, problem),
      autocomplete: 'off',
    }
  }
  const all = { value: '', label: common(language, 'all') }
  const kinds = KINDS.map((kind) => ({ value: kind, label: kindName(language, kind) }))
  const directions = (['in', 'out'] as const).map((value) => ({ value, label: words(language, value) }))
  const amount = { inputmode: 'decimal', maxlength: 30 } as const
  const narrow = [...written.keys()].some((name) => name !== 'q')
  const path = `/wallet/${wallet.explicitId}`
  return html`<form class="search" role="search" method="get" action="${path}#history" aria-label="${words(language, 'search')}">
${keep.map(([name, value]) => (value ? html`<input type="hidden" name="${name}" value="${value}">` : ''))}
<div class="search-line">
${field({ ...about('q'), label: words(language, 'text'), hint: words(language, 'textHint'), type: 'search', maxlength: 200 })}
${button({ label: words(language, 'find') })}</div>
<details${narrow ? html` open` : ''}><summary>${words(language, 'narrow')}</summary>
<div class="grid">
${select({ ...about('kind'), label: words(language, 'kind'), choices: [all, ...kinds] })}
${select({ ...about('direction'), label: words(language, 'direction'), choices: [all, ...directions] })}
${field({ ...about('least'), label: words(language, 'least'), ...amount })}
${field({ ...about('most'), label: words(language, 'most'), ...amount })}
${field({ ...about('from'), label: words(language, 'from'), type: 'date' })}
${field({ ...about('until'), label: words(language, 'until'), type: 'date', hint: words(language, 'daysHint') })}
</div>
<div class="buttons"><button class="quiet" formaction="${path}/history.csv" aria-describedby="csv-hint">${words(language, 'download')}</button>
<p class="hint" id="csv-hint">${words(language, 'downloadHint', { most: CSV_LINES.toLocaleString(language) })}</p></div>
</details></form>
${written.size > 0 ? html`<p><a href="${path}${queryText(keep)}#history">${words(language, 'clear')}</a></p>` : ''}`
}

/** The most that one downloaded file holds. */
export const CSV_LINES = 100_000

function lines(view: View, { lines: found, next, searchedTo }: HistoryPage): Markup {
  const { wallet, query, before, keep, language } = view
  const address = (entry: bigint | undefined) =>
    `/wallet/${wallet.explicitId}${queryText([...keep, ...query.written, ['before', entry?.toString()]])}#history`
  const empty =
    query.written.size === 0 && before === undefined
      ? words(language, 'nobody')
      : words(language, searchedTo ? 'nothingHere' : 'nothing')
  return html`${
    found.length === 0
      ? html`<p class="empty">${empty}</p>`
      : html`<ol class="lines">${found.map((line) => lineItem(wallet, line, language))}</ol>`
  }
${
  searchedTo
    ? html`<p class="hint" role="status">${words(language, 'searchedTo', { scan: SCAN.toLocaleString(language) })} ${formatTime(searchedTo, language)}</p>`
    : ''
}
<p class="pager">${before === undefined ? '' : html`<a href="${address(undefined)}">${common(language, 'newest')}</a>`}
${next === null ? '' : html`<a rel="next" href="${address(next)}">${searchedTo ? words(language, 'further') : common(language, 'older')}</a>`}</p>`
}

function lineItem(wallet: View['wallet'], line: HistoryLine, language: Language): Markup {
  const { description } = readRemarks(line.payload)
  const money = (minor: bigint) => formatMoney(minor, wallet.asset, language)
  return html`<li>
<a class="line" href="/wallet/${wallet.explicitId}/transactions/${line.reference}">
<span class="line-what"><strong>${movementName(language, line.kind, line.amount)}</strong>
<span class="line-with">${line.counterpartyName ?? line.counterpartyId ?? common(language, 'unknownHolder')}${description ? html` · ${description}` : ''}</span></span>
<span class="line-when">${formatTime(line.at, language)}</span>
<span class="line-amount ${line.amount < 0n ? 'out' : 'in'}">${signed(line.amount, money)}</span>
<span class="line-after"><span class="line-label">${words(language, 'after')}</span> ${money(line.balance)}</span>
</a></li>`
}

/** The sign stands before everything else, in every language, so that in and out can be told apart at a glance. */
const signed = (amount: bigint, money: (minor: bigint) => string) =>
  amount < 0n ? `\u2212${money(-amount)}` : `+${money(amount)}`
