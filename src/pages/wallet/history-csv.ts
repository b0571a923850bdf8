import { html } from 'hono/html'
import { formatAmount } from '../../domain/money.ts'
import { csvText } from '../../ledger/export/csv.ts'
import { type HistoryLine, readEntryRange, searchHistory } from '../../ledger/history-search.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { notice, pageHeading } from '../components.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { queryText, readHistoryQuery } from './history-query.ts'
import { CSV_LINES } from './history-view.ts'
import { historyWords as words } from './history-words.ts'
import { requireOwnWallet } from './own-wallet.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { readRemarks } from './remarks.ts'

const BLOCK = 1000
const HEADER = 'number,at,kind,amount,currency,balance,counterparty,counterparty_name,reference,description\r\n'

/**
 * `GET /wallet/:id/history.csv?from=&until=`: the days' entries, newest first, as RFC 4180. Written block by block, each a range of
 * entry numbers, so that neither memory nor a transaction grows with it; the numbers tell beforehand how long it will be.
 */
export async function downloadHistory(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const wallet = await requireOwnWallet(deps.directory, sessionOf(c).partyId, c.req.param('id') ?? '')
  const asked = new URL(c.req.url).searchParams
  const { filter, problems, written } = readHistoryQuery(asked, wallet.asset.exponent, language)
  const back = `/wallet/${wallet.explicitId}${queryText([...written, ['range', asked.get('range') ?? undefined]])}`
  // The form is where its problems are shown.
  if (problems.size > 0) return c.redirect(`${back}#history`, 303)
  const days = { ...(filter.from && { from: filter.from }), ...(filter.until && { until: filter.until }) }
  const { first, last } = await readEntryRange(deps.db, wallet.id, days)
  const count = last - first + 1n
  if (count > BigInt(CSV_LINES)) {
    const text = words(language, 'downloadTooLong', {
      count: count.toLocaleString(language),
      most: CSV_LINES.toLocaleString(language),
    })
    const title = words(language, 'download')
    const body = html`${pageHeading(title)}${notice('bad', html`${text} <a href="${back}">${words(language, 'backToWallet')}</a>`)}`
    return sendPage(deps, c, { title, place: 'wallets', body, status: 422 })
  }
  c.header('content-type', 'text/csv; charset=utf-8; header=present')
  c.header('content-disposition', `attachment; filename="${fileName(wallet, written)}"`)
  return c.body(csvStream(deps, wallet, { days, last }))
}

function csvStream(
  { db }: Pick<WalletPagesDeps, 'db'>,
  wallet: Wallet,
  { days, last }: { days: { from?: Date; until?: Date }; last: bigint },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let before: bigint | null = last + 1n
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(HEADER)),
    async pull(controller) {
      if (before === null) return controller.close()
      const page = await searchHistory(db, wallet.id, { before, limit: BLOCK, filter: days })
      before = page.next
      if (page.lines.length === 0) return controller.close()
      controller.enqueue(encoder.encode(page.lines.map((line) => csvLine(wallet, line)).join('')))
    },
  })
}

/** Amounts as exact decimals, times in UTC: for programs, so the same in every language. */
function csvLine({ asset }: Wallet, line: HistoryLine): string {
  const fields = [
    String(line.seq),
    line.at.toISOString(),
    csvText(line.kind),
    formatAmount(line.amount, asset.exponent),
    csvText(asset.code),
    formatAmount(line.balance, asset.exponent),
    csvText(line.counterpartyId ?? ''),
    csvText(line.counterpartyName ?? ''),
    line.reference,
    csvText(readRemarks(line.payload).description ?? ''),
  ]
  return `${fields.join()}\r\n`
}

/** Of characters that no header or file system minds. */
function fileName(wallet: Wallet, written: ReadonlyMap<string, string>): string {
  const days = [written.get('from'), written.get('until')].filter((day) => day !== undefined)
  return [wallet.explicitId.replaceAll(':', '-'), ...days].join('_').concat('.csv')
}
