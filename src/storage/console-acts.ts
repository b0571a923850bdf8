import type { Sql } from './database.ts'

export type ActOutcome = 'done' | 'refused' | 'failed'

/** One act in the console. `outcome` is null while it is under way, and of acts during which the server ended. */
export type ConsoleActRow = {
  readonly id: string
  readonly at: Date
  readonly email: string
  readonly party_id: string
  readonly role: string
  readonly address: string
  readonly act: string
  readonly object: string
  readonly detail: Record<string, unknown>
  readonly outcome: ActOutcome | null
}

export async function insertConsoleAct(
  sql: Sql,
  row: Pick<ConsoleActRow, 'id' | 'email' | 'party_id' | 'role' | 'address' | 'act' | 'object'>,
): Promise<void> {
  await sql.query(
    `insert into console_act (id, email, party_id, role, address, act, object) values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.email, row.party_id, row.role, row.address, row.act, row.object],
  )
}

export async function endConsoleAct(sql: Sql, id: string, outcome: ActOutcome, detail: object): Promise<void> {
  await sql.query('update console_act set outcome = $2, detail = $3 where id = $1', [
    id,
    outcome,
    JSON.stringify(detail),
  ])
}

/** Newest first. @param filter.partyId of one business */
export function listConsoleActs(
  sql: Sql,
  filter: {
    partyId?: string | undefined
    email?: string | undefined
    act?: string | undefined
    before?: string | undefined
  },
  limit: number,
): Promise<ConsoleActRow[]> {
  return sql.query<ConsoleActRow>(
    `select id, at, email, party_id, role, address, act, object, detail, outcome from console_act
     where ($1::uuid is null or party_id = $1) and ($2::text is null or email = $2)
       and ($3::text is null or act like $3 || '%') and ($4::uuid is null or id < $4)
     order by id desc limit $5`,
    [filter.partyId ?? null, filter.email ?? null, filter.act ?? null, filter.before ?? null, limit],
  )
}
