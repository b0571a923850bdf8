import { awaitOrder } from '../../operations/gift-cards/await-order.ts'
import { type PlacedOrder, placeOrder, readPlaced } from '../../operations/gift-cards/place-order.ts'
import type { Brand, Delivery } from '../../storage/brands.ts'
import type { Call, Context, Handle, Success } from './call.ts'
import { refused, TilloProblem } from './errors.ts'
import { readFaceValue } from './money.ts'
import { read } from './read-request.ts'
import { readings } from './readings.ts'
import { explainFailure, explainRefusal } from './refusal.ts'
import { cardFields, saleFields } from './render.ts'
import { contentOf, stillProcessing, wishOf } from './sale.ts'
import * as schema from './schema.ts'
import { simulateError } from './simulate.ts'
import { requireTemplate } from './template.ts'

/** `POST /digital/issue`: a card at once. */
export const issueCard: Handle = async (context, call) => {
  const { placed, brand, slug } = await place(context, call, 'digital-issue')
  const { order, card, request } = await settled(context, placed)
  if (order.status === 'failed') throw explainFailure(order.error)
  if (card === null) throw stillProcessing()
  return {
    message: 'Card created successfully',
    data: {
      brand: slug,
      ...cardFields(context, order, brand, card),
      // What came later was held when the request was carried out, and paid at the order's end.
      ...saleFields(order, brand, request.float_after ?? order.float_after),
      reference: order.id,
    },
  }
}

/** `POST /digital/order-card`: a card when it is there. The answer stays the same, whatever becomes of the order. */
export const orderCard: Handle = async (context, call): Promise<Success> => {
  const { placed, brand, slug } = await place(context, call, 'digital-order-card')
  const { order, request } = placed
  const { discount: _, ...sale } = saleFields(order, brand, request.float_after)
  return { message: 'Card ordered successfully', data: { brand: slug, ...sale, reference: order.id } }
}

type Operation = 'digital-issue' | 'digital-order-card'

async function place(
  context: Context,
  call: Call,
  operation: Operation,
): Promise<{ placed: PlacedOrder; brand: Brand; slug: string }> {
  const input = read(schema.issue, call.body)
  const { brand: slug, client_request_id: requestId, fulfilment_parameters: parameters, personalisation } = input
  const brand = await context.offers.require(slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(call.partner, brand, face)
  const delivery = deliveryOf(input)
  if (delivery === 'email' && !parameters)
    throw new TilloProblem('070', 'Missing parameter [fulfilment_parameters]', {
      data: { fulfilment_parameters: ['is needed where the card is sent by mail'] },
    })
  if (delivery === 'email' && !context.mailer.enabled) throw refused('delivery-not-offered')
  requireTemplate(personalisation?.template)
  const placed = await placeOrder(context.gift, {
    ...wishOf(call, requestId, operation, contentOf(slug, brand, face)),
    protocol: 'tillo',
    brand,
    face,
    delivery,
    details: {
      sector: input.sector,
      ...(parameters && { fulfilment_parameters: parameters }),
      ...(personalisation && { personalisation }),
      ...(input.tags && { tags: input.tags }),
    },
    ...(parameters && { recipient: parameters.to_email.toLowerCase() }),
    later: operation === 'digital-order-card',
  })
  if ('refusal' in placed) throw await explainRefusal(context, placed.refusal, { partner: call.partner, brand, face })
  return { placed, brand, slug }
}

/** By mail is what the server delivers itself, whatever form the recipient sees the card in. */
function deliveryOf({ delivery_method: method, fulfilment_by: by }: ReturnType<typeof schema.issue.parse>): Delivery {
  if (method === 'wrapped') throw refused('delivery-not-offered')
  return by === 'rewardcloud' ? 'email' : method
}

/** Waits for a card that is bought elsewhere; for the one who asked first, not for repeats. */
async function settled(context: Context, placed: PlacedOrder): Promise<PlacedOrder> {
  if (placed.order.ended_at !== null || placed.repeated) return placed
  await awaitOrder(context, placed.order.id, readings.patience)
  return readPlaced(context.gift, placed.request)
}
