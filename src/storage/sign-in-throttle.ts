import type { Sql } from './database.ts'

/** How attempts are slowed down: `free` ones, then pauses of 1, 2, 4 … seconds, `cap` at most. */
export type ThrottleRule = {
  free: number
  /** seconds */
  cap: number
  /** seconds without an attempt after which counting begins again */
  forget: number
}

/**
 * Counts an attempt before it is made, so that of many at once no more get through than one after the other would. One conditional
 * write, which every process shares.
 * @returns 0, or for how many seconds no attempt is taken
 */
export async function takeAttempt(sql: Sql, keyHash: Buffer, rule: ThrottleRule): Promise<number> {
  const taken = await sql.query(
    `insert into sign_in_throttle as t (key_hash, failures, at, blocked_until)
     values ($1, 1, clock_timestamp(), clock_timestamp())
     on conflict (key_hash) do update set
       failures = case when t.at < clock_timestamp() - make_interval(secs => $4) then 1 else t.failures + 1 end,
       at = clock_timestamp(),
       blocked_until = clock_timestamp() + make_interval(secs => case
         when t.at < clock_timestamp() - make_interval(secs => $4) or t.failures + 1 < $2 then 0
         else least(power(2, least(t.failures + 1 - $2, 20)), $3) end)
     where t.blocked_until <= clock_timestamp()
     returning failures`,
    [keyHash, rule.free, rule.cap, rule.forget],
  )
  if (taken.length === 1) return 0
  const [row] = await sql.query<{ wait: number }>(
    `select ceil(extract(epoch from blocked_until - clock_timestamp()))::int as wait
     from sign_in_throttle where key_hash = $1`,
    [keyHash],
  )
  return Math.max(1, row?.wait ?? 1)
}

/** @returns 0, or for how many seconds no attempt is taken under the slowest of these keys */
export async function readPause(sql: Sql, keyHashes: readonly Buffer[]): Promise<number> {
  const [row] = await sql.query<{ wait: number | null }>(
    `select ceil(extract(epoch from max(blocked_until) - clock_timestamp()))::int as wait
     from sign_in_throttle where key_hash = any($1::bytea[])`,
    [keyHashes],
  )
  return Math.max(0, row?.wait ?? 0)
}

/** Forgets all attempts under a key. */
export async function clearAttempts(sql: Sql, keyHash: Buffer): Promise<void> {
  await sql.query('delete from sign_in_throttle where key_hash = $1', [keyHash])
}

/** Takes one attempt back, which turned out to be a good one. A pause that others earned stays. */
export async function giveAttemptBack(sql: Sql, keyHash: Buffer): Promise<void> {
  await sql.query('update sign_in_throttle set failures = greatest(failures - 1, 0) where key_hash = $1', [keyHash])
}

/** @returns how many were deleted, at most `atMost` */
export async function deleteOldAttempts(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from sign_in_throttle where key_hash in (
       select key_hash from sign_in_throttle where at < clock_timestamp() - interval '1 day' limit $1 for update skip locked)
     returning 1`,
    [atMost],
  )
  return rows.length
}
