import type { Snapshot } from '../../storage/snapshot.ts'
import { millisecondsOf } from '../transaction-rows.ts'
import { type Findings, rowName } from './findings.ts'
import { asObject, differing, millisecondsText, readPayload, sayDiffering } from './told.ts'

const INVOICES = `
select coalesce(i.id, t.id) as id, i.id is null as missing, t.payload, i.issuer, i.debtor, i.amount, i.status, i.settlements,
  i.settled_by as "settledBy", trunc(${millisecondsOf('i.expires_at')}::numeric, 3)::float8::text as expires,
  i.created_at is distinct from t.at or i.settled_at is distinct from s.at or i.settled_at >= i.expires_at as untimely,
  s.kind, s.payload as settling, x.source, x.target, x.amount as moved
from invoice i full join (select id, at, payload from transaction where kind = 'invoices') t on t.id = i.id
left join transaction s on s.id = i.settled_by left join transfer x on x.transaction_id = i.settled_by and x.leg = 0`

type InvoiceRow = {
  id: string
  missing: boolean
  payload: string | null
  issuer: bigint
  debtor: bigint
  amount: bigint
  status: number
  settlements: number
  settledBy: string | null
  expires: string | null
  untimely: boolean | null
  kind: string | null
  settling: string | null
  source: bigint | null
  target: bigint | null
  moved: bigint | null
}

const ENDINGS = ['invoice-declined', 'invoice-cancelled']

/** Each invoice says what its transaction says, and ended as the transaction says that ended it. */
export async function auditInvoices(snapshot: Snapshot, findings: Findings): Promise<void> {
  for (const reader = await snapshot.read<InvoiceRow>(INVOICES); reader.current; ) {
    const row = reader.current
    const says = row.missing ? ['the invoice of this transaction does not exist'] : judge(row)
    if (says.length > 0) findings.add('invoices', rowName('invoice', { id: row.id }), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
  await auditSettlements(snapshot, findings)
}

function judge(row: InvoiceRow): string[] {
  if (row.payload === null) return ['its transaction does not exist']
  const says: string[] = []
  const { issuer, debtor, amount, expiry } = asObject(readPayload(row.payload).terms)
  const columns = differing({
    issuer: [row.issuer, issuer],
    debtor: [row.debtor, debtor],
    amount: [row.amount, amount],
    expires_at: [row.expires, millisecondsText(expiry)],
  })
  sayDiffering(says, columns, 'its transaction')
  if (row.untimely) says.push('its times are not those of its transactions')
  if (row.settlements !== (row.status === 0 ? 0 : 1)) says.push('its settlements are not those of its status')
  if (row.status === 1 && !isPayment(row)) says.push(`transaction ${row.settledBy} does not pay it`)
  if (row.status > 1) {
    const ended = row.kind === ENDINGS[row.status - 2] && readPayload(row.settling).invoice === row.id
    if (!ended) says.push(`transaction ${row.settledBy} does not end it so`)
  }
  if (row.status === 0 && row.settledBy !== null) says.push('it is open, but says what settled it')
  return says
}

const isPayment = (row: InvoiceRow): boolean =>
  (row.kind === 'payments' || row.kind === 'charges') &&
  asObject(readPayload(row.settling).metadata).invoice === row.id &&
  row.source === row.debtor &&
  row.target === row.issuer &&
  row.moved === row.amount

// The pattern only finds candidates: what the text says is read by a parser.
const SETTLEMENTS = `
select t.id, t.kind, t.payload, i.id as invoice, i.settled_by as "settledBy"
from transaction t cross join lateral regexp_matches(t.payload, '"invoice":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') as found (id)
join invoice i on i.id = found.id[1]::uuid
where t.kind in ('payments', 'charges', 'invoice-declined', 'invoice-cancelled') and i.settled_by is distinct from t.id`

/** No transaction claims to have settled an invoice that says otherwise. */
async function auditSettlements(snapshot: Snapshot, findings: Findings): Promise<void> {
  type Row = { id: string; kind: string; payload: string; invoice: string; settledBy: string | null }
  for (const reader = await snapshot.read<Row>(SETTLEMENTS); reader.current; ) {
    const { id, kind, payload, invoice, settledBy } = reader.current
    const told = readPayload(payload)
    const named = ENDINGS.includes(kind) ? told.invoice : asObject(told.metadata).invoice
    if (named === invoice) {
      findings.add(
        'invoices',
        rowName('invoice', { id: invoice }),
        `transaction ${id} settled it, but it names ${settledBy ?? 'none'}`,
      )
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
}
