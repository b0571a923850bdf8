import type { Database, Sql } from './database.ts'
import type { DeliveryFormName } from './deliveries.ts'

/** A delivery that was claimed: `attempts` counts this one. */
export type ClaimedDelivery = {
  readonly id: string
  readonly form: DeliveryFormName
  readonly receiver: string
  readonly url: string | null
  readonly object: string
  readonly topic: string
  readonly body: string
  readonly attempts: number
  /** of these, how many were made before it was last asked for again */
  readonly attempts_before: number
  readonly created_at: Date
}

// From receiver to receiver, one step in the index for each, however much waits for one of them.
const DUE_RECEIVERS = `
with recursive head as (
  (select receiver, next_attempt_at from delivery where status = 'waiting' order by receiver, next_attempt_at limit 1)
  union all
  select next.* from head cross join lateral (
    select d.receiver, d.next_attempt_at from delivery d
    where d.status = 'waiting' and d.receiver > head.receiver order by d.receiver, d.next_attempt_at limit 1
  ) as next
)
select receiver from head where next_attempt_at <= $1`

// A queue fills and empties faster than anybody takes its statistics, and by old ones a few rows to be read and sorted are thousands.
// With these a statement walks along the index that has its order, whatever is said of the table.
const BY_INDEX = `
set local enable_sort = off; set local enable_bitmapscan = off; set local enable_seqscan = off;
set local enable_hashjoin = off; set local enable_mergejoin = off`

function byIndex<T>(db: Database, work: (sql: Sql) => Promise<T>): Promise<T> {
  return db.transaction(async (sql) => {
    await sql.query(BY_INDEX)
    return work(sql)
  })
}

/** Who has something waiting whose time has come. */
export async function findDueReceivers(db: Database, now: Date): Promise<string[]> {
  const rows = await byIndex(db, (sql) => sql.query<{ receiver: string }>(DUE_RECEIVERS, [now]))
  return rows.map(({ receiver }) => receiver)
}

/** Rows that one claim looks at: what it costs does not grow with what waits. */
const LOOKED_AT = 100

// Equal in two columns and behind in the third, said so that only the index `delivery_order` has the order.
const firstOf = (receiver: string, object: string, before: string) => `
    select d.id, d.next_attempt_at from delivery d
    where d.receiver = ${receiver} and d.object = ${object} and d.status = 'waiting'
      and (d.receiver, d.object, d.sequence) < (${receiver}, ${object}, ${before})
    order by d.receiver, d.object, d.sequence limit 1`

// Only the first of an object's may go. Those behind it are put off until it will have been tried, so that the next claim does
// not meet them again; whoever ends the first makes the second due. Were that missed, its own time would come.
const CLAIM = `
with due as (
  select id, object, sequence from delivery
  where receiver = $1 and status = 'waiting' and next_attempt_at <= $2
  order by next_attempt_at, sequence limit ${LOOKED_AT} for update skip locked
), placed as (
  select due.id, due.sequence, (select next_attempt_at from (${firstOf('$1', 'due.object', 'due.sequence')}) as first) as first_at
  from due
), chosen as (
  select id from placed where first_at is null order by sequence limit $3
), put_off as (
  update delivery d set next_attempt_at = greatest(
    (select first_at from placed where placed.id = d.id), $2::timestamptz + interval '1 minute')
  where d.id = any(array(select id from placed where first_at is not null))
), taken as (
  update delivery d set attempts = attempts + 1, next_attempt_at = $4
  where d.id = any(array(select id from chosen))
  returning d.id, d.form, d.receiver, d.url, d.object, d.topic, d.body, d.attempts, d.attempts_before,
    d.created_at
)
select looked_at, taken.* from (select count(*)::int as looked_at from due) as looked left join taken on true`

/**
 * Takes deliveries for one attempt each. Until `leaseEnds` no other process takes them; after it, because this one died, another may.
 * @returns also whether more are due that this claim had no time to look at
 */
export async function claimDeliveries(
  db: Database,
  { receiver, now, leaseEnds, atMost }: { receiver: string; now: Date; leaseEnds: Date; atMost: number },
): Promise<{ claimed: ClaimedDelivery[]; more: boolean }> {
  const rows = await byIndex(db, (sql) =>
    sql.query<{ looked_at: number } & (ClaimedDelivery | { id: null })>(CLAIM, [receiver, now, atMost, leaseEnds]),
  )
  const claimed = rows.filter((row) => row.id !== null)
  return { claimed, more: rows[0]?.looked_at === LOOKED_AT && claimed.length < atMost }
}

export type AttemptResult = {
  readonly at: Date
  readonly ms: number
  readonly status: number | null
  readonly error: string | null
  readonly excerpt: string | null
}

export type AttemptEnd =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'failed' }
  /** tried again then */
  | { readonly outcome: 'waiting'; readonly next: Date }

const LOG = `
insert into delivery_attempt (delivery_id, number, at, ms, status, error, excerpt)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`

// What was delivered is delivered, whoever says so. A failure only counts if nobody has taken the delivery since.
const DELIVERED = `
update delivery set status = 'delivered', ended_at = $2 where id = $1 and status <> 'delivered' returning receiver, object`
const FAILED = `
update delivery set status = 'failed', ended_at = $2 where id = $1 and status = 'waiting' and attempts = $3
returning receiver, object`
const AGAIN = `update delivery set next_attempt_at = $2 where id = $1 and status = 'waiting' and attempts = $3`

const LAST_SEQUENCE = '9223372036854775807'
const NEXT_OF_OBJECT = `
update delivery set next_attempt_at = least(next_attempt_at, $3) where id = (
  select id from (${firstOf('$1', '$2', LAST_SEQUENCE)}) as first)`

/** Writes down how an attempt ended, and lets the next one of the object go if this one is through. */
export function recordAttempt(
  db: Database,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  result: AttemptResult,
  end: AttemptEnd,
  now: Date,
): Promise<void> {
  return byIndex(db, async (sql) => {
    const { at, ms, status, error, excerpt } = result
    await sql.query(LOG, [id, attempts, at, ms, status, error, excerpt])
    if (end.outcome === 'waiting') {
      await sql.query(AGAIN, [id, end.next, attempts])
      return
    }
    const [ended] = await sql.query<{ receiver: string; object: string }>(
      end.outcome === 'delivered' ? DELIVERED : FAILED,
      end.outcome === 'delivered' ? [id, now] : [id, now, attempts],
    )
    if (ended) await sql.query(NEXT_OF_OBJECT, [ended.receiver, ended.object, now])
  })
}

/** Gives back a delivery that was claimed and not tried, such as by a server that stops. */
export async function giveBackDelivery(
  sql: Sql,
  { id, attempts }: Pick<ClaimedDelivery, 'id' | 'attempts'>,
  due: Date,
): Promise<void> {
  await sql.query(
    `update delivery set next_attempt_at = $3, attempts = attempts - 1
     where id = $1 and status = 'waiting' and attempts = $2`,
    [id, attempts, due],
  )
}

/** Ends everything that waits for a receiver who wants nothing any more. */
export async function failWaiting(sql: Sql, receiver: string, now: Date): Promise<number> {
  const rows = await sql.query(
    `update delivery set status = 'failed', ended_at = $2 where receiver = $1 and status = 'waiting' returning 1`,
    [receiver, now],
  )
  return rows.length
}

/** @returns how many wait, over all receivers */
export async function countWaiting(sql: Sql): Promise<number> {
  const rows = await sql.query<{ count: number }>(
    `select count(*)::int as count from delivery where status = 'waiting'`,
  )
  return rows[0]?.count ?? 0
}

/** Forgets what ended before a moment, with its attempts. @returns how many were deleted, at most `atMost` */
export async function deleteEndedDeliveries(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `with old as (
       select id from delivery where ended_at < $1 order by ended_at limit $2 for update skip locked
     ), attempts as (
       delete from delivery_attempt using old where delivery_id = old.id
     )
     delete from delivery using old where delivery.id = old.id returning 1`,
    [before, atMost],
  )
  return rows.length
}
