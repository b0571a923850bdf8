import type { CounterpartyKind } from '../domain/statement.ts'
import type { Sql } from './database.ts'

/** Entries of an account, by number; none where `last` is below `first`. */
export type EntryRange = { readonly first: bigint; readonly last: bigint }

const OTHER = `
cross join lateral (
  select case when source = e.account_id then target else source end as id
  from transfer where transaction_id = e.transaction_id and leg = e.leg limit 1
) t`

// What the other account of a movement is booked for.
const counterpartyOf = (id: string) => `
cross join lateral (
  select case
    when exists (select from card where account_id = ${id}) then 'card'
    when exists (select from partner_float where wallet_id = ${id}) then 'float'
    when exists (select from brand where revenue_id = ${id}) then 'revenue'
    when exists (select from brand where settlement_id = ${id}) then 'settlement'
    else 'other' end as kind
) k`

/** Sums of movements that are alike. Minor units; negative: out of the account. */
export type MovementSum = {
  readonly kind: string
  readonly counterparty: CounterpartyKind
  /** into the account */
  readonly inward: boolean
  readonly amount: bigint
  readonly count: bigint
}

/** Movements in and out are summed up apart. */
export function sumMovements(sql: Sql, account: bigint, { first, last }: EntryRange): Promise<MovementSum[]> {
  return sql.query<MovementSum>(
    `select g.kind, k.kind as counterparty, g.inward, sum(g.amount)::bigint as amount, sum(g.count)::bigint as count
     from (
       select x.kind, t.id, e.amount > 0 as inward, sum(e.amount) as amount, count(*) as count
       from entry e cross join lateral (select kind from transaction where id = e.transaction_id limit 1) x ${OTHER}
       where e.account_id = $1 and e.seq between $2 and $3 group by 1, 2, 3
     ) g ${counterpartyOf('g.id')}
     group by 1, 2, 3 order by 1, 2, 3`,
    [account, first, last],
  )
}

/** One movement of a statement. Minor units. */
export type Movement = {
  readonly seq: bigint
  readonly at: Date
  /** negative: out of the account */
  readonly amount: bigint
  /** after it */
  readonly balance: bigint
  readonly transaction: string
  readonly kind: string
  /** JSON text */
  readonly payload: string
  readonly counterparty: CounterpartyKind
  /** explicit id of the other account, if it is a wallet */
  readonly counterpartyId: string | null
}

/** In the order of the entries. */
export function listMovements(
  sql: Sql,
  account: bigint,
  { first, last }: EntryRange,
  limit: number,
): Promise<Movement[]> {
  return sql.query<Movement>(
    `select e.seq, e.at, e.amount, e.balance, e.transaction_id as transaction, x.kind, x.payload, k.kind as counterparty,
       w.wallet as "counterpartyId"
     from (select * from entry where account_id = $1 and seq between $2 and $3 order by seq limit $4) e
     cross join lateral (select kind, payload from transaction where id = e.transaction_id limit 1) x ${OTHER} ${counterpartyOf('t.id')}
     left join lateral (
       select namespace || ':' || number || ':' || currency as wallet from wallet where id = t.id limit 1
     ) w on true
     order by e.seq`,
    [account, first, last, limit],
  )
}

/** What a movement was for, as the business knows it. */
export type MovementOrigin = {
  readonly id: string
  readonly protocol: string
  /** the caller's own id or reference */
  readonly requestId: string
  /** slug of the brand, or the merchant's `mer_…` */
  readonly seller: string
}

/** By the ids of the orders and purchases. */
export async function findOrigins(
  sql: Sql,
  { orders, purchases }: { orders: readonly string[]; purchases: readonly string[] },
): Promise<Map<string, MovementOrigin>> {
  const rows = await sql.query<MovementOrigin>(
    `select o.id, o.protocol, o.request_id as "requestId", b.slug as seller
     from gift_order o join brand b on b.id = o.brand_id where o.id = any($1::uuid[])
     union all
     select p.id, 'pledg', p.reference, m.uid from purchase p join merchant m on m.id = p.merchant_id where p.id = any($2::uuid[])`,
    [orders, purchases],
  )
  return new Map(rows.map((row) => [row.id, row]))
}
