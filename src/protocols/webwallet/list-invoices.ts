import type { Principal } from '../../credentials/principal.ts'
import { amountToJson } from '../../domain/money.ts'
import { type InvoiceView, viewInvoice } from '../../operations/list-invoices.ts'
import { findInvoice, listInvoiceRows } from '../../storage/invoices.ts'
import { requireReach, requireScope, walletOfPath } from './authorize.ts'
import { notFound } from './errors.ts'
import { isReference, oneOf, pageLimit, readQuery, referenceCursor } from './query.ts'
import { namesOf, queries, role, status } from './query-schemas.ts'
import { seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/**
 * `GET /:walletID/invoices?role=&status=&limit=&cursor=`: those that the wallet has to pay (`debtor`, when nothing is said) or has
 * issued, newest first. A cursor is the reference of the page's last one.
 */
export async function listInvoices(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'invoices')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const query = readQuery(request.search, 'invoices', namesOf(queries.invoices))
  const limit = pageLimit(query.limit)
  const rows = await listInvoiceRows(deps.db, {
    of: { wallets: [wallet.id] },
    role: oneOf(query.role, 'role', role.options) ?? 'debtor',
    status: oneOf(query.status, 'status', status.options),
    before: referenceCursor(query.cursor),
    limit: limit + 1,
  })
  const invoices = rows.slice(0, limit).map((row) => show(viewInvoice(row)))
  const next = rows.length > limit ? (rows[limit - 1]?.id ?? null) : null
  return { status: 200, body: seal(principal, { invoices, next }) }
}

/** `GET /:walletID/invoices/:reference`, for both sides. */
export async function readOneInvoice(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
): Promise<WalletAnswer> {
  requireScope(principal, 'invoices')
  const wallet = requireReach(principal, await walletOfPath(deps, request.wallet))
  const row = isReference(request.item) ? await findInvoice(deps.db, request.item) : undefined
  if (!row || (row.debtor !== wallet.id && row.issuer !== wallet.id)) {
    throw notFound('invoice-not-found', 'The wallet has no such invoice')
  }
  return { status: 200, body: seal(principal, { invoice: show(viewInvoice(row)) }) }
}

function show(view: InvoiceView): object {
  const { details, description, metadata } = view
  return {
    ...(details !== null && { details }),
    ...(description !== null && { description }),
    ...(metadata !== null && { metadata }),
    reference: view.reference,
    issuer: view.issuer,
    debtor: view.debtor,
    amount: amountToJson(view.amount, view.asset.exponent),
    currency: view.asset.code,
    status: view.status,
    timestamp: view.createdAt.toISOString(),
    expiry: view.expiresAt?.toISOString() ?? null,
    settled: view.settledAt?.toISOString() ?? null,
    payment: view.paidBy,
  }
}
