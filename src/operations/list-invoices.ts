import type { Asset } from '../domain/asset.ts'
import type { Sql } from '../storage/database.ts'
import {
  findInvoice,
  INVOICE_STATUS,
  type InvoiceRole,
  type InvoiceRow,
  type InvoiceStatus,
  listInvoiceRows,
} from '../storage/invoices.ts'

export type { InvoiceRole, InvoiceStatus } from '../storage/invoices.ts'

/** An invoice as both sides see it. `amount` in minor units of `asset`; `issuer` and `debtor` are explicit ids. */
export type InvoiceView = {
  readonly reference: string
  readonly issuer: string
  readonly debtor: string
  readonly amount: bigint
  readonly asset: Asset
  readonly description: string | null
  /** as the issuer gave it: amounts as JSON numbers or decimal strings */
  readonly details: Record<string, number | string> | null
  readonly metadata: Record<string, unknown> | null
  readonly status: InvoiceStatus
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly settledAt: Date | null
  /** reference of the payment */
  readonly paidBy: string | null
}

export type ListInvoices = {
  partyId: string
  role: InvoiceRole
  status?: InvoiceStatus
  /** reference of the last invoice of the page before */
  before?: string
  limit: number
}

/** The invoices that a party's wallets have to pay, or have issued; newest first. */
export async function listInvoices(sql: Sql, { partyId, ...query }: ListInvoices): Promise<InvoiceView[]> {
  return (await listInvoiceRows(sql, { of: { partyId }, ...query })).map(viewInvoice)
}

/** One invoice that the party's wallet has to pay or has issued. */
export async function findInvoiceOf(sql: Sql, partyId: string, reference: string): Promise<InvoiceView | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(reference)) return undefined
  const row = await findInvoice(sql, reference)
  if (!row) return undefined
  const owners = await sql.query<{ id: bigint }>(
    'select id from wallet where party_id = $1 and id = any($2::bigint[])',
    [partyId, [row.issuer, row.debtor]],
  )
  return owners.length > 0 ? viewInvoice(row) : undefined
}

const STATUSES = Object.keys(INVOICE_STATUS) as (keyof typeof INVOICE_STATUS)[]

export function viewInvoice(row: InvoiceRow): InvoiceView {
  const { description, details, metadata } = JSON.parse(row.payload) as Partial<Record<string, never>>
  const status = STATUSES[row.status] as keyof typeof INVOICE_STATUS
  return {
    reference: row.id,
    issuer: row.issuerId,
    debtor: row.debtorId,
    amount: row.amount,
    asset: row.asset,
    description: description ?? null,
    details: details ?? null,
    metadata: metadata ?? null,
    status: status === 'open' && row.expired ? 'expired' : status,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    settledAt: row.settledAt,
    paidBy: status === 'paid' ? row.settledBy : null,
  }
}
