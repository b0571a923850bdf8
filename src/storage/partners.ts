import type { Sql } from './database.ts'

export type Partner = { readonly id: string; readonly partyId: string; readonly slug: string; readonly live: boolean }

type PartnerRow = { id: string; party_id: string; slug: string; live: boolean; disabled_at: Date | null }

const readPartner = ({ id, party_id: partyId, slug, live }: PartnerRow): Partner => ({ id, partyId, slug, live })

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
     where c.key_hash = $1 and c.protocol = $2 and c.revoked_at is null and p.disabled_at is null`,
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

/** The wallet that a partner pays from in one unit of account. */
export async function findFloat(sql: Sql, partnerId: string, assetId: number): Promise<bigint | undefined> {
  const rows = await sql.query<{ wallet_id: bigint }>(
    'select wallet_id from partner_float where partner_id = $1 and asset_id = $2',
    [partnerId, assetId],
  )
  return rows[0]?.wallet_id
}

/** @returns false when the partner has a float in that asset */
export async function insertFloat(sql: Sql, partnerId: string, assetId: number, walletId: bigint): Promise<boolean> {
  const rows = await sql.query(
    `insert into partner_float (partner_id, asset_id, wallet_id) values ($1, $2, $3)
     on conflict (partner_id, asset_id) do nothing returning 1`,
    [partnerId, assetId, walletId],
  )
  return rows.length === 1
}

/** One float of a partner; amounts in minor units. */
export type FloatBalance = {
  readonly currency: string
  readonly exponent: number
  readonly balance: bigint
  readonly held: bigint
  readonly lower: bigint | null
}

export async function listFloats(sql: Sql, partnerId: string): Promise<FloatBalance[]> {
  return sql.query<FloatBalance>(
    `select s.code as currency, s.exponent, a.balance, a.held, a.lower
     from partner_float f join account a on a.id = f.wallet_id join asset s on s.id = f.asset_id
     where f.partner_id = $1 order by s.code`,
    [partnerId],
  )
}
