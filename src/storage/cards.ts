import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { cardEndedTold, cardIssuedTold } from './event-facts.ts'

/** A card as it stands; `code` and `link` are sealed for `card:ID:secrets` and `card:ID:link`. */
export type CardRow = {
  readonly id: string
  readonly order_id: string | null
  readonly brand_id: string
  readonly asset_id: number
  readonly face: bigint
  /** its ledger account, when Billfold is its issuer */
  readonly account_id: bigint | null
  readonly code_hash: Buffer
  readonly code: Buffer
  readonly tail: string
  readonly link_hash: Buffer
  readonly link: Buffer
  readonly wallet_party_id: string | null
  readonly status: 'active' | 'blocked' | 'ended'
  readonly issued_at: Date
  readonly expires_at: Date | null
}

type CardKey = { id: string } | { orderId: string } | { codeHash: Buffer } | { linkHash: Buffer }

export async function findCard(sql: Sql, key: CardKey): Promise<CardRow | undefined> {
  const [column, value] =
    'id' in key
      ? ['id', key.id]
      : 'orderId' in key
        ? ['order_id', key.orderId]
        : 'codeHash' in key
          ? ['code_hash', key.codeHash]
          : ['link_hash', key.linkHash]
  const rows = await sql.query<CardRow>(`select * from card where ${column} = $1`, [value])
  return rows[0]
}

export const cardIssued: Effect = {
  name: 'card-issued',
  told: cardIssuedTold,
  text: `insert into card (id, order_id, brand_id, asset_id, face, account_id, code_hash, code, tail, link_hash, link, issued_at,
      expires_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[],
      $9::text[], $10::bytea[], $11::bytea[], $12::timestamptz[], $13::timestamptz[])`,
}

export type CardEndRow = {
  readonly how: string
  readonly amount: bigint
  readonly transaction_id: string
  readonly at: Date
}

export async function findCardEnd(sql: Sql, cardId: string): Promise<CardEndRow | undefined> {
  const rows = await sql.query<CardEndRow>('select how, amount, transaction_id, at from card_end where card_id = $1', [
    cardId,
  ])
  return rows[0]
}

/** Ends a card, once: a second end breaks the key. */
export const cardEnded: Effect = {
  name: 'card-ended',
  told: cardEndedTold,
  text: `with ended as (
      insert into card_end (card_id, how, amount, transaction_id, at)
      select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::timestamptz[]) returning card_id
    )
    update card c set status = 'ended' from unnest($1::uuid[]) as u (id) where c.id = u.id`,
}
export const CARD_END = 'card_end_pkey'
