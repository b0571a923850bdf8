import type { Sql } from './database.ts'

/** What one process has let through in a caller's present window, and when that ends, ms since the epoch. */
export type RateCount = { key_hash: Buffer; ends: number; taken: number }

/**
 * Adds what this process let through to what all have, in one statement. A window that is still open on the sender's clock goes on,
 * and ends when it would have; one that is over is replaced. In the order of the keys, so that no two processes wait for each other.
 * @param counts each key once
 * @param now ms since the epoch
 */
export async function addRates(sql: Sql, counts: readonly RateCount[], now: number): Promise<RateCount[]> {
  const rows = await sql.query<{ key_hash: Buffer; ends: number; taken: bigint }>(
    `insert into request_rate as r (key_hash, ends_at, taken)
     select key_hash, to_timestamp(ends / 1000.0), taken
     from unnest($1::bytea[], $2::float8[], $3::bigint[]) as c (key_hash, ends, taken) order by key_hash
     on conflict (key_hash) do update set
       taken = excluded.taken + case when r.ends_at > to_timestamp($4::float8 / 1000) then r.taken else 0 end,
       ends_at = case when r.ends_at > to_timestamp($4::float8 / 1000) then r.ends_at else excluded.ends_at end
     returning key_hash, round(extract(epoch from ends_at) * 1000)::float8 as ends, taken`,
    [counts.map((one) => one.key_hash), counts.map((one) => one.ends), counts.map((one) => one.taken), now],
  )
  return rows.map(({ key_hash, ends, taken }) => ({ key_hash, ends, taken: Number(taken) }))
}

/** A minute after their end, since the clocks of several servers may differ. @returns how many were deleted, at most `atMost` */
export async function deleteOldRates(sql: Sql, atMost: number): Promise<number> {
  const rows = await sql.query(
    `delete from request_rate where key_hash in (
       select key_hash from request_rate where ends_at < clock_timestamp() - interval '1 minute' limit $1 for update skip locked)
     returning 1`,
    [atMost],
  )
  return rows.length
}
