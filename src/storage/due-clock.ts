import type { Sql } from './database.ts'

/** How far the sandbox's due clock is ahead of the real one; ms. */
export async function readAhead(sql: Sql): Promise<number> {
  const rows = await sql.query<{ ahead_ms: bigint }>('select ahead_ms from due_clock')
  return Number(rows[0]?.ahead_ms ?? 0n)
}

/** Puts it further ahead, adding up with others who do at once. @returns how far it is now; ms */
export async function addAhead(sql: Sql, ms: number): Promise<number> {
  const rows = await sql.query<{ ahead_ms: bigint }>(
    `insert into due_clock as c (id, ahead_ms) values (true, $1)
     on conflict (id) do update set ahead_ms = c.ahead_ms + excluded.ahead_ms returning ahead_ms`,
    [ms],
  )
  return Number((rows[0] as { ahead_ms: bigint }).ahead_ms)
}
