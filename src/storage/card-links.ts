import type { CardRow } from './cards.ts'
import type { Sql } from './database.ts'

/** A card as its page shows it. Amounts in minor units. */
export type LinkedCard = CardRow & {
  readonly link_version: number
  /** that the link is of; another one than the card's means that it opens nothing any more */
  readonly version: number
  readonly brand_name: string
  readonly barcode: string
  readonly texts: Readonly<Record<string, unknown>>
  readonly currency: string
  readonly exponent: number
  /** of a card that Billfold issued; null: the vendor knows */
  readonly balance: bigint | null
  readonly held: bigint | null
  readonly end_how: string | null
}

const COLUMNS = `c.*, b.name as brand_name, b.barcode, b.texts, s.code as currency, s.exponent, a.balance, a.held,
  e.how as end_how`
const JOINS = `join brand b on b.id = c.brand_id join asset s on s.id = c.asset_id
left join account a on a.id = c.account_id left join card_end e on e.card_id = c.id`

/** @param linkHash SHA-256 of the secret in the address */
export async function findCardByLink(sql: Sql, linkHash: Buffer): Promise<LinkedCard | undefined> {
  const rows = await sql.query<LinkedCard>(
    `select l.version, ${COLUMNS} from (
       select id as card_id, 0 as version from card where link_hash = $1
       union all select card_id, version from card_link where link_hash = $1
     ) as l join card c on c.id = l.card_id ${JOINS}`,
    [linkHash],
  )
  return rows[0]
}

/** A card in somebody's wallet; `sealed_link` opens its page. */
export type KeptCard = Omit<LinkedCard, 'version'> & { readonly sealed_link: Buffer }

/** Newest first. @param page.before the last one seen */
export async function listKeptCards(
  sql: Sql,
  { partyId, before, limit }: { partyId: string; before?: string | undefined; limit: number },
): Promise<KeptCard[]> {
  return sql.query<KeptCard>(
    `select coalesce(l.link, c.link) as sealed_link, ${COLUMNS}
     from card c left join card_link l on l.card_id = c.id and l.version = c.link_version ${JOINS}
     where c.wallet_party_id = $1 and ($2::uuid is null or c.id < $2) order by c.id desc limit $3`,
    [partyId, before ?? null, limit],
  )
}

/** What a card's link is sealed for; version 0 is the one that it was issued with. */
export const linkContext = (cardId: string, version: number): string =>
  version === 0 ? `card:${cardId}:link` : `card:${cardId}:link:${version}`

/**
 * Hands a card from one holder to another under a new link, in one conditional write: of several who try, with the same link or
 * another one, one gets it. The link before opens nothing afterwards.
 * @param move.version of the link that it is done by
 * @returns false when the card has moved meanwhile or has ended
 */
export async function moveCard(
  sql: Sql,
  move: {
    eventId: string
    cardId: string
    version: number
    from: string | null
    to: string | null
    linkHash: Buffer
    link: Buffer
    what: 'claimed' | 'given'
    principal: string
  },
): Promise<boolean> {
  const rows = await sql.query(
    `with moved as (
       update card set wallet_party_id = $5, link_version = link_version + 1
       where id = $2 and link_version = $3 and wallet_party_id is not distinct from $4 and status <> 'ended'
       returning id, link_version
     ), linked as (
       insert into card_link (card_id, version, link_hash, link, principal)
       select id, link_version, $6, $7, $9 from moved
     )
     insert into card_event (id, card_id, what, principal) select $1, id, $8, $9 from moved returning id`,
    [move.eventId, move.cardId, move.version, move.from, move.to, move.linkHash, move.link, move.what, move.principal],
  )
  return rows.length === 1
}
