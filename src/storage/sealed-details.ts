import type { Sql } from './database.ts'

// Sealed texts are looked through one by one: what they say is known only to whoever has the key.

type Sealed = { id: string; sealed: Buffer }

const read = (sql: Sql, from: string, after: string, limit: number): Promise<Sealed[]> =>
  sql.query<Sealed>(`select id, ${from} and id > $1 order by id limit $2`, [after, limit])

const NONE = '00000000-0000-0000-0000-000000000000'
const PAGE = 500

async function* pages(sql: Sql, from: string): AsyncGenerator<Sealed[]> {
  let after = NONE
  for (;;) {
    const rows = await read(sql, from, after, PAGE)
    yield rows
    if (rows.length < PAGE) return
    after = (rows.at(-1) as Sealed).id
  }
}

export const readSealedMails = (sql: Sql) => pages(sql, 'sealed from mail_outbox where sealed is not null')
export const readOrderDetails = (sql: Sql) => pages(sql, 'details as sealed from gift_order where details is not null')
export const readPurchaseDetails = (sql: Sql) => pages(sql, 'details as sealed from purchase where true')

export async function deleteMails(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query('delete from mail_outbox where id = any($1::uuid[])', [ids])
}

export async function destroyOrderDetails(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.query('update gift_order set details = null where id = any($1::uuid[])', [ids])
}

export async function replacePurchaseDetails(sql: Sql, id: string, sealed: Buffer): Promise<void> {
  await sql.query('update purchase set details = $2, details_blanked = true where id = $1', [id, sealed])
}

/** Orders of the cards that somebody keeps, and purchases that somebody accepted. */
export async function listOwnOrders(sql: Sql, partyId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    'select order_id as id from card where wallet_party_id = $1 and order_id is not null',
    [partyId],
  )
  return rows.map(({ id }) => id)
}

export async function listOwnPurchases(sql: Sql, partyId: string): Promise<string[]> {
  return (await sql.query<{ id: string }>('select id from purchase where party_id = $1', [partyId])).map(({ id }) => id)
}
