import type { TilloOrderState } from '#sdk/tillo/wire.ts'
import type { OrderStatus } from '../../domain/gift-card.ts'
import { isUuid } from '../../operations/input.ts'
import { findBrand } from '../../storage/brands.ts'
import { findCard } from '../../storage/cards.ts'
import { findSale, type SaleRow } from '../../storage/gift-sales.ts'
import { findPartnerRequest } from '../../storage/orders.ts'
import { boughtSecrets } from './bought-secrets.ts'
import type { Call, Context, Handle } from './call.ts'
import { invalid, TilloProblem } from './errors.ts'
import { readQuery } from './read-request.ts'
import { cardFields, saleFields } from './render.ts'
import { SCOPE, slugOf } from './sale.ts'
import { queries } from './schema.ts'

const states: Record<OrderStatus, { status: TilloOrderState; message: string }> = {
  requested: { status: 'REQUESTED', message: 'Order is still processing' },
  processing: { status: 'PROCESSING', message: 'Order is still processing' },
  succeeded: { status: 'SUCCESS', message: 'Order has finished processing' },
  failed: { status: 'ERROR', message: 'Order failed to process' },
  cancelled: { status: 'CANCELLED', message: 'Order has finished processing' },
  // Of another protocol's orders only.
  reserved: { status: 'REQUESTED', message: 'Order is still processing' },
}

/** `GET /digital/order-status`: of any card that the partner has bought or ordered. */
export const readOrderStatus: Handle = async (context, call) => {
  const { db } = context
  const order = await requireOrder(context, call)
  const [brand, request] = await Promise.all([
    findBrand(db, { id: order.brand_id }),
    findPartnerRequest(db, call.partner.id, SCOPE, order.request_id),
  ])
  if (!brand || !request) throw new Error(`the order ${order.id} has no brand or no request`)
  const { status, message } = states[order.status]
  const row = status === 'SUCCESS' ? await findCard(db, { orderId: order.id }) : undefined
  return {
    message,
    data: {
      status,
      brand: slugOf(request.content),
      reference: order.id,
      ...(row && cardFields(context, order, brand, { row, secrets: boughtSecrets(context, row) })),
      ...saleFields(order, brand, order.float_after),
    },
  }
}

/** @throws {TilloProblem} 433 */
async function requireOrder({ db }: Context, { partner, query }: Call): Promise<SaleRow> {
  const { reference, original_client_request_id: requestId } = readQuery(queries.digitalOrderStatus, query)
  if ((reference === undefined) === (requestId === undefined))
    throw new TilloProblem('433', 'Exactly one of [reference] and [original_client_request_id] is needed')
  const request = requestId === undefined ? undefined : await findPartnerRequest(db, partner.id, SCOPE, requestId)
  const id = reference ?? request?.order_id ?? ''
  const sale = isUuid(id) ? await findSale(db, id) : undefined
  if (sale?.partner_id === partner.id && sale.protocol === 'tillo' && sale.kind === 'card') return sale
  throw invalid(reference === undefined ? 'original_client_request_id' : 'reference', 'is that of no order')
}
