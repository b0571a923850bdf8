import type { Asset } from '../domain/asset.ts'
import type { Sql } from './database.ts'

export type Confirmation = 'manual' | 'automatic'

/** What a partner of Jackpot's protocol has beyond its credentials. */
export type JackpotAccount = {
  readonly partnerId: string
  readonly asset: Asset
  /** SHA-256 */
  readonly clientSecretHash: Buffer
  /** origins that may frame the page of a session */
  readonly allowedDomains: readonly string[]
  readonly notificationUrl: string | null
  readonly confirmation: Confirmation
  /** deprecated, and off when null */
  readonly callbackUrl: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

type Row = {
  partner_id: string
  asset_id: number
  code: string
  circle: string
  exponent: number
  client_secret_hash: Buffer
  allowed_domains: string[]
  notification_url: string | null
  confirmation: Confirmation
  callback_url: string | null
  created_at: Date
  updated_at: Date
}

const SELECT = 'select a.*, s.code, s.circle, s.exponent from jackpot_account a join asset s on s.id = a.asset_id'

const read = (row: Row): JackpotAccount => ({
  partnerId: row.partner_id,
  asset: { id: row.asset_id, code: row.code, circle: row.circle, exponent: row.exponent },
  clientSecretHash: row.client_secret_hash,
  allowedDomains: row.allowed_domains,
  notificationUrl: row.notification_url,
  confirmation: row.confirmation,
  callbackUrl: row.callback_url,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export async function findJackpotAccount(sql: Sql, partnerId: string): Promise<JackpotAccount | undefined> {
  const rows = await sql.query<Row>(`${SELECT} where a.partner_id = $1`, [partnerId])
  return rows[0] && read(rows[0])
}

/** Those that are told of a store in this unit of account. */
export async function listToldAccounts(sql: Sql, assetId: number): Promise<JackpotAccount[]> {
  const rows = await sql.query<Row>(
    `${SELECT} join partner p on p.id = a.partner_id
     where a.asset_id = $1 and a.notification_url is not null and p.disabled_at is null order by a.partner_id`,
    [assetId],
  )
  return rows.map(read)
}

/** @returns false when the partner has one */
export async function insertJackpotAccount(
  sql: Sql,
  account: Omit<JackpotAccount, 'createdAt' | 'updatedAt' | 'asset'> & { assetId: number },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into jackpot_account (partner_id, asset_id, client_secret_hash, allowed_domains, notification_url, confirmation,
       callback_url)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning 1`,
    [
      account.partnerId,
      account.assetId,
      account.clientSecretHash,
      account.allowedDomains,
      account.notificationUrl,
      account.confirmation,
      account.callbackUrl,
    ],
  )
  return rows.length === 1
}

export type JackpotChange = Partial<
  Pick<JackpotAccount, 'clientSecretHash' | 'allowedDomains' | 'notificationUrl' | 'confirmation' | 'callbackUrl'>
>

/** Changes what is named, and nothing else. */
export async function updateJackpotAccount(sql: Sql, partnerId: string, change: JackpotChange): Promise<void> {
  const columns: [string, unknown][] = [
    ['client_secret_hash', change.clientSecretHash],
    ['allowed_domains', change.allowedDomains],
    ['notification_url', change.notificationUrl],
    ['confirmation', change.confirmation],
    ['callback_url', change.callbackUrl],
  ]
  const named = columns.filter(([, value]) => value !== undefined)
  const assignments = named.map(([column], i) => `, ${column} = $${i + 2}`).join('')
  await sql.query(`update jackpot_account set updated_at = clock_timestamp()${assignments} where partner_id = $1`, [
    partnerId,
    ...named.map(([, value]) => value),
  ])
}
