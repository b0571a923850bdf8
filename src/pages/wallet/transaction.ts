import { html } from 'hono/html'
import { readTransaction, type StatementLine } from '../../ledger/reads.ts'
import { findHolders } from '../../storage/holders.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { buttonRow, definitionList, linkButton, notice, pageHeading } from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { historyWords as words } from './history-words.ts'
import { requireOwnWallet } from './own-wallet.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { readRemarks, remarksFacts } from './remarks.ts'
import { isUuid } from './uuid.ts'
import { words as common, movementName } from './words.ts'

/** What a person has just done, when it leads here: the page is then its receipt. */
const DONE = { paid: 'donePaid', sent: 'doneSent', redeemed: 'doneRedeemed' } as const
export type Done = keyof typeof DONE

/** The address of a transaction's page, as one of the party's wallets sees it. */
export const receiptPath = (wallet: string, reference: string, done: Done): string =>
  `/wallet/${wallet}/transactions/${reference}?done=${done}`

/** `GET /wallet/:id/transactions/:reference` */
export async function showTransaction(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const wallet = await requireOwnWallet(deps.directory, partyId, c.req.param('id') ?? '')
  const reference = c.req.param('reference') ?? ''
  const [line] = isUuid(reference) ? await readTransaction(deps.db, wallet.id, reference) : []
  if (!line) throw new PageProblem('not-found')
  const done = c.req.query('done') ?? ''
  const what = movementName(language, line.kind, line.amount)
  const body = html`${pageHeading(what, { sub: formatTime(line.at, language) })}
${Object.hasOwn(DONE, done) ? notice('good', words(language, DONE[done as Done])) : ''}
${await receipt(deps, partyId, wallet, line, language)}
${buttonRow(
  linkButton(`/wallet/${wallet.explicitId}`, words(language, 'backToWallet')),
  ...(done === 'sent' ? [linkButton(`/wallet/send?from=${wallet.explicitId}`, words(language, 'sendAgain'))] : []),
)}`
  return sendPage(deps, c, { title: what, place: 'wallets', body })
}

async function receipt(
  { db }: Pick<WalletPagesDeps, 'db'>,
  partyId: string,
  wallet: Wallet,
  line: StatementLine,
  language: Language,
): Promise<Markup> {
  const { asset } = wallet
  const other = line.counterpartyId
  const holder = other === null ? undefined : (await findHolders(db, [other])).get(other)
  const mine = html`${common(language, 'yourWallet')} <code>${wallet.explicitId}</code>`
  const name = holder?.partyId === partyId ? common(language, 'yourWallet') : holder?.name
  const theirs = other ? html`${name ?? ''} <code>${other}</code>` : html`${common(language, 'unknownHolder')}`
  const [from, to] = line.amount < 0n ? [mine, theirs] : [theirs, mine]
  const amount = line.amount < 0n ? -line.amount : line.amount
  const remarks = readRemarks(line.payload)
  return html`<div class="receipt"><p class="figure large">${formatMoney(amount, asset, language)}</p>
${definitionList([
  [common(language, 'from'), from],
  [common(language, 'to'), to],
  ...remarksFacts(remarks, asset, language),
  [words(language, 'after'), formatMoney(line.balance, asset, language)],
  [words(language, 'kindCode'), html`<code>${line.kind}</code>`],
  [common(language, 'reference'), html`<code class="long">${line.reference}</code>`],
])}</div>`
}
