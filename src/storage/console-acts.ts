import type { Sql } from './database.ts'
import { where } from './where.ts'

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

/** What a business, a person or all did is in an index each, by what was done; there are some dozens of acts. */
export type ActFilter = {
  /** of one business */
  readonly partyId?: string | undefined
  readonly email?: string | undefined
  /** how the act begins */
  readonly act?: string | undefined
  /** id of the last one of the page before */
  readonly before?: string | undefined
}

/**
 * Newest first. Of a search by act each act's newest are read from its own part of an index, and of these the newest: it costs
 * nothing how seldom the act is, or what others did.
 */
export function listConsoleActs(
  sql: Sql,
  { partyId, email, act, before }: ActFilter,
  limit: number,
): Promise<ConsoleActRow[]> {
  const whose = where([
    ['party_id = $', partyId],
    ['email = $', email],
  ])
  const older = where([['id < $', before]], whose.values)
  const newest = (more = '', order = '') =>
    `select id, at, email, party_id, role, address, act, object, detail, outcome from console_act
     where ${whose.text} and ${older.text}${more} order by ${order}id desc limit ${limit}`
  if (act === undefined) return sql.query<ConsoleActRow>(newest(), older.values)
  // The acts that there are, by one probe each. This order is only that of the index by act: the planner would rather walk through all.
  const next = (more: string) => `select act from console_act where ${whose.text}${more} order by act limit 1`
  return sql.query<ConsoleActRow>(
    `with recursive known (act) as (
       (${next('')}) union all
       select (${next(' and act > k.act')}) from known k where k.act is not null
     )
     select a.* from known k cross join lateral (${newest(' and act between k.act and k.act', 'act, ')}) a
     where starts_with(k.act, $${older.values.length + 1}) order by a.id desc limit ${limit}`,
    [...older.values, act],
  )
}
