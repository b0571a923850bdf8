import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { byName, where } from './where.ts'

export type Partner = { readonly id: string; readonly partyId: string; readonly slug: string; readonly live: boolean }

type PartnerRow = {
  id: string
  party_id: string
  slug: string
  live: boolean
  created_at: Date
  disabled_at: Date | null
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const readPartner = ({ id, party_id: partyId, slug, live }: PartnerRow): Partner => ({ id, partyId, slug, live })

/** As operators see it: also one that was disabled. */
export type PartnerListing = Partner & { readonly createdAt: Date; readonly disabledAt: Date | null }

const readListing = (row: PartnerRow): PartnerListing => ({
  ...readPartner(row),
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
})

/** @param idOrSlug a UUID is taken for an id */
export async function findPartnerListing(sql: Sql, idOrSlug: string): Promise<PartnerListing | undefined> {
  const column = UUID.test(idOrSlug) ? 'id' : 'slug'
  const rows = await sql.query<PartnerRow>(`select * from partner where ${column} = $1`, [idOrSlug])
  return rows[0] && readListing(rows[0])
}

export async function listPartners(
  sql: Sql,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<PartnerListing[]> {
  const rows = await sql.query<PartnerRow>(
    'select * from partner where $1::uuid is null or id > $1 order by id limit $2',
    [after ?? null, limit],
  )
  return rows.map(readListing)
}

/** A partner with the name of the business behind it. */
export type FoundPartner = PartnerListing & { readonly party: string }

/** In the order of their ids. @param filter.begins of the slug */
export async function searchPartners(
  sql: Sql,
  filter: { partyId?: string | undefined; begins?: string | undefined; ended?: boolean | undefined },
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<FoundPartner[]> {
  const { conditions, order } = byName({
    table: 'partner',
    alias: 'p',
    name: (alias) => `${alias}.slug`,
    beginning: filter.begins,
    after,
  })
  const of = where(
    [['p.party_id = $', filter.partyId], ['(p.disabled_at is not null) = $', filter.ended], ...conditions],
    [limit],
  )
  const rows = await sql.query<PartnerRow & { party: string }>(
    `select p.*, y.name as party from partner p join party y on y.id = p.party_id where ${of.text} order by ${order} limit $1`,
    of.values,
  )
  return rows.map((row) => ({ ...readListing(row), party: row.party }))
}

/** Keeps the first moment when it is asked for again. */
export async function disablePartner(sql: Sql, id: string): Promise<void> {
  await sql.query('update partner set disabled_at = coalesce(disabled_at, clock_timestamp()) where id = $1', [id])
}

/** @returns false when the slug is taken */
export async function insertPartner(sql: Sql, partner: Partner): Promise<boolean> {
  const rows = await sql.query(
    'insert into partner (id, party_id, slug, live) values ($1, $2, $3, $4) on conflict (slug) do nothing returning id',
    [partner.id, partner.partyId, partner.slug, partner.live],
  )
  return rows.length === 1
}

export async function findPartner(sql: Sql, idOrSlug: { id: string } | { slug: string }): Promise<Partner | undefined> {
  const [column, value] = 'id' in idOrSlug ? ['id', idOrSlug.id] : ['slug', idOrSlug.slug]
  const rows = await sql.query<PartnerRow>(`select * from partner where ${column} = $1 and disabled_at is null`, [
    value,
  ])
  return rows[0] && readPartner(rows[0])
}

export type CredentialProtocol = 'walleo' | 'tillo' | 'pledg' | 'jackpot'

/** A partner's live credential; `secret` is sealed for `partner_credential:ID`. */
export type PartnerCredential = {
  readonly id: string
  readonly protocol: CredentialProtocol
  readonly identifier: string | null
  readonly secret: Buffer
  readonly addresses: readonly string[]
  readonly partner: Partner
}

/** @param keyHash SHA-256 of the API key */
export async function findCredential(
  sql: Sql,
  protocol: CredentialProtocol,
  keyHash: Buffer,
): Promise<PartnerCredential | undefined> {
  const rows = await sql.query<
    PartnerRow & { credential_id: string; identifier: string | null; secret: Buffer; addresses: string[] }
  >(
    `select p.*, c.id as credential_id, c.identifier, c.secret, c.addresses
     from partner_credential c join partner p on p.id = c.partner_id
     where c.key_hash = $1 and c.protocol = $2 and c.revoked_at is null and (c.ends_at is null or c.ends_at > clock_timestamp())
       and p.disabled_at is null`,
    [keyHash, protocol],
  )
  const row = rows[0]
  if (!row) return undefined
  const { credential_id: id, identifier, secret, addresses } = row
  return { id, protocol, identifier, secret, addresses, partner: readPartner(row) }
}

export async function insertCredential(
  sql: Sql,
  row: Omit<PartnerCredential, 'partner'> & { partnerId: string; keyHash: Buffer },
): Promise<void> {
  await sql.query(
    `insert into partner_credential (id, partner_id, protocol, key_hash, identifier, secret, addresses)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.partnerId, row.protocol, row.keyHash, row.identifier, row.secret, row.addresses],
  )
}

/** @returns false when there is none that is live */
export async function revokeCredential(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    'update partner_credential set revoked_at = clock_timestamp() where id = $1 and revoked_at is null returning id',
    [id],
  )
  return rows.length === 1
}

/** A credential as operators see it: without its secrets. */
export type CredentialListing = {
  readonly id: string
  readonly partner_id: string
  readonly protocol: CredentialProtocol
  readonly identifier: string | null
  readonly addresses: string[]
  readonly created_at: Date
  readonly revoked_at: Date | null
  /** of one that was replaced: the moment from which it opens nothing any more */
  readonly ends_at: Date | null
}

const CREDENTIAL =
  'select id, partner_id, protocol, identifier, addresses, created_at, revoked_at, ends_at from partner_credential'

export async function listCredentials(
  sql: Sql,
  { partnerId, after, limit }: { partnerId: string; after?: string | undefined; limit: number },
): Promise<CredentialListing[]> {
  return sql.query<CredentialListing>(
    `${CREDENTIAL} where partner_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [partnerId, after ?? null, limit],
  )
}

export async function findCredentialListing(sql: Sql, id: string): Promise<CredentialListing | undefined> {
  return (await sql.query<CredentialListing>(`${CREDENTIAL} where id = $1`, [id]))[0]
}

export async function updateCredentialAddresses(sql: Sql, id: string, addresses: readonly string[]): Promise<void> {
  await sql.query('update partner_credential set addresses = $2 where id = $1', [id, addresses])
}

/** Lets a credential end at a moment, once. @returns false when it has ended, or is going to */
export async function endCredentialAt(sql: Sql, id: string, at: Date): Promise<boolean> {
  const rows = await sql.query(
    `update partner_credential set ends_at = $2 where id = $1 and revoked_at is null and ends_at is null returning 1`,
    [id, at],
  )
  return rows.length === 1
}

/** Ends all of a partner's credentials of one protocol. */
export async function revokeCredentialsOf(sql: Sql, partnerId: string, protocol: CredentialProtocol): Promise<void> {
  await sql.query(
    `update partner_credential set revoked_at = clock_timestamp()
     where partner_id = $1 and protocol = $2 and revoked_at is null`,
    [partnerId, protocol],
  )
}

/** The wallet that a partner pays from in one unit of account. */
export async function findFloat(sql: Sql, partnerId: string, assetId: number): Promise<bigint | undefined> {
  const rows = await sql.query<{ wallet_id: bigint }>(
    'select wallet_id from partner_float where partner_id = $1 and asset_id = $2',
    [partnerId, assetId],
  )
  return rows[0]?.wallet_id
}

/** A partner's float by the name of its currency. */
export async function findFloatOf(
  sql: Sql,
  partnerId: string,
  currency: string,
  circle: string,
): Promise<{ wallet_id: bigint; asset_id: number; explicit_id: string } | undefined> {
  const rows = await sql.query<{ wallet_id: bigint; asset_id: number; explicit_id: string }>(
    `select f.wallet_id, f.asset_id, w.namespace || ':' || w.number || ':' || w.currency as explicit_id
     from partner_float f join asset s on s.id = f.asset_id join wallet w on w.id = f.wallet_id
     where f.partner_id = $1 and s.code = $2 and s.circle = $3`,
    [partnerId, currency, circle],
  )
  return rows[0]
}

/** Written with the opening of the wallet: partner, asset, wallet. A second float in the asset breaks the constraint of that name. */
export const floatOpened: Effect = {
  name: 'float-opened',
  text: `insert into partner_float (partner_id, asset_id, wallet_id)
    select * from unnest($1::uuid[], $2::int[], $3::bigint[])`,
}

/** One float of a partner; amounts in minor units. */
export type FloatBalance = {
  readonly wallet: string
  readonly currency: string
  readonly circle: string
  readonly exponent: number
  readonly balance: bigint
  readonly held: bigint
  readonly lower: bigint | null
}

export async function listFloats(sql: Sql, partnerId: string): Promise<FloatBalance[]> {
  return sql.query<FloatBalance>(
    `select w.namespace || ':' || w.number || ':' || w.currency as wallet, s.code as currency, s.circle, s.exponent,
       a.balance, a.held, a.lower
     from partner_float f join account a on a.id = f.wallet_id join asset s on s.id = f.asset_id
     join wallet w on w.id = f.wallet_id
     where f.partner_id = $1 order by s.code, s.circle`,
    [partnerId],
  )
}
