import type { Exporter } from '../export.ts'
import { explicitIdOf, millisecondsOf } from '../transaction-rows.ts'
import { assetOf, decimal, descriptionOf, readAssets, timestamp } from './text.ts'

const ENTRIES = `
select e.account_id as account, ${explicitIdOf('w')} as wallet, e.seq, ${millisecondsOf('e.at')} as at, e.amount, e.balance,
  x.asset_id as "assetId", e.transaction_id as reference, e.leg, t.kind, t.principal, t.payload,
  case when x.source = e.account_id then x.target else x.source end as counterparty, ${explicitIdOf('c')} as "counterpartyWallet"
from entry e
join transfer x on x.transaction_id = e.transaction_id and x.leg = e.leg
join transaction t on t.id = e.transaction_id
left join wallet w on w.id = e.account_id
left join wallet c on c.id = case when x.source = e.account_id then x.target else x.source end
order by e.account_id, e.seq`

type EntryRow = {
  account: bigint
  wallet: string | null
  seq: bigint
  at: string
  amount: bigint
  balance: bigint
  assetId: number
  reference: string
  leg: number
  kind: string
  principal: string
  payload: string
  counterparty: bigint
  counterpartyWallet: string | null
}

const HEADER =
  'account,wallet,number,at,amount,balance,currency,circle,reference,leg,kind,principal,counterparty,counterparty_wallet,description'

/** RFC 4180, UTF-8: one line for each entry, account by account. Amounts are in the currency's main unit. */
export const exportCsv: Exporter = async (snapshot, write, row) => {
  const assets = await readAssets(snapshot)
  await write(`${HEADER}\r\n`)
  for (const reader = await snapshot.read<EntryRow>(ENTRIES); reader.current; ) {
    const entry = reader.current
    const { code, circle } = assetOf(assets, entry.assetId)
    row()
    const fields = [
      String(entry.account),
      csvText(entry.wallet ?? ''),
      String(entry.seq),
      timestamp(Number(entry.at)),
      decimal(assets, entry.assetId, entry.amount),
      decimal(assets, entry.assetId, entry.balance),
      csvText(code),
      csvText(circle),
      entry.reference,
      String(entry.leg),
      csvText(entry.kind),
      csvText(entry.principal),
      String(entry.counterparty),
      csvText(entry.counterpartyWallet ?? ''),
      csvText(descriptionOf(entry.payload)),
    ]
    const writing = write(`${fields.join()}\r\n`)
    if (writing) await writing
    const fetching = reader.next()
    if (fetching) await fetching
  }
}

// Where semicolons or tabs separate cells, as in much of Europe, a quote in the middle of a line means nothing, so that a cell may
// begin behind any of these. Full-width signs count where those are typed.
const BEFORE_A_FORMULA = /^(?=[\t\r\n])|(?<=^|[;\t\r\n])(?=[^\S;\t\r\n]*[=+\-@＝＋－＠])/g

/**
 * A text that came from outside. Spreadsheets run what begins like a formula, so there an apostrophe goes in front (OWASP, "CSV
 * Injection"); the columns of our own numbers and times hold nothing that could run.
 */
export function csvText(text: string): string {
  const safe = text.replace(BEFORE_A_FORMULA, "'")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
