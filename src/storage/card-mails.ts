import type { Sql } from './database.ts'

/** An order whose card is to be sent by mail, with what the mail tells. Amounts in minor units. */
export type DueCardMail = {
  readonly order_id: string
  /** sealed for `order:ID:details` */
  readonly details: Buffer | null
  readonly card_id: string
  readonly status: 'active' | 'blocked' | 'ended'
  /** of the first link, sealed for `card:ID:link`; above version 0 it opens nothing any more */
  readonly link: Buffer
  readonly link_version: number
  readonly face: bigint
  readonly currency: string
  readonly exponent: number
  readonly brand_name: string
  readonly texts: Readonly<Record<string, unknown>>
  readonly expires_at: Date | null
}

/** What the index of due orders is about. */
const DUE = `o.delivery = 'email' and o.status = 'succeeded' and not o.mailed`

/** Cards that are to be sent, in the order of their orders' ids; those that are blocked wait. @param page.after the last one seen */
export async function listDueCardMails(
  sql: Sql,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<DueCardMail[]> {
  return sql.query<DueCardMail>(
    `select o.id as order_id, o.details, c.id as card_id, c.status, c.link, c.link_version, o.face, s.code as currency,
       s.exponent, b.name as brand_name, b.texts, c.expires_at
     from gift_order o join card c on c.order_id = o.id join brand b on b.id = o.brand_id join asset s on s.id = o.asset_id
     where ${DUE} and ($1::uuid is null or o.id > $1) and c.status <> 'blocked' order by o.id limit $2`,
    [after ?? null, limit],
  )
}

/**
 * Takes an order off what is due. Of several processes one gets it; the others wait for its transaction.
 * @returns false when another process has sent it, or it is not to be sent any more
 */
export async function takeCardMail(sql: Sql, orderId: string): Promise<boolean> {
  const rows = await sql.query(`update gift_order o set mailed = true where o.id = $1 and ${DUE} returning 1`, [
    orderId,
  ])
  return rows.length === 1
}

/** Notes that the mail was written, once. @returns false when that stood there before */
export async function insertDelivery(sql: Sql, orderId: string, at: Date): Promise<boolean> {
  const rows = await sql.query(
    `insert into order_event (order_id, what, at) values ($1, 'delivered', $2) on conflict do nothing returning 1`,
    [orderId, at],
  )
  return rows.length === 1
}
