import type { Sql } from './database.ts'

/** A key for access tokens: of one merchant, or of all merchants of a company. */
export type MerchantKey = {
  readonly id: string
  readonly key: string
  readonly merchantId: string | null
  readonly companyId: string | null
}

/** A key as operators see it: without its secret. */
export type MerchantKeyListing = MerchantKey & { readonly createdAt: Date; readonly revokedAt: Date | null }

const COLUMNS = 'k.id, k.key, k.merchant_id as "merchantId", k.company_id as "companyId"'

/** A live key with the SHA-256 of its secret; none of a merchant that is disabled. */
export async function findMerchantKey(
  sql: Sql,
  by: { key: string } | { id: string },
): Promise<(MerchantKey & { readonly secretHash: Buffer; readonly partyId: string }) | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['key', by.key]
  const rows = await sql.query<MerchantKey & { secretHash: Buffer; partyId: string }>(
    `select ${COLUMNS}, k.secret_hash as "secretHash", coalesce(m.party_id, c.party_id) as "partyId"
     from merchant_key k left join merchant m on m.id = k.merchant_id left join company c on c.id = k.company_id
     where k.${column} = $1 and k.revoked_at is null and m.disabled_at is null`,
    [value],
  )
  return rows[0]
}

/** Whether a key, or the sign-in of a party, reaches a merchant. */
export const reachesMerchant = (
  reach: Pick<MerchantKey, 'merchantId' | 'companyId'> | { readonly partyId: string },
  merchant: { readonly id: string; readonly companyId: string | null; readonly partyId: string },
): boolean =>
  'partyId' in reach
    ? reach.partyId === merchant.partyId
    : reach.merchantId === merchant.id || (reach.companyId !== null && reach.companyId === merchant.companyId)

export async function insertMerchantKey(sql: Sql, row: MerchantKey & { readonly secretHash: Buffer }): Promise<void> {
  await sql.query(
    'insert into merchant_key (id, merchant_id, company_id, key, secret_hash) values ($1, $2, $3, $4, $5)',
    [row.id, row.merchantId, row.companyId, row.key, row.secretHash],
  )
}

export async function listMerchantKeys(
  sql: Sql,
  of: { readonly merchantId: string; readonly companyId: string | null },
): Promise<MerchantKeyListing[]> {
  return sql.query<MerchantKeyListing>(
    `select ${COLUMNS}, k.created_at as "createdAt", k.revoked_at as "revokedAt" from merchant_key k
     where k.merchant_id = $1 or k.company_id = $2 order by k.id`,
    [of.merchantId, of.companyId],
  )
}

/** Keeps the first moment. @returns false when there is no such key of the merchant or its company */
export async function revokeMerchantKey(
  sql: Sql,
  id: string,
  of: { readonly merchantId: string; readonly companyId: string | null },
): Promise<boolean> {
  const rows = await sql.query(
    `update merchant_key set revoked_at = coalesce(revoked_at, clock_timestamp())
     where id = $1 and (merchant_id = $2 or company_id = $3) returning id`,
    [id, of.merchantId, of.companyId],
  )
  return rows.length === 1
}
