import { html } from 'hono/html'
import { listTransactionTokens, type TransactionTokenView } from '../../operations/list-transaction-tokens.ts'
import { findHolders, type Holder } from '../../storage/holders.ts'
import { buttonRow, emptyState, linkButton, pageHeading, table } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { handoverWords as words } from './handover-words.ts'
import { queryText } from './history-query.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { stateMark } from './state-mark.ts'
import { isUuid } from './uuid.ts'

const PAGE = 25

/** `GET /wallet/handovers?before=`: what the person has handed over, newest first. */
export async function showHandovers(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const asked = c.req.query('before') ?? ''
  const before = isUuid(asked) ? { before: asked } : {}
  const rows = await listTransactionTokens(deps.db, sessionOf(c).partyId, { ...before, limit: PAGE + 1 })
  const page = rows.slice(0, PAGE)
  const next = rows.length > PAGE ? page.at(-1)?.id : undefined
  const holders = await findHolders(deps.db, [...new Set(page.flatMap(({ audience }) => audience ?? []))])
  const title = words(language, 'title')
  const make = linkButton('/wallet/handovers/new', words(language, 'make'), 'primary')
  const actions = buttonRow(make, linkButton('/wallet/redeem', words(language, 'redeem')))
  const first = asked === ''
  const body = html`${pageHeading(title, { sub: words(language, 'sub'), actions })}
${
  page.length === 0 && first
    ? emptyState(words(language, 'none'), linkButton('/wallet/handovers/new', words(language, 'make')))
    : handoverTable(title, page, holders, language)
}
<p class="pager">${first ? '' : html`<a href="/wallet/handovers">${words(language, 'newest')}</a>`}
${next ? html`<a rel="next" href="/wallet/handovers${queryText([['before', next]])}">${words(language, 'older')}</a>` : ''}</p>`
  return sendPage(deps, c, { title, place: 'handovers', body })
}

function handoverTable(
  caption: string,
  page: readonly TransactionTokenView[],
  holders: ReadonlyMap<string, Holder>,
  language: Language,
): Markup {
  return table(
    caption,
    [
      {
        label: words(language, 'what'),
        cell: ({ id, description, ...token }) =>
          html`<a href="/wallet/handovers/${id}">${handoverName(token, holders, language)}</a>${
            description ? html`<span class="under">${description}</span>` : ''
          }`,
      },
      {
        label: words(language, 'amount'),
        numeric: true,
        cell: ({ amount, asset }) => formatMoney(amount, asset, language),
      },
      {
        label: words(language, 'state'),
        cell: ({ status }) => stateMark(status, words(language, `state:${status}`)),
      },
      { label: words(language, 'until'), cell: ({ expiresAt }) => formatTime(expiresAt, language) },
    ],
    page,
  )
}

/** What was handed over to whom, in a few words. */
export function handoverName(
  { endpoint, audience }: Pick<TransactionTokenView, 'endpoint' | 'audience'>,
  holders: ReadonlyMap<string, Holder>,
  language: Language,
): string {
  const how = endpoint === 'charges' ? 'gives' : 'asks'
  if (audience === null) return words(language, `${how}:anyone`)
  return words(language, `${how}:named`, { name: holders.get(audience)?.name ?? audience })
}
