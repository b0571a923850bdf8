import type { AlertKind, Condition } from './alert-conditions.ts'
import type { Sql } from './database.ts'

export type AlertRow = Condition & { id: string; raised_at: Date; mailed: boolean; cleared_at: Date | null }

const COLUMNS = 'id, kind, object, detail, raised_at, mailed, cleared_at'

/** Any number: one watcher at a time, of all servers of a database. */
const LOCK = 7_204_522

/** @returns false when another server looks just now */
export async function lockAlerts(sql: Sql): Promise<boolean> {
  const rows = await sql.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [LOCK])
  return rows[0]?.taken === true
}

/** Those that are on, the newest first. */
export function listOpenAlerts(sql: Sql): Promise<AlertRow[]> {
  return sql.query<AlertRow>(
    `select ${COLUMNS} from alert where cleared_at is null order by raised_at desc, id desc limit 500`,
  )
}

export function listClearedAlerts(sql: Sql, limit: number): Promise<AlertRow[]> {
  return sql.query<AlertRow>(
    `select ${COLUMNS} from alert where cleared_at is not null order by cleared_at desc, id desc limit $1`,
    [limit],
  )
}

/** @returns false when it is on already */
export async function insertAlert(sql: Sql, row: Omit<AlertRow, 'cleared_at'>): Promise<boolean> {
  const rows = await sql.query(
    `insert into alert (id, kind, object, detail, raised_at, mailed) values ($1, $2, $3, $4, $5, $6)
     on conflict (kind, object) where cleared_at is null do nothing returning id`,
    [row.id, row.kind, row.object, JSON.stringify(row.detail), row.raised_at, row.mailed],
  )
  return rows.length === 1
}

/** What is said of it is what was last seen. */
export async function updateAlert(sql: Sql, id: string, detail: Condition['detail']): Promise<void> {
  await sql.query('update alert set detail = $2::jsonb where id = $1 and detail <> $2::jsonb', [
    id,
    JSON.stringify(detail),
  ])
}

export async function clearAlert(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.query('update alert set cleared_at = $2 where id = $1', [id, at])
}

/** Whether somebody was mailed of the same lately: what comes and goes is not mailed each time. */
export async function wasMailedSince(sql: Sql, kind: AlertKind, object: string, since: Date): Promise<boolean> {
  const rows = await sql.query(
    'select from alert where kind = $1 and object = $2 and mailed and cleared_at > $3 limit 1',
    [kind, object, since],
  )
  return rows.length > 0
}

export type AlertReader = { email: string; name: string; language: string | null; party_id: string; wants: boolean }

/** Operators, and whether each wants mails of alerts. */
export function listAlertReaders(sql: Sql): Promise<AlertReader[]> {
  return sql.query<AlertReader>(
    `select s.email, p.name, s.language, s.party_id, coalesce('alerts' = any(s.wanted_mails), true) as wants
     from sign_in s join party p on p.id = s.party_id where s.operator order by s.email`,
  )
}

/** A float with the amount below which an operator wants to hear of it; minor units. */
export type WatchedFloat = {
  wallet_id: bigint
  partner: string
  currency: string
  exponent: number
  available: bigint
  below: bigint | null
}

export function listWatchedFloats(sql: Sql): Promise<WatchedFloat[]> {
  return sql.query<WatchedFloat>(
    `select pf.wallet_id, p.slug as partner, s.code as currency, s.exponent, a.balance - a.held as available, f.below
     from partner_float pf join partner p on p.id = pf.partner_id join account a on a.id = pf.wallet_id
     join asset s on s.id = a.asset_id left join float_alert f on f.wallet_id = pf.wallet_id
     where p.disabled_at is null order by p.slug, s.code limit 500`,
  )
}

export async function findWatchedFloat(sql: Sql, walletId: bigint): Promise<WatchedFloat | undefined> {
  const rows = await sql.query<WatchedFloat>(
    `select pf.wallet_id, p.slug as partner, s.code as currency, s.exponent, a.balance - a.held as available, f.below
     from partner_float pf join partner p on p.id = pf.partner_id join account a on a.id = pf.wallet_id
     join asset s on s.id = a.asset_id left join float_alert f on f.wallet_id = pf.wallet_id where pf.wallet_id = $1`,
    [walletId],
  )
  return rows[0]
}

/** @param below minor units; null: nobody wants to hear of it */
export async function setFloatAlert(sql: Sql, walletId: bigint, below: bigint | null): Promise<void> {
  if (below === null) await sql.query('delete from float_alert where wallet_id = $1', [walletId])
  else
    await sql.query(
      `insert into float_alert (wallet_id, below) values ($1, $2) on conflict (wallet_id) do update set below = excluded.below`,
      [walletId, below],
    )
}
