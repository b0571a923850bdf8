import type { Snapshot } from '../../storage/snapshot.ts'
import { millisecondsOf } from '../transaction-rows.ts'
import { type Findings, rowName } from './findings.ts'
import { asObject, differing, millisecondsText, readPayload, sayDiffering } from './told.ts'

const exact = (column: string) => `trunc(${millisecondsOf(column)}::numeric, 3)::float8::text`

const TOKENS = `
select coalesce(k.id, t.id) as id, k.id is null as missing, t.payload, k.endpoint, k.subject, k.audience, k.counterparty, k.amount,
  k.status, k.ends, k.ended_by as "endedBy", ${exact('k.active_at')} as active, ${exact('k.expires_at')} as expires,
  k.issued_at is distinct from t.at or k.ended_at is distinct from e.at or k.ended_at >= k.expires_at as untimely,
  e.kind, e.payload as ending, x.source, x.target, x.amount as moved
from transaction_token k full join (select id, at, payload from transaction where kind = 'transactions') t on t.id = k.id
left join transaction e on e.id = k.ended_by left join transfer x on x.transaction_id = k.ended_by and x.leg = 0`

type TokenRow = {
  id: string
  missing: boolean
  payload: string | null
  endpoint: string
  subject: bigint
  audience: bigint | null
  counterparty: bigint | null
  amount: bigint
  status: number
  ends: number
  endedBy: string | null
  active: string | null
  expires: string
  untimely: boolean | null
  kind: string | null
  ending: string | null
  source: bigint | null
  target: bigint | null
  moved: bigint | null
}

/** Each transaction token says what its transaction says, and was used or revoked as the transaction says that ended it. */
export async function auditTransactionTokens(snapshot: Snapshot, findings: Findings): Promise<void> {
  for (const reader = await snapshot.read<TokenRow>(TOKENS); reader.current; ) {
    const row = reader.current
    const says = row.missing ? ['the token of this transaction does not exist'] : judge(row)
    if (says.length > 0)
      findings.add('transaction-tokens', rowName('transaction_token', { id: row.id }), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
  await auditEndings(snapshot, findings)
}

function judge(row: TokenRow): string[] {
  if (row.payload === null) return ['its transaction does not exist']
  const says: string[] = []
  const terms = asObject(readPayload(row.payload).terms)
  const columns = differing({
    endpoint: [row.endpoint, terms.endpoint],
    subject: [row.subject, terms.subject],
    audience: [row.audience, terms.audience],
    counterparty: [row.counterparty, terms.counterparty],
    amount: [row.amount, terms.amount],
    active_at: [row.active, millisecondsText(terms.active)],
    expires_at: [row.expires, millisecondsText(terms.expiry)],
  })
  sayDiffering(says, columns, 'its transaction')
  if (row.untimely) says.push('its times are not those of its transactions')
  if (row.ends !== (row.status === 0 ? 0 : 1)) says.push('its ends are not those of its status')
  if (row.status === 1 && !isUse(row)) says.push(`transaction ${row.endedBy} does not use it`)
  if (row.status === 2 && (row.kind !== 'transaction-revoked' || readPayload(row.ending).token !== row.id))
    says.push(`transaction ${row.endedBy} does not revoke it`)
  if (row.status === 0 && row.endedBy !== null) says.push('it is open, but says what ended it')
  return says
}

function isUse(row: TokenRow): boolean {
  const [subject, other] = row.endpoint === 'charges' ? [row.source, row.target] : [row.target, row.source]
  return (
    row.kind === row.endpoint &&
    readPayload(row.ending).token === row.id &&
    subject === row.subject &&
    (row.counterparty === null || row.counterparty === other) &&
    row.moved === row.amount
  )
}

// The pattern only finds candidates: what the text says is read by a parser.
const ENDINGS = `
select t.id, t.payload, k.id as token, k.ended_by as "endedBy"
from transaction t cross join lateral regexp_matches(t.payload, '"token":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') as found (id)
join transaction_token k on k.id = found.id[1]::uuid
where t.kind in ('payments', 'charges', 'transaction-revoked') and k.ended_by is distinct from t.id`

/** No transaction claims to have used or revoked a token that says otherwise. */
async function auditEndings(snapshot: Snapshot, findings: Findings): Promise<void> {
  type Row = { id: string; payload: string; token: string; endedBy: string | null }
  for (const reader = await snapshot.read<Row>(ENDINGS); reader.current; ) {
    const { id, payload, token, endedBy } = reader.current
    if (readPayload(payload).token === token) {
      findings.add(
        'transaction-tokens',
        rowName('transaction_token', { id: token }),
        `transaction ${id} ended it, but it names ${endedBy ?? 'none'}`,
      )
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
}
