import type { Sql } from './database.ts'

/**
 * SQL for what others may read of a party's name: a business's whole name, of a person the first name and an initial, enough to
 * see whether a payment goes to the right one and too little to learn who has a telephone number.
 * @param party the name under which the party is joined
 */
export function shownNameOf(party: string): string {
  return `case when ${party}.kind = 'business' then ${party}.name
    else regexp_replace(${party}.name, '^(\\S+)\\s(?:.*\\s)?(\\S)\\S*$', '\\1 \\2.') end`
}

export type Holder = {
  /** explicit id of the wallet */
  wallet: string
  partyId: string
  /** as `shownNameOf` says */
  name: string
}

/** Who holds these wallets, by their explicit ids; unknown ids are left out. */
export async function findHolders(sql: Sql, explicitIds: readonly string[]): Promise<Map<string, Holder>> {
  const parts = explicitIds.map((id) => id.split(':'))
  const rows = await sql.query<Holder>(
    `select w.namespace || ':' || w.number || ':' || w.currency as wallet, p.id as "partyId", ${shownNameOf('p')} as name
     from unnest($1::text[], $2::text[], $3::text[]) as i (namespace, number, currency)
     join wallet w on (w.namespace, w.number, w.currency) = (i.namespace, i.number, i.currency)
     join party p on p.id = w.party_id`,
    [0, 1, 2].map((part) => parts.map((id) => id[part] ?? '')),
  )
  return new Map(rows.map((row) => [row.wallet, row]))
}
