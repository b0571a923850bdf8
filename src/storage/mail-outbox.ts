import type { Sql } from './database.ts'

/** Writes a mail; it is due at once. */
export async function insertMail(
  sql: Sql,
  row: { id: string; sealed: Buffer; expires_at: Date | null },
): Promise<void> {
  await sql.query('insert into mail_outbox (id, sealed, expires_at) values ($1, $2, $3)', [
    row.id,
    row.sealed,
    row.expires_at,
  ])
}

export type DueMail = { id: string; sealed: Buffer; attempts: number }

/** Pause after the n-th attempt: half a minute, doubled each time, an hour at most. */
const PAUSE = "least(interval '30 seconds' * power(2, attempts), interval '1 hour')"

/**
 * Takes mails that are due, for one attempt each. The next attempt is put off before this one begins, so that a process that dies
 * holding a mail neither loses it nor keeps it.
 */
export function claimDueMails(sql: Sql, atMost: number): Promise<DueMail[]> {
  return sql.query<DueMail>(
    `update mail_outbox set attempts = attempts + 1, next_attempt_at = clock_timestamp() + ${PAUSE}
     where id in (
       select id from mail_outbox
       where sent_at is null and failed_at is null and next_attempt_at <= clock_timestamp()
       order by next_attempt_at limit $1 for update skip locked)
     returning id, sealed, attempts`,
    [atMost],
  )
}

/** The text goes with the sending: links are not kept longer than they are needed. */
export async function markMailSent(sql: Sql, id: string): Promise<void> {
  await sql.query(
    'update mail_outbox set sent_at = clock_timestamp(), sealed = null, last_error = null where id = $1',
    [id],
  )
}

/** @param reason without secrets, for operators */
export async function markMailFailed(sql: Sql, id: string, reason: string, forGood: boolean): Promise<void> {
  await sql.query(
    `update mail_outbox set last_error = $2, failed_at = case when $3 then clock_timestamp() end,
       sealed = case when $3 then null else sealed end
     where id = $1 and sent_at is null`,
    [id, reason.slice(0, 300), forGood],
  )
}

/** Gives up what nobody could use any more. */
export async function giveUpMails(sql: Sql, mostAttempts: number): Promise<number> {
  const rows = await sql.query(
    `update mail_outbox set failed_at = clock_timestamp(), sealed = null,
       last_error = coalesce(last_error, 'its time was over')
     where sent_at is null and failed_at is null and next_attempt_at <= clock_timestamp()
       and (expires_at <= clock_timestamp() or attempts >= $1)
     returning id`,
    [mostAttempts],
  )
  return rows.length
}

export type OutboxRow = { id: string; sealed: Buffer; created_at: Date }

/** The newest mails that still have their text. */
export function listMails(sql: Sql, atMost: number): Promise<OutboxRow[]> {
  return sql.query<OutboxRow>(
    'select id, sealed, created_at from mail_outbox where sealed is not null order by created_at desc, id desc limit $1',
    [atMost],
  )
}

export async function findMail(sql: Sql, id: string): Promise<OutboxRow | undefined> {
  const rows = await sql.query<OutboxRow>(
    'select id, sealed, created_at from mail_outbox where id = $1 and sealed is not null',
    [id],
  )
  return rows[0]
}

/** @param age PostgreSQL interval. @returns how many were deleted, at most `atMost` */
export async function deleteOldMails(sql: Sql, age: string, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from mail_outbox where id in (
       select id from mail_outbox where created_at < clock_timestamp() - $1::interval limit $2 for update skip locked)
     returning id`,
    [age, atMost],
  )
  return rows.length
}
