import type { Sql } from './database.ts'

/** What a programme of gift cards needs before its first sale, and what of it there is. */
export type Beginnings = {
  readonly partner: boolean
  /** a float with money in it */
  readonly float: boolean
  readonly brand: boolean
  /** a key that partners sign with */
  readonly key: boolean
  readonly order: boolean
}

export async function readBeginnings(sql: Sql): Promise<Beginnings> {
  const rows = await sql.query<Beginnings>(
    `select exists (select from partner where disabled_at is null) as partner,
       exists (select from partner_float f join account a on a.id = f.wallet_id where a.balance > 0) as float,
       exists (select from brand where status = 'enabled') as brand,
       exists (select from partner_credential where revoked_at is null) as key,
       exists (select from gift_order) as order`,
  )
  return rows[0] as Beginnings
}
