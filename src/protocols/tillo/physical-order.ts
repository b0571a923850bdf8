import { fulfilPlastic } from '../../operations/gift-cards/fulfil-plastic.ts'
import { HOLD_TIME } from '../../operations/gift-cards/place-order.ts'
import { openPlasticCard } from '../../operations/gift-cards/plastic-cards.ts'
import { sellPlastic } from '../../operations/gift-cards/sell-plastic.ts'
import { findCard } from '../../storage/cards.ts'
import { findSale, listSales, type SaleRow } from '../../storage/gift-sales.ts'
import { boughtSecrets } from './bought-secrets.ts'
import type { Call, Context, Handle } from './call.ts'
import { refused, TilloProblem } from './errors.ts'
import { money, readFaceValue } from './money.ts'
import { activeAlready, noSuchPlastic, requirePhysical } from './physical.ts'
import { read } from './read-request.ts'
import { explainRefusal } from './refusal.ts'
import { codeFields, saleFields } from './render.ts'
import { contentOf, otherSale, saleNotFound, wishOf } from './sale.ts'
import * as schema from './schema.ts'
import { simulateError } from './simulate.ts'
import { requireTemplate } from './template.ts'
import { tilloTexts } from './texts.ts'

/** `POST /physical/order-card`: the float is held until somebody has sent a card. */
export const orderPlastic: Handle = async (context, call) => {
  const input = read(schema.physicalOrder, call.body)
  const { brand: slug, client_request_id: requestId } = input
  const { partner } = call
  const brand = await requirePhysical(context, slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(partner, brand, face)
  requireTemplate(input.personalisation?.template)
  const { shipping_method, fulfilment_parameters, sector, personalisation, tags } = input
  const result = await sellPlastic(context.gift, {
    ...wishOf(call, requestId, 'physical-order-card', contentOf(slug, brand, face)),
    protocol: 'tillo',
    brand,
    face,
    secrets: null,
    details: {
      shipping_method,
      fulfilment_parameters,
      ...(sector && { sector }),
      ...(personalisation && { personalisation }),
      ...(tags && { tags }),
    },
  })
  if ('refusal' in result) {
    if (result.refusal === 'card-active') throw activeAlready()
    throw await explainRefusal(context, result.refusal, { partner, brand, face })
  }
  const sale = (await findSale(context.db, result.request.order_id as string)) as SaleRow
  const { discount: _, ...fields } = saleFields(sale, brand, result.request.float_after)
  return { message: 'Card ordered successfully', data: { brand: slug, ...fields, reference: sale.id } }
}

/** `POST /physical/order-status`: by reference. One that is not known, or another partner's, is no error. */
export const readPlasticStatus: Handle = async (context, call) => {
  const { references } = read(schema.physicalStatus, call.body)
  const ids = references.map((reference) => reference.toLowerCase())
  const sales = await listSales(context.db, { ids, partnerId: call.partner.id, kind: 'plastic' })
  const data: Record<string, { status: string; code?: string }> = {}
  for (const reference of references) {
    const sale = sales.find(({ id }) => id === reference.toLowerCase())
    data[reference] = sale ? await statusOf(context, sale) : { status: 'not found' }
  }
  return { message: 'Orders retrieved successfully', data }
}

async function statusOf(context: Context, sale: SaleRow): Promise<{ status: string; code?: string }> {
  if (sale.status === 'failed' || sale.status === 'cancelled' || isStale(context, sale)) return { status: 'error' }
  if (sale.status !== 'succeeded') return { status: sale.status === 'processing' ? 'processing' : 'received' }
  const row = await findCard(context.db, { orderId: sale.id })
  return { status: 'fulfilled', ...(row && { code: boughtSecrets(context, row).code }) }
}

/** What was held for it has gone back to the float. */
const isStale = ({ gift }: Context, { ended_at, created_at }: SaleRow) =>
  ended_at === null && gift.clock() - created_at.getTime() > HOLD_TIME

/** `POST /physical/fulfil-order`: says which card was sent, which gives it its value. */
export const fulfilOrder: Handle = async (context, call) => {
  const input = read(schema.physicalFulfil, call.body)
  const { brand: slug, client_request_id: requestId, reference } = input
  const brand = await requirePhysical(context, slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(call.partner, brand, face)
  const sale = await findSale(context.db, reference)
  if (sale?.kind !== 'plastic' || !mayFulfil(call, sale, tilloTexts(brand).fulfilment)) throw saleNotFound()
  if (sale.brand_id !== brand.id) throw otherSale('brand')
  if (sale.face !== face) throw otherSale('value')
  const plastic = await openPlasticCard(context.gift, brand, input)
  if (!plastic) throw noSuchPlastic()
  const { secrets } = plastic
  const wish = wishOf(call, requestId, 'physical-fulfil-order', contentOf(slug, brand, face, sale.id, plastic.id))
  const result = await fulfilPlastic(context.gift, { ...wish, brand, sale, secrets })
  if ('refusal' in result) {
    if (result.refusal === 'card-active') throw activeAlready()
    if (result.refusal === 'order-ended') throw new TilloProblem('100', 'The order has ended')
    throw refused(result.refusal)
  }
  return {
    message: 'Order fulfilled successfully',
    data: { brand: slug, ...codeFields(secrets), face_value: money(face, brand.asset), reference: sale.id },
  }
}

/** Whoever ordered the card, and the partner that the brand has its cards sent by. */
const mayFulfil = ({ partner }: Call, sale: SaleRow, house: string | null) =>
  sale.partner_id === partner.id || (house !== null && house === partner.slug)
