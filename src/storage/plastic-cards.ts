import type { Sql } from './database.ts'

/** A card that was made without value; `code` is sealed for `plastic_card:ID`. */
export type PlasticCardRow = {
  readonly id: string
  readonly brand_id: string
  readonly code_hash: Buffer
  readonly code: Buffer
}

export async function insertPlasticCards(
  sql: Sql,
  rows: readonly PlasticCardRow[],
  { brandId, principal }: { brandId: string; principal: string },
): Promise<void> {
  await sql.query(
    `insert into plastic_card (id, brand_id, code_hash, code, principal)
     select id, $1, code_hash, code, $2 from unnest($3::uuid[], $4::bytea[], $5::bytea[]) as u (id, code_hash, code)`,
    [brandId, principal, rows.map(({ id }) => id), rows.map((it) => it.code_hash), rows.map(({ code }) => code)],
  )
}

export async function findPlasticCard(sql: Sql, codeHash: Buffer): Promise<PlasticCardRow | undefined> {
  const rows = await sql.query<PlasticCardRow>(
    'select id, brand_id, code_hash, code from plastic_card where code_hash = $1',
    [codeHash],
  )
  return rows[0]
}

/** A plastic card as operators see it: when it was made, and the card that has its code, if it was given a value. */
export type PlasticCardListing = {
  readonly id: string
  readonly card_id: string | null
  readonly created_at: Date
}

/** By id; `after` is the last one seen. */
export async function listPlasticCards(
  sql: Sql,
  { brandId, after, limit }: { brandId: string; after?: string | undefined; limit: number },
): Promise<PlasticCardListing[]> {
  return sql.query<PlasticCardListing>(
    `select p.id, c.id as card_id, p.created_at
     from plastic_card p left join card c on c.code_hash = p.code_hash
     where p.brand_id = $1 and ($2::uuid is null or p.id > $2) order by p.id limit $3`,
    [brandId, after ?? null, limit],
  )
}
