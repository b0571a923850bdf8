import type { Sql } from './database.ts'

/** From now on the endpoint hears of its party's wallets; whatever they did until this moment is not told. */
export async function openCursors(sql: Sql, endpointId: string): Promise<void> {
  await sql.query(
    `insert into webhook_cursor (endpoint_id, account_id, entries, version)
     select e.id, a.id, a.entries, a.version
     from webhook_endpoint e join wallet w on w.party_id = e.party_id join account a on a.id = w.id
     where e.id = $1 order by a.id on conflict do nothing`,
    [endpointId],
  )
}

/** From now on it hears nothing of wallets. */
export async function closeCursors(sql: Sql, endpointId: string): Promise<void> {
  await sql.query('delete from webhook_cursor where endpoint_id = $1', [endpointId])
}

const LISTENING = `e.deleted_at is null and e.disabled_at is null
  and e.topics && '{*,wallet.*,wallet.opened,wallet.credited,wallet.debited,wallet.changed}'`

/**
 * Wallets that were opened since their party's endpoints began to listen, from their first entry on. An endpoint that listens has a
 * row for each wallet that was there when it began, written in the same transaction; so one without a row is new.
 */
export async function openNewCursors(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `insert into webhook_cursor (endpoint_id, account_id, entries, version)
     select e.id, w.id, 0, 0 from webhook_endpoint e join wallet w on w.party_id = e.party_id
     where ${LISTENING} and not exists (
       select from webhook_cursor c where c.endpoint_id = e.id and c.account_id = w.id)
     order by e.id, w.id limit $1 on conflict do nothing returning 1`,
    [atMost],
  )
  return rows.length
}

export type BehindCursor = {
  readonly endpoint_id: string
  readonly account_id: bigint
  readonly entries: bigint
  readonly version: number
  readonly topics: readonly string[]
  readonly wallet: string
  readonly currency: string
  readonly circle: string
  readonly exponent: number
}

/** Takes cursors that are behind their accounts, for this transaction; those that another process has in hand are left to it. */
export function lockBehindCursors(sql: Sql, atMost: number): Promise<BehindCursor[]> {
  return sql.query<BehindCursor>(
    `select c.endpoint_id, c.account_id, c.entries, c.version, e.topics,
       w.namespace || ':' || w.number || ':' || w.currency as wallet, s.code as currency, s.circle, s.exponent
     from webhook_cursor c join account a on a.id = c.account_id join webhook_endpoint e on e.id = c.endpoint_id
     join wallet w on w.id = a.id join asset s on s.id = a.asset_id
     where (a.entries > c.entries or a.version > c.version) and ${LISTENING}
     order by c.account_id, c.endpoint_id limit $1 for update of c skip locked`,
    [atMost],
  )
}

export type NewEntry = {
  /** which of the accounts that were asked for, from 1 */
  readonly n: bigint
  readonly seq: bigint
  readonly amount: bigint
  readonly balance: bigint
  readonly at: Date
  readonly transaction_id: string
  readonly kind: string
  readonly payload: string
  /** explicit id; null: no wallet */
  readonly counterparty: string | null
}

/** Entries of some accounts after given numbers, at most so many of each: ranges of the primary key. */
export function readEntriesAfter(
  sql: Sql,
  after: readonly { account_id: bigint; entries: bigint }[],
  atMost: number,
): Promise<NewEntry[]> {
  return sql.query<NewEntry>(
    `select u.n, e.seq, e.amount, e.balance, e.at, e.transaction_id, t.kind, t.payload,
       w.namespace || ':' || w.number || ':' || w.currency as counterparty
     from unnest($1::bigint[], $2::bigint[]) with ordinality as u (account_id, seq, n)
     cross join lateral (
       select * from entry where account_id = u.account_id and seq > u.seq order by seq limit $3
     ) as e
     join transaction t on t.id = e.transaction_id
     join transfer x on x.transaction_id = e.transaction_id and x.leg = e.leg
     left join wallet w on w.id = case when x.source = u.account_id then x.target else x.source end
     order by u.n, e.seq`,
    [after.map(({ account_id: id }) => String(id)), after.map(({ entries }) => String(entries)), atMost],
  )
}

export type NewChange = {
  readonly n: bigint
  readonly version: number
  readonly lower: bigint | null
  readonly upper: bigint | null
  readonly status: number
  readonly transaction_id: string
  readonly at: Date
}

/** What was said about some accounts after given versions. */
export function readChangesAfter(
  sql: Sql,
  after: readonly { account_id: bigint; version: number }[],
  atMost: number,
): Promise<NewChange[]> {
  return sql.query<NewChange>(
    `select u.n, c.version, c.lower, c.upper, c.status, c.transaction_id, t.at
     from unnest($1::bigint[], $2::int[]) with ordinality as u (account_id, version, n)
     cross join lateral (
       select * from account_change where account_id = u.account_id and version > u.version order by version limit $3
     ) as c
     join transaction t on t.id = c.transaction_id order by u.n, c.version`,
    [after.map(({ account_id: id }) => String(id)), after.map(({ version }) => version), atMost],
  )
}

export async function moveCursors(
  sql: Sql,
  rows: readonly { endpoint_id: string; account_id: bigint; entries: bigint; version: number }[],
): Promise<void> {
  await sql.query(
    `update webhook_cursor c set entries = u.entries, version = u.version
     from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::int[]) as u (endpoint_id, account_id, entries, version)
     where c.endpoint_id = u.endpoint_id and c.account_id = u.account_id`,
    [
      rows.map((row) => row.endpoint_id),
      rows.map((row) => String(row.account_id)),
      rows.map((row) => String(row.entries)),
      rows.map((row) => row.version),
    ],
  )
}
