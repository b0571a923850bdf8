import type { Effect } from '../ledger/command.ts'
import type { CardRow } from './cards.ts'
import type { Sql } from './database.ts'
import { cardStatusTold } from './event-facts.ts'

/** A card as operators see it: masked. Amounts in minor units. */
export type CardListing = Pick<
  CardRow,
  'id' | 'order_id' | 'face' | 'tail' | 'wallet_party_id' | 'status' | 'issued_at' | 'expires_at'
> & {
  /** somebody has kept it, so that its first link opens nothing any more */
  readonly moved: boolean
  readonly brand: string
  readonly currency: string
  readonly exponent: number
  /** of a card that Billfold issued */
  readonly balance: bigint | null
  readonly held: bigint | null
  readonly end_how: string | null
  readonly end_amount: bigint | null
  readonly end_transaction: string | null
  readonly end_at: Date | null
}

const CARD = `
select c.id, c.order_id, c.face, c.tail, c.wallet_party_id, c.status, c.issued_at, c.expires_at, c.link_version > 0 as moved, b.slug as brand,
  s.code as currency, s.exponent, a.balance, a.held, e.how as end_how, e.amount as end_amount,
  e.transaction_id as end_transaction, e.at as end_at
from card c join brand b on b.id = c.brand_id join asset s on s.id = c.asset_id
left join account a on a.id = c.account_id left join card_end e on e.card_id = c.id`

export async function findCardListing(
  sql: Sql,
  by: { id: string } | { orderId: string },
): Promise<CardListing | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['order_id', by.orderId]
  return (await sql.query<CardListing>(`${CARD} where c.${column} = $1`, [value]))[0]
}

export type CardFilter = {
  /** the last characters of its code */
  readonly tail?: string | undefined
  readonly status?: CardRow['status'] | undefined
}

/** Newest first; `before` is the id of the last one seen. */
export async function listCards(
  sql: Sql,
  { tail, status }: CardFilter,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<CardListing[]> {
  const values: unknown[] = []
  const conditions: string[] = []
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((it) => `c.tail = ${it}`, tail)
  where((it) => `c.status = ${it}`, status)
  where((it) => `c.id < ${it}::uuid`, before)
  values.push(limit)
  const filtered = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
  return sql.query<CardListing>(`${CARD}${filtered} order by c.id desc limit $${values.length}`, values)
}

/** The card that one of these hashes finds. */
export async function findCardByHashes(sql: Sql, hashes: readonly Buffer[]): Promise<CardListing | undefined> {
  return (await sql.query<CardListing>(`${CARD} where c.code_hash = any($1::bytea[]) limit 1`, [hashes]))[0]
}

export type CardEvent = {
  readonly what: string
  readonly principal: string
  readonly detail: string | null
  readonly at: Date
}

export async function listCardEvents(sql: Sql, cardId: string): Promise<CardEvent[]> {
  return sql.query<CardEvent>(
    'select what, principal, detail, at from card_event where card_id = $1 order by id limit 1000',
    [cardId],
  )
}

export async function insertCardEvent(
  sql: Sql,
  {
    id,
    cardId,
    what,
    principal,
    detail,
  }: { id: string; cardId: string; what: string; principal: string; detail: string | null },
): Promise<void> {
  await sql.query('insert into card_event (id, card_id, what, principal, detail) values ($1, $2, $3, $4, $5)', [
    id,
    cardId,
    what,
    principal,
    detail,
  ])
}

/** A card's state with the number of its changes so far, which tells two changes that are asked for at once apart. */
export async function findCardState(
  sql: Sql,
  id: string,
): Promise<{ status: CardRow['status']; account_id: bigint | null; changes: bigint } | undefined> {
  const rows = await sql.query<{ status: CardRow['status']; account_id: bigint | null; changes: bigint }>(
    `select c.status, c.account_id,
       (select count(*) from card_event e where e.card_id = c.id and e.what in ('blocked', 'unblocked')) as changes
     from card c where c.id = $1`,
    [id],
  )
  return rows[0]
}

/** A row: event, card, status, what, principal, detail, moment. */
export const cardStatusChanged: Effect = {
  name: 'card-status-changed',
  told: cardStatusTold,
  text: `with u as (
      select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
        as u (event_id, card_id, status, what, principal, detail, at)
    ), told as (
      insert into card_event (id, card_id, what, principal, detail, at)
      select event_id, card_id, what, principal, detail, at from u
    )
    update card c set status = u.status from u where c.id = u.card_id and c.status <> 'ended'`,
}

/** Brands whose codes come from elsewhere, under which a code may be found. */
export async function listForeignBrandIds(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(`select id from brand where supply <> 'own' order by id`)
  return rows.map(({ id }) => id)
}
