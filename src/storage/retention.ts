import type { Sql } from './database.ts'

// What is deleted or emptied because of its age, a few rows at a time.

/** @returns how many were deleted, at most `atMost` */
export async function deleteOldActs(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from console_act where id in (select id from console_act where at < $1 order by at limit $2 for update skip locked)
     returning 1`,
    [before, atMost],
  )
  return rows.length
}

export async function deleteOldSessions(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from web_session where id in (
       select id from web_session where created_at < $1 limit $2 for update skip locked)
     returning 1`,
    [before, atMost],
  )
  return rows.length
}

export async function deleteOldAlerts(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from alert where id in (select id from alert where cleared_at < $1 order by cleared_at limit $2 for update skip locked)
     returning 1`,
    [before, atMost],
  )
  return rows.length
}

/** Uses of limits whose period ended before a moment. */
export async function deleteOldLimitUse(sql: Sql, before: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from velocity_use where ctid = any(array(
       select u.ctid from velocity_rule r join velocity_use u on u.rule_id = r.id
         and u.period < floor(extract(epoch from $1::timestamptz) / r.period_seconds)
       limit $2 for update of u skip locked))
     returning 1`,
    [before, atMost],
  )
  return rows.length
}

/**
 * Destroys the sealed recipients of orders that are over. Goes on behind the last one: ids begin with the time, so what was looked at once
 * is not looked at again. What was still open then is for {@link destroyLateRecipients}.
 * @param before an id that begins with the moment
 * @returns how many orders were looked at, at most `atMost`
 */
export async function destroyOldRecipients(sql: Sql, before: string, atMost: number): Promise<number> {
  const [row] = await sql.query<{ seen: number; last: string | null }>(
    `with place as (
       insert into retention_cursor (what, upto) values ('recipients', '00000000-0000-0000-0000-000000000000')
       on conflict (what) do update set what = excluded.what returning upto
     ), page as (
       select id from gift_order where id > (select upto from place) and id < $1::uuid order by id limit $2
     ), emptied as (
       update gift_order set details = null
       where id in (select id from page) and details is not null and status not in ('requested', 'processing', 'reserved')
     )
     select (select count(*)::int from page) as seen, (select id from page order by id desc limit 1) as last`,
    [before, atMost],
  )
  if (row?.last) await sql.query(`update retention_cursor set upto = $1 where what = 'recipients'`, [row.last])
  return row?.seen ?? 0
}

/**
 * Destroys the recipients of orders that were open when {@link destroyOldRecipients} passed them, and have ended since. By the moment of
 * their end, which has an index of its own.
 * @returns how many orders' were destroyed, at most `atMost`
 */
export async function destroyLateRecipients(sql: Sql, endedSince: Date, atMost: number): Promise<number> {
  const rows = await sql.query(
    `update gift_order set details = null where id in (
       select id from gift_order where ended_at >= $1 and details is not null
         and id <= (select upto from retention_cursor where what = 'recipients')
       limit $2)
     returning 1`,
    [endedSince, atMost],
  )
  return rows.length
}

const LATE = 'late-recipients'

/** When late recipients were last looked for; the beginning of time before the first look. */
export async function readLateLook(sql: Sql): Promise<Date> {
  const [row] = await sql.query<{ upto: string }>('select upto from retention_cursor where what = $1', [LATE])
  return new Date(Number.parseInt((row?.upto ?? '0').replace('-', '').slice(0, 12), 16))
}

/** @param id one that begins with the moment of the look */
export async function writeLateLook(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `insert into retention_cursor (what, upto) values ($1, $2)
     on conflict (what) do update set upto = greatest(retention_cursor.upto, excluded.upto)`,
    [LATE, id],
  )
}

export type OldPurchase = { id: string; details: Buffer }

/** Purchases that are over, with nothing to be paid any more, and still say who was asked. */
export function listOldPurchases(sql: Sql, before: Date, atMost: number): Promise<OldPurchase[]> {
  return sql.query<OldPurchase>(
    `select id, details from purchase p
     where not details_blanked and created_at < $1 and state not in ('created', 'authorized')
       and not exists (select from purchase_part r where r.purchase_id = p.id and r.state in ('scheduled', 'late'))
     order by created_at limit $2`,
    [before, atMost],
  )
}

export async function blankPurchase(sql: Sql, id: string, details: Buffer): Promise<void> {
  await sql.query('update purchase set details = $2, details_blanked = true where id = $1', [id, details])
}
