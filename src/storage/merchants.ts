import type { PlanTerms } from '../domain/schedule.ts'
import type { Sql } from './database.ts'
import { findWalletById, type Wallet } from './wallets.ts'

/** Merchants of one business. */
export type Company = { readonly id: string; readonly uid: string; readonly partyId: string; readonly name: string }

/** One plan that a merchant offers, by its own name. Limits in minor units. */
export type MerchantPlan = {
  readonly name: string
  readonly terms: PlanTerms
  readonly feeBp: number
  readonly minAmount: bigint
  /** null: no limit */
  readonly maxAmount: bigint | null
}

export type Merchant = {
  readonly id: string
  /** `mer_…` */
  readonly uid: string
  readonly partyId: string
  readonly companyId: string | null
  readonly name: string
  /** is paid, and pays credits; it says the currency */
  readonly wallet: Wallet
  /** account that pays for what is paid later */
  readonly financing: bigint | null
  /** account that gets the fees of plans */
  readonly fees: bigint | null
  /** sealed for `merchant:ID:secret` */
  readonly secret: Buffer | null
  readonly requiresSignature: boolean
  readonly manualCapture: boolean
  readonly linkSeconds: number
  readonly paymentNotificationUrl: string | null
  readonly errorNotificationUrl: string | null
  /** where requests that are not signed may send people and notifications; empty: nowhere. Signed ones may name any address */
  readonly redirectHosts: readonly string[]
  readonly plans: readonly MerchantPlan[]
  readonly createdAt: Date
  readonly disabledAt: Date | null
}

type MerchantRow = {
  id: string
  uid: string
  party_id: string
  company_id: string | null
  name: string
  wallet_id: bigint
  financing_id: bigint | null
  fees_id: bigint | null
  secret: Buffer | null
  requires_signature: boolean
  manual_capture: boolean
  link_seconds: number
  payment_notification_url: string | null
  error_notification_url: string | null
  redirect_hosts: string[]
  created_at: Date
  disabled_at: Date | null
}

const SELECT = 'select m.* from merchant m'

type PlanRow = {
  merchant_id: string
  name: string
  kind: PlanTerms['kind']
  parts: number | null
  days: number | null
  fee_bp: number
  min_amount: bigint
  max_amount: bigint | null
}

const readTerms = ({ kind, parts, days }: PlanRow): PlanTerms =>
  kind === 'now' ? { kind } : kind === 'deferred' ? { kind, days: days as number } : { kind, parts: parts as number }

const readPlan = (row: PlanRow): MerchantPlan => ({
  name: row.name,
  terms: readTerms(row),
  feeBp: row.fee_bp,
  minAmount: row.min_amount,
  maxAmount: row.max_amount,
})

async function readMerchants(sql: Sql, rows: readonly MerchantRow[]): Promise<Merchant[]> {
  if (rows.length === 0) return []
  const plans = await sql.query<PlanRow>(
    `select * from merchant_plan where merchant_id = any($1::uuid[])
     order by merchant_id, array_position(array['now', 'deferred', 'instalments'], kind), coalesce(parts, days), name`,
    [rows.map(({ id }) => id)],
  )
  return Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      uid: row.uid,
      partyId: row.party_id,
      companyId: row.company_id,
      name: row.name,
      wallet: (await findWalletById(sql, row.wallet_id)) as Wallet,
      financing: row.financing_id,
      fees: row.fees_id,
      secret: row.secret,
      requiresSignature: row.requires_signature,
      manualCapture: row.manual_capture,
      linkSeconds: row.link_seconds,
      paymentNotificationUrl: row.payment_notification_url,
      errorNotificationUrl: row.error_notification_url,
      redirectHosts: row.redirect_hosts,
      plans: plans.filter((plan) => plan.merchant_id === row.id).map(readPlan),
      createdAt: row.created_at,
      disabledAt: row.disabled_at,
    })),
  )
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Also one that is disabled. @param by whatever its text: what is no id is nobody's */
export async function findMerchant(sql: Sql, by: { uid: string } | { id: string }): Promise<Merchant | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['uid', by.uid]
  if (column === 'id' && !UUID.test(value)) return undefined
  const rows = await sql.query<MerchantRow>(`${SELECT} where m.${column} = $1`, [value])
  return (await readMerchants(sql, rows))[0]
}

export async function listMerchants(
  sql: Sql,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Merchant[]> {
  const rows = await sql.query<MerchantRow>(`${SELECT} where $1::uuid is null or m.id > $1 order by m.id limit $2`, [
    after ?? null,
    limit,
  ])
  return readMerchants(sql, rows)
}

/** Those that are not disabled, unless asked for, in the order in which they were made. */
export async function listCompanyMerchants(
  sql: Sql,
  companyId: string,
  { disabled = false }: { disabled?: boolean } = {},
): Promise<Merchant[]> {
  const rows = await sql.query<MerchantRow>(
    `${SELECT} where m.company_id = $1 and (m.disabled_at is null or $2) order by m.id`,
    [companyId, disabled],
  )
  return readMerchants(sql, rows)
}

export async function findCompany(sql: Sql, by: { uid: string } | { id: string }): Promise<Company | undefined> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['uid', by.uid]
  if (column === 'id' && !UUID.test(value)) return undefined
  const rows = await sql.query<Company>(
    `select id, uid, party_id as "partyId", name from company where ${column} = $1`,
    [value],
  )
  return rows[0]
}

/** The first one of a party. */
export async function findCompanyOfParty(sql: Sql, partyId: string): Promise<Company | undefined> {
  const rows = await sql.query<Company>(
    'select id, uid, party_id as "partyId", name from company where party_id = $1 order by id limit 1',
    [partyId],
  )
  return rows[0]
}

export async function listCompanies(
  sql: Sql,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Company[]> {
  return sql.query<Company>(
    `select id, uid, party_id as "partyId", name from company where $1::uuid is null or id > $1 order by id limit $2`,
    [after ?? null, limit],
  )
}

export async function insertCompany(sql: Sql, { id, uid, partyId, name }: Company): Promise<void> {
  await sql.query('insert into company (id, uid, party_id, name) values ($1, $2, $3, $4)', [id, uid, partyId, name])
}

export type NewMerchant = Omit<Merchant, 'wallet' | 'createdAt' | 'disabledAt'> & {
  readonly walletId: bigint
}

/** With its plans; inside a transaction of the caller's. */
export async function insertMerchant(sql: Sql, row: NewMerchant): Promise<void> {
  await sql.query(
    `insert into merchant (id, uid, party_id, company_id, name, wallet_id, financing_id, fees_id, secret, requires_signature,
       manual_capture, link_seconds, payment_notification_url, error_notification_url, redirect_hosts)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      row.id,
      row.uid,
      row.partyId,
      row.companyId,
      row.name,
      row.walletId,
      row.financing,
      row.fees,
      row.secret,
      row.requiresSignature,
      row.manualCapture,
      row.linkSeconds,
      row.paymentNotificationUrl,
      row.errorNotificationUrl,
      row.redirectHosts,
    ],
  )
  for (const plan of row.plans) await putPlan(sql, row.id, plan)
}

/** Adds a plan, or changes the one of that name; purchases keep the terms that were accepted. */
export async function putPlan(sql: Sql, merchantId: string, plan: MerchantPlan): Promise<void> {
  const { name, terms, feeBp, minAmount, maxAmount } = plan
  await sql.query(
    `insert into merchant_plan (merchant_id, name, kind, parts, days, fee_bp, min_amount, max_amount)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (merchant_id, name) do update set kind = excluded.kind, parts = excluded.parts, days = excluded.days,
       fee_bp = excluded.fee_bp, min_amount = excluded.min_amount, max_amount = excluded.max_amount`,
    [
      merchantId,
      name,
      terms.kind,
      terms.kind === 'instalments' ? terms.parts : null,
      terms.kind === 'deferred' ? terms.days : null,
      feeBp,
      minAmount,
      maxAmount,
    ],
  )
}

/** @returns false when there is none of that name */
export async function deletePlan(sql: Sql, merchantId: string, name: string): Promise<boolean> {
  const rows = await sql.query('delete from merchant_plan where merchant_id = $1 and name = $2 returning name', [
    merchantId,
    name,
  ])
  return rows.length === 1
}

export async function updateMerchantSecret(sql: Sql, id: string, secret: Buffer | null): Promise<void> {
  await sql.query('update merchant set secret = $2 where id = $1', [id, secret])
}

/** What may change about a merchant. */
export type MerchantChange = Partial<
  Pick<
    Merchant,
    | 'name'
    | 'requiresSignature'
    | 'manualCapture'
    | 'linkSeconds'
    | 'paymentNotificationUrl'
    | 'errorNotificationUrl'
    | 'redirectHosts'
  >
>

/** Changes what is named, and nothing else. */
export async function updateMerchant(sql: Sql, id: string, change: MerchantChange): Promise<void> {
  const columns: [string, unknown][] = []
  const set = (column: string, value: unknown) => value !== undefined && columns.push([column, value])
  set('name', change.name)
  set('requires_signature', change.requiresSignature)
  set('manual_capture', change.manualCapture)
  set('link_seconds', change.linkSeconds)
  set('payment_notification_url', change.paymentNotificationUrl)
  set('error_notification_url', change.errorNotificationUrl)
  set('redirect_hosts', change.redirectHosts)
  if (columns.length === 0) return
  const assignments = columns.map(([column], i) => `${column} = $${i + 2}`).join(', ')
  await sql.query(`update merchant set ${assignments} where id = $1`, [id, ...columns.map(([, value]) => value)])
}

/** Keeps the first moment when it is asked for again. */
export async function disableMerchant(sql: Sql, id: string): Promise<void> {
  await sql.query('update merchant set disabled_at = coalesce(disabled_at, clock_timestamp()) where id = $1', [id])
}
