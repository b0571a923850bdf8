import type { Sql } from './database.ts'

export type PartyWallet = { id: bigint; party_id: string; explicit_id: string }

// Accounts that are kept for gift cards are nobody's to see or to spend, whoever's party they stand with.

/** Up to `limit` wallets of each party, in the order of their ids. */
export async function listWalletsOfParties(sql: Sql, partyIds: string[], limit: number): Promise<PartyWallet[]> {
  return sql.query<PartyWallet>(
    `select wallet.id, wallet.party_id, wallet.explicit_id
     from unnest($1::uuid[]) as party (id)
     cross join lateral (
       select id, party_id, namespace || ':' || number || ':' || currency as explicit_id
       from wallet where wallet.party_id = party.id and not kept order by id limit $2
     ) as wallet`,
    [partyIds, limit],
  )
}

/** Wallets of a party up to which what belongs to them is looked up wallet by wallet. */
const MANY = 5_000

export async function hasManyWallets(sql: Sql, partyId: string): Promise<boolean> {
  const [row] = await sql.query<{ many: boolean }>(
    'select count(*) >= $2 as many from (select from wallet where party_id = $1 limit $2) w',
    [partyId, MANY],
  )
  return row?.many ?? false
}

/** How many of these wallets are the party's. @param ids each once */
export async function countWalletsOfParty(sql: Sql, partyId: string, ids: readonly bigint[]): Promise<number> {
  const rows = await sql.query<{ count: bigint }>(
    'select count(*) from wallet where party_id = $1 and id = any($2::bigint[]) and not kept',
    [partyId, ids.map(String)],
  )
  return Number(rows[0]?.count)
}

/** The ids of all wallets of one party. */
export async function listWalletIds(sql: Sql, partyId: string): Promise<bigint[]> {
  const rows = await sql.query<{ id: bigint }>('select id from wallet where party_id = $1 and not kept', [partyId])
  return rows.map((row) => row.id)
}
