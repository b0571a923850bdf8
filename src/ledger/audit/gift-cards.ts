import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'
import { differing, readPayload, sayDiffering } from './told.ts'

// Each query gives the rows that are not as they must be, with what is wrong with them.

/** What may be wrong, in the words of the finding; `condition` is SQL and true or null when it is. */
type Rule = { readonly condition: string; readonly says: string }

const differs = (a: string, b: string) => `${a} is distinct from ${b}`

/** A row that was written with one transaction, of whose kind there is no other without such a row. */
type Told = {
  table: string
  id: string
  from: string
  rules: readonly Rule[]
  /** member of the transaction's payload, and the column that it tells */
  payload?: Readonly<Record<string, string>>
}

const CARDS: Told = {
  table: 'card',
  id: 'c.id',
  from: `card c left join account a on a.id = c.account_id left join card_end e on e.card_id = c.id
    left join entry f on f.account_id = c.account_id and f.seq = 1`,
  rules: [
    { condition: 'c.account_id is not null and a.id is null', says: 'its account does not exist' },
    { condition: 'a.id is not null and a.asset_id <> c.asset_id', says: 'its account is in another asset' },
    { condition: `a.id is not null and ${differs('f.amount', 'c.face')}`, says: 'it was not issued with its value' },
    { condition: `(c.status = 'ended') <> (e.card_id is not null)`, says: 'its status and its end do not agree' },
    { condition: `c.status = 'ended' and a.balance <> 0`, says: 'it has ended, and there is money in its account' },
    {
      condition: `a.id is not null and (case c.status when 'ended' then 2 when 'blocked' then 1 else 0 end) <> a.status`,
      says: 'its status is not that of its account',
    },
  ],
}

const ENDS: Told = {
  table: 'card_end',
  id: 'e.card_id',
  from: `card_end e left join card c on c.id = e.card_id left join brand b on b.id = c.brand_id
    left join transaction t on t.id = e.transaction_id
    left join lateral (
      select sum(x.amount) as moved, bool_and(x.target = b.breakage_id) as kept
      from transfer x where x.transaction_id = e.transaction_id and x.source = c.account_id
    ) m on true
    left join account_change h on h.account_id = c.account_id and h.transaction_id = e.transaction_id and h.status = 2`,
  rules: [
    { condition: 'c.id is null', says: 'its card does not exist' },
    { condition: `${differs('t.at', 'e.at')}`, says: 'its transaction does not exist, or was at another moment' },
    {
      condition: 'c.account_id is not null and coalesce(m.moved, 0) <> e.amount',
      says: 'its amount is not what its transaction took from the card',
    },
    {
      condition: 'c.account_id is not null and h.account_id is null',
      says: 'its transaction does not close the account',
    },
    {
      condition: `(e.how = 'expired') <> (t.kind = 'card-expiry') or (e.how = 'expired' and not m.kept)`,
      says: 'its transaction does not end it so',
    },
  ],
}

/** What a movement's row has in common with its transaction. @param sides source and target of its transfer */
const movement = (row: string, [source, target]: readonly [string, string]): Rule[] => [
  { condition: `${row}.id is null`, says: 'what this transaction did to a card does not exist' },
  { condition: `${row}.id is not null and t.id is null`, says: 'its transaction does not exist' },
  {
    condition: `${differs(`${row}.at`, 't.at')} or ${differs(`${row}.principal`, 't.principal')}`,
    says: 'its moment or who asked is not what its transaction says',
  },
  {
    condition: `${differs('x.source', source)} or ${differs('x.target', target)} or ${differs('x.amount', `${row}.amount`)}`,
    says: 'its transaction does not move this',
  },
  { condition: differs('n.balance', `${row}.balance`), says: 'it left another balance on the card' },
]

/** @param row alias of the table @param card expression for the card's id */
const movementFrom = (table: string, row: string, kind: string, joins: string) => `
  ${table} ${row} full join (select * from transaction where kind = '${kind}') t on t.id = ${row}.id ${joins}
  left join card c on c.id = ${row === 'f' ? 'r' : row}.card_id
  left join transfer x on x.transaction_id = coalesce(${row}.id, t.id) and x.leg = 0
  left join entry n on n.account_id = c.account_id and n.transaction_id = ${row}.id and n.leg = 0
  left join wallet w on w.id = ${row === 'f' ? 'r' : row}.wallet_id`

const REDEMPTIONS: Told = {
  table: 'card_redemption',
  id: 'coalesce(r.id, t.id)',
  from: `${movementFrom('card_redemption', 'r', 'card-redemption', '')}
    left join (select redemption_id, sum(amount) as refunded from card_refund group by 1) s on s.redemption_id = r.id
    left join hold h on h.id = r.hold_id left join card_hold k on k.id = r.hold_id`,
  rules: [
    ...movement('r', ['c.account_id', 'r.wallet_id']),
    { condition: differs('w.party_id', 'r.party_id'), says: 'its wallet is not its party’s' },
    { condition: 'r.refunded <> coalesce(s.refunded, 0)', says: 'what was given back is not the sum of its refunds' },
    {
      condition: `r.hold_id is not null and (${differs('h.closed_by', 'r.id')} or ${differs('h.captured', 'r.amount')}
        or ${differs('k.card_id', 'r.card_id')})`,
      says: 'it does not capture its hold',
    },
    {
      condition: `r.hold_id is null and exists (select from hold o where o.closed_by = r.id)`,
      says: 'it captured a hold that it does not name',
    },
  ],
  payload: { card: 'r.card_id', description: 'r.note' },
}

const REFUNDS: Told = {
  table: 'card_refund',
  id: 'coalesce(f.id, t.id)',
  from: movementFrom('card_refund', 'f', 'card-refund', 'left join card_redemption r on r.id = f.redemption_id'),
  rules: movement('f', ['r.wallet_id', 'c.account_id']),
  payload: { transaction: 'f.redemption_id' },
}

const TOP_UPS: Told = {
  table: 'card_top_up',
  id: 'coalesce(u.id, t.id)',
  from: movementFrom('card_top_up', 'u', 'card-top-up', ''),
  rules: [
    ...movement('u', ['u.wallet_id', 'c.account_id']),
    { condition: differs('w.party_id', 'u.party_id'), says: 'its wallet is not its party’s' },
  ],
  payload: { card: 'u.card_id' },
}

const HOLDS: Told = {
  table: 'card_hold',
  id: 'coalesce(k.id, t.id)',
  from: `card_hold k full join (select * from transaction where kind = 'card-hold') t on t.id = k.transaction_id
    left join card c on c.id = k.card_id left join hold h on h.id = k.id left join wallet w on w.id = k.wallet_id`,
  rules: [
    { condition: 'k.id is null', says: 'what this transaction held of a card does not exist' },
    {
      condition: `k.id is not null and (${differs('t.at', 'k.at')} or ${differs('t.principal', 'k.principal')}
        or ${differs('h.opened_by', 'k.transaction_id')})`,
      says: 'its transaction does not open it',
    },
    {
      condition: `${differs('h.source', 'c.account_id')} or ${differs('h.target', 'k.wallet_id')}
        or ${differs('h.amount', 'k.amount')} or ${differs('h.expires_at', 'k.expires_at')}`,
      says: 'the ledger holds something else',
    },
    { condition: differs('w.party_id', 'k.party_id'), says: 'its wallet is not its party’s' },
  ],
  payload: { card: 'k.card_id', description: 'k.note' },
}

/** The account of a card that is in no card's row any more: what is owed to its holder would be in no report. */
const ORPHANS: Told = {
  table: 'account',
  id: 'a.id',
  from: `account a join account_change h on h.account_id = a.id and h.version = 1
    join transaction t on t.id = h.transaction_id and t.kind like 'gift-card%'
    left join card c on c.account_id = a.id left join wallet w on w.id = a.id`,
  rules: [{ condition: 'c.id is null and w.id is null', says: 'it was opened for a card that does not exist' }],
}

/**
 * Every card of ours has its account with its value in it; what was held, spent, given back and topped up is what the ledger
 * moved, and the other way round; and each card that ended did so by a transaction that emptied and closed its account. So the
 * balances of the cards that live are all that is owed to holders, and the breakage accounts got what expired.
 */
export async function auditGiftCards(snapshot: Snapshot, findings: Findings): Promise<void> {
  for (const told of [CARDS, ENDS, ORPHANS]) await judgeRows(snapshot, findings, told)
  for (const told of [HOLDS, REDEMPTIONS, REFUNDS, TOP_UPS]) await readRows(snapshot, findings, told)
}

async function judgeRows(snapshot: Snapshot, findings: Findings, told: Told): Promise<void> {
  const rows = await snapshot.query<{ id: string; says: string; total: bigint }>(
    `select *, count(*) over () as total from (${queryOf(told)}) as judged where says <> '' order by id limit ${LISTED}`,
  )
  const key = told.table === 'card_end' ? 'card_id' : 'id'
  for (const { id, says } of rows) findings.add('gift-cards', rowName(told.table, { [key]: id }), says)
  countRest(findings, 'gift-cards', rows)
}

/** Row by row: what a payload says is read by our parser, since one that somebody changed need not be JSON any more. */
async function readRows(snapshot: Snapshot, findings: Findings, told: Told): Promise<void> {
  const members = Object.entries(told.payload ?? {})
  type Row = { id: string; says: string; payload: string | null } & Record<string, unknown>
  for (const reader = await snapshot.read<Row>(queryOf(told)); reader.current; ) {
    const row = reader.current
    const says = row.says === '' ? [] : [row.says]
    const payload = readPayload(row.payload)
    const pairs = members.map(([name], i) => [name, [row[`column${i}`], payload[name]] as const] as const)
    sayDiffering(says, differing(Object.fromEntries(pairs)), 'its transaction')
    if (says.length > 0) findings.add('gift-cards', rowName(told.table, { id: row.id }), says.join('; '))
    const fetching = reader.next()
    if (fetching) await fetching
  }
}

function queryOf({ id, from, rules, payload }: Told): string {
  const cases = rules.map(({ condition, says }) => `case when ${condition} then '${says.replaceAll("'", "''")}' end`)
  const columns = Object.values(payload ?? {}).map((column, i) => `${column} as column${i}`)
  const extra = payload ? `, t.payload, ${columns.join(', ')}` : ''
  return `select ${id} as id, concat_ws('; ', ${cases.join(', ')}) as says${extra} from ${from}`
}
