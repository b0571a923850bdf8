import type { Effect } from '../ledger/command.ts'
import type { CardRow } from './cards.ts'
import type { Sql } from './database.ts'
import { cardRedeemedTold, cardRefundedTold, cardToppedUpTold } from './event-facts.ts'

/** A card that Billfold issued, with what decides whether it can be used. Amounts in minor units. */
export type OwnCard = Omit<CardRow, 'account_id'> & {
  readonly account_id: bigint
  readonly link_version: number
  readonly balance: bigint
  /** reserved by open holds */
  readonly held: bigint
  readonly brand: string
  readonly brand_name: string
  /** the greatest value that the brand sells */
  readonly max_balance: bigint
  readonly currency: string
  readonly circle: string
  readonly exponent: number
  readonly end_how: string | null
}

const OWN_CARD = `
select c.*, a.balance, a.held, b.slug as brand, b.name as brand_name, s.code as currency, s.circle, s.exponent, e.how as end_how,
  coalesce(b.max_value, b.fixed_values[cardinality(b.fixed_values)]) as max_balance
from card c join account a on a.id = c.account_id join brand b on b.id = c.brand_id join asset s on s.id = c.asset_id
left join card_end e on e.card_id = c.id`

export async function findOwnCard(sql: Sql, by: { codeHash: Buffer } | { id: string }): Promise<OwnCard | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['code_hash', by.codeHash]
  return (await sql.query<OwnCard>(`${OWN_CARD} where c.${column} = $1`, [value]))[0]
}

/** Whether the wallet's owner takes the brand's cards, and whether a brand's own books are kept in it. */
export async function findTill(
  sql: Sql,
  brandId: string,
  walletId: bigint,
): Promise<{ accepted: boolean; books: boolean } | undefined> {
  const rows = await sql.query<{ accepted: boolean; books: boolean }>(
    `select w.party_id = o.party_id or m.party_id is not null as accepted,
       w.kept as books
     from wallet w join brand b on b.id = $1 join wallet o on o.id = b.settlement_id
     left join brand_merchant m on m.brand_id = b.id and m.party_id = w.party_id
     where w.id = $2`,
    [brandId, walletId],
  )
  return rows[0]
}

/** Row: transaction, card, wallet, party, amount, hold, balance, note, principal, moment, the card's expiry. */
export const cardRedeemed: Effect = {
  name: 'card-redeemed',
  told: cardRedeemedTold,
  text: `insert into card_redemption (id, card_id, wallet_id, party_id, amount, hold_id, balance, note, principal, at, valid_until)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[], $6::uuid[], $7::bigint[], $8::text[],
      $9::text[], $10::timestamptz[], $11::timestamptz[])`,
}

/** Row: hold, card, wallet, party, amount, note, principal, transaction, moment, the card's expiry, the hold's. */
export const cardHeld: Effect = {
  name: 'card-held',
  text: `insert into card_hold (id, card_id, wallet_id, party_id, amount, note, principal, transaction_id, at, valid_until,
      expires_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::uuid[],
      $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])`,
}

/** Row: transaction, redemption, amount, balance, principal, moment, the card's expiry. */
export const cardRefunded: Effect = {
  name: 'card-refunded',
  told: cardRefundedTold,
  text: `insert into card_refund (id, redemption_id, amount, balance, principal, at, valid_until)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[], $7::timestamptz[])`,
}

/** Adds to what was given back of a redemption; more than its amount breaks `card_refund_within_redemption`. Row: redemption, amount. */
export const redemptionRefunded: Effect = {
  name: 'redemption-refunded',
  text: `update card_redemption r set refunded = r.refunded + u.amount
    from (select id, sum(amount)::bigint as amount from unnest($1::uuid[], $2::bigint[]) as v (id, amount) group by id) as u
    where r.id = u.id`,
}

/** Row: transaction, card, wallet, party, amount, balance, most it may hold, principal, moment, the card's expiry. */
export const cardToppedUp: Effect = {
  name: 'card-topped-up',
  told: cardToppedUpTold,
  text: `insert into card_top_up (id, card_id, wallet_id, party_id, amount, balance, max_balance, principal, at, valid_until)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],
      $9::timestamptz[], $10::timestamptz[])`,
}

/** A redemption as its merchant sees it: the card is masked. */
export type Redemption = {
  readonly id: string
  readonly card_id: string
  readonly wallet_id: bigint
  readonly wallet: string
  readonly party_id: string
  readonly amount: bigint
  readonly refunded: bigint
  readonly hold_id: string | null
  readonly balance: bigint
  readonly note: string | null
  readonly at: Date
  readonly tail: string
  readonly brand: string
  readonly brand_name: string
  readonly currency: string
  readonly circle: string
  readonly exponent: number
}

const REDEMPTION = `
select r.id, r.card_id, r.wallet_id, w.namespace || ':' || w.number || ':' || w.currency as wallet, r.party_id, r.amount,
  r.refunded, r.hold_id, r.balance, r.note, r.at, c.tail, b.slug as brand, b.name as brand_name, s.code as currency, s.circle,
  s.exponent
from card_redemption r join card c on c.id = r.card_id join brand b on b.id = c.brand_id join asset s on s.id = c.asset_id
join wallet w on w.id = r.wallet_id`

/** @param partyId whose it must be */
export async function findRedemption(sql: Sql, id: string, partyId: string): Promise<Redemption | undefined> {
  return (await sql.query<Redemption>(`${REDEMPTION} where r.id = $1 and r.party_id = $2`, [id, partyId]))[0]
}

/** Newest first. @param page.before the last one seen */
export async function listRedemptions(
  sql: Sql,
  { partyId, before, limit }: { partyId: string; before?: string | undefined; limit: number },
): Promise<Redemption[]> {
  return sql.query<Redemption>(
    `${REDEMPTION} where r.party_id = $1 and ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
    [partyId, before ?? null, limit],
  )
}

/** A hold as its merchant sees it. `status`: 0 open, 1 captured, 2 released, 3 expired. */
export type CardHold = Omit<Redemption, 'refunded' | 'hold_id' | 'balance'> & {
  readonly status: number
  readonly captured: bigint
  readonly expires_at: Date
  readonly account_id: bigint
}

export async function findCardHold(sql: Sql, id: string, partyId: string): Promise<CardHold | undefined> {
  const rows = await sql.query<CardHold>(
    `select r.id, r.card_id, r.wallet_id, w.namespace || ':' || w.number || ':' || w.currency as wallet, r.party_id, r.amount,
       r.note, r.at, r.expires_at, c.tail, c.account_id, b.slug as brand, b.name as brand_name, s.code as currency, s.circle,
       s.exponent, h.captured, case when h.status = 0 and h.expires_at <= clock_timestamp() then 3 else h.status end as status
     from card_hold r join hold h on h.id = r.id join card c on c.id = r.card_id join brand b on b.id = c.brand_id
     join asset s on s.id = c.asset_id join wallet w on w.id = r.wallet_id
     where r.id = $1 and r.party_id = $2`,
    [id, partyId],
  )
  return rows[0]
}

export type ExpiringCard = {
  readonly id: string
  readonly account_id: bigint
  readonly balance: bigint
  readonly breakage: bigint
  readonly brand: string
}

/** Cards whose time is over and that nothing is held of; blocked ones wait for whoever blocked them. */
export async function listExpiredCards(sql: Sql, now: Date, limit: number): Promise<ExpiringCard[]> {
  return sql.query<ExpiringCard>(
    `select c.id, c.account_id, a.balance, b.breakage_id as breakage, b.slug as brand
     from card c join account a on a.id = c.account_id join brand b on b.id = c.brand_id
     where c.expires_at <= $1 and c.status <> 'ended' and c.status = 'active' and a.held = 0 and a.incoming = 0
     order by c.expires_at limit $2`,
    [now, limit],
  )
}

/** What a refund or a top-up put onto a card. */
export type CardMovement = {
  readonly card_id: string
  readonly redemption_id: string | null
  readonly amount: bigint
  readonly balance: bigint
  readonly at: Date
  readonly exponent: number
}

export async function findCardMovement(sql: Sql, id: string): Promise<CardMovement | undefined> {
  const rows = await sql.query<CardMovement>(
    `select m.*, s.exponent from (
       select r.card_id, f.redemption_id, f.amount, f.balance, f.at
       from card_refund f join card_redemption r on r.id = f.redemption_id where f.id = $1
       union all select card_id, null, amount, balance, at from card_top_up where id = $1
     ) as m join card c on c.id = m.card_id join asset s on s.id = c.asset_id`,
    [id],
  )
  return rows[0]
}

// Who takes a brand's cards beside the brand itself.

export async function insertBrandMerchant(sql: Sql, brandId: string, partyId: string): Promise<void> {
  await sql.query('insert into brand_merchant (brand_id, party_id) values ($1, $2) on conflict do nothing', [
    brandId,
    partyId,
  ])
}

/** Of many brands, by their slugs. */
export async function insertMerchantOfBrands(sql: Sql, slugs: readonly string[], partyId: string): Promise<void> {
  await sql.query(
    'insert into brand_merchant (brand_id, party_id) select id, $2 from brand where slug = any($1) on conflict do nothing',
    [slugs, partyId],
  )
}

export async function deleteBrandMerchant(sql: Sql, brandId: string, partyId: string): Promise<void> {
  await sql.query('delete from brand_merchant where brand_id = $1 and party_id = $2', [brandId, partyId])
}

export type BrandMerchant = { readonly party_id: string; readonly name: string; readonly since: Date | null }

/** The brand's own business first, which has no beginning. */
export async function listBrandMerchants(sql: Sql, brandId: string): Promise<BrandMerchant[]> {
  return sql.query<BrandMerchant>(
    `select p.id as party_id, p.name, m.since from (
       select w.party_id, null as since from brand b join wallet w on w.id = b.settlement_id where b.id = $1
       union all select party_id, since from brand_merchant where brand_id = $1
     ) as m (party_id, since) join party p on p.id = m.party_id order by m.since nulls first, p.id`,
    [brandId],
  )
}

/** A wallet that cards can be redeemed into. */
export type TillWallet = { readonly id: bigint; readonly explicit_id: string; readonly asset_id: number }

/** The open wallets of a business, without those that keep a brand's books or are a partner's float; none for a person. */
export async function listTillWallets(sql: Sql, partyId: string, limit: number): Promise<TillWallet[]> {
  return sql.query<TillWallet>(
    `select w.id, w.namespace || ':' || w.number || ':' || w.currency as explicit_id, a.asset_id
     from party p join wallet w on w.party_id = p.id join account a on a.id = w.id
     where p.id = $1 and p.kind = 'business' and a.status = 0 and not w.kept
     order by w.id limit $2`,
    [partyId, limit],
  )
}
