import type { Sql } from '../storage/database.ts'
import { ACCOUNT_STATUS } from './lines.ts'

/** Amounts in minor units of the account's asset. */
export type AccountBalance = {
  readonly balance: bigint
  readonly held: bigint
  readonly lower: bigint | null
  readonly upper: bigint | null
  readonly entries: bigint
  readonly status: keyof typeof ACCOUNT_STATUS
}

const STATUSES = Object.keys(ACCOUNT_STATUS) as (keyof typeof ACCOUNT_STATUS)[]

/** One row read, whatever the account's history. */
export async function readBalance(sql: Sql, account: bigint): Promise<AccountBalance | undefined> {
  const rows = await sql.query<Omit<AccountBalance, 'status'> & { status: number }>(
    'select balance, held, lower, upper, entries, status from account where id = $1',
    [account],
  )
  return rows[0] && { ...rows[0], status: STATUSES[rows[0].status] as keyof typeof ACCOUNT_STATUS }
}

/**
 * The balance after the last entry at or before a moment: entries' times never go backwards within an account, so a search by
 * halves over the entry numbers finds it in at most 63 index probes, without an index on time.
 */
export async function readBalanceAsOf(sql: Sql, account: bigint, at: Date): Promise<bigint> {
  const rows = await sql.query<{ balance: bigint }>(
    `with recursive search (low, high) as (
       select 0::bigint, entries from account where id = $1
       union all
       select case when e.at <= $2 then e.seq else low end, case when e.at <= $2 then high else e.seq - 1 end
       from search join entry e on e.account_id = $1 and e.seq = (low + high + 1) / 2
       where low < high
     )
     select e.balance from search s join entry e on e.account_id = $1 and e.seq = s.low where s.low = s.high`,
    [account, at],
  )
  return rows[0]?.balance ?? 0n
}

/** One line of a statement. */
export type StatementLine = {
  readonly seq: bigint
  /** negative: out of the account */
  readonly amount: bigint
  /** after this line */
  readonly balance: bigint
  readonly at: Date
  readonly reference: string
  readonly kind: string
  /** JSON text of what the caller said about it */
  readonly payload: string
  readonly counterparty: bigint
  /** explicit id of the counterparty, if it is a wallet */
  readonly counterpartyId: string | null
}

const LINE_COLUMNS = `
select e.seq, e.amount, e.balance, e.at, x.id as reference, x.kind, x.payload,
  case when t.source = e.account_id then t.target else t.source end as counterparty,
  w.namespace || ':' || w.number || ':' || w.currency as "counterpartyId"`
const LINE_JOINS = `
join transfer t on t.transaction_id = e.transaction_id and t.leg = e.leg
join transaction x on x.id = e.transaction_id
left join wallet w on w.id = case when t.source = e.account_id then t.target else t.source end`

/** The newest lines before entry `before` (all if absent), newest first: one range of the primary key. */
export async function readStatement(
  sql: Sql,
  account: bigint,
  { before, limit }: { before?: bigint; limit: number },
): Promise<StatementLine[]> {
  return sql.query<StatementLine>(
    `${LINE_COLUMNS}
     from (select * from entry where account_id = $1 and seq < $2 order by seq desc limit $3) e ${LINE_JOINS} order by e.seq desc`,
    [account, before ?? 2n ** 63n - 1n, limit],
  )
}

/**
 * The lines of one transaction on one account. Found through the transfer's other columns, then by halves as a balance of a
 * moment is: the entry table has no index by transaction, because every payment would pay for it.
 */
export async function readTransaction(sql: Sql, account: bigint, reference: string): Promise<StatementLine[]> {
  return sql.query<StatementLine>(
    `with recursive wanted as (
       select x.id, x.at from transaction x where x.id = $2
         and exists (select from transfer t where t.transaction_id = x.id and $1 in (t.source, t.target))
     ), search (low, high) as (
       select 1::bigint, a.entries from account a, wanted where a.id = $1
       union all
       select case when e.at < wanted.at then e.seq + 1 else low end, case when e.at < wanted.at then high else e.seq end
       from search cross join wanted join entry e on e.account_id = $1 and e.seq = (low + high) / 2
       where low < high
     ), e as (
       select e.* from search s cross join wanted
       join entry e on e.account_id = $1 and e.seq >= s.low and e.at = wanted.at and e.transaction_id = wanted.id
       where s.low = s.high
     )
     ${LINE_COLUMNS} from e ${LINE_JOINS} order by e.seq`,
    [account, reference],
  )
}
