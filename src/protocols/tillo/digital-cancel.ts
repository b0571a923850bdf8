import { tilloReadings } from '#sdk/tillo/readings.ts'
import { cancelOrder } from '../../operations/gift-cards/cancel-order.ts'
import { checkCard } from '../../operations/gift-cards/load-card.ts'
import type { Brand } from '../../storage/brands.ts'
import { findCard } from '../../storage/cards.ts'
import type { SaleRow } from '../../storage/gift-sales.ts'
import type { PartnerRequestRow } from '../../storage/orders.ts'
import { boughtSecrets } from './bought-secrets.ts'
import type { Call, Context, Handle, Success } from './call.ts'
import { refused, TilloProblem } from './errors.ts'
import { money, readFaceValue } from './money.ts'
import { read } from './read-request.ts'
import { explainRefusal } from './refusal.ts'
import { urlOf } from './render.ts'
import {
  carryOut,
  contentOf,
  otherSale,
  requireFit,
  requireOne,
  requireOriginal,
  saleNotFound,
  sameText,
  stillProcessing,
  wishOf,
} from './sale.ts'
import * as schema from './schema.ts'
import { simulateError } from './simulate.ts'

/** `DELETE /digital/issue`: takes a card back whose code the partner names. */
export const cancelCard: Handle = (context, call) =>
  takeBack(context, call, read(schema.cancel, call.body), 'cancelled')

/** `POST /digital/reverse`: takes an issue back by its request id, also one whose answer was lost. */
export const reverseIssue: Handle = (context, call) =>
  takeBack(context, call, read(schema.reverse, call.body), 'reversed')

type Input = ReturnType<typeof schema.cancel.parse> | ReturnType<typeof schema.reverse.parse>

async function takeBack(context: Context, call: Call, input: Input, how: 'cancelled' | 'reversed'): Promise<Success> {
  const { brand: slug, original_client_request_id: originalId } = input
  const { partner } = call
  const brand = await context.offers.require(slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(partner, brand, face)
  const operation = how === 'cancelled' ? 'digital-cancel' : 'digital-reverse'
  const wish = wishOf(call, input.client_request_id, operation, contentOf(slug, brand, face, originalId))
  const answer = ({ transaction_id, float_after }: PartnerRequestRow): Success => ({
    message: 'Card cancelled successfully',
    data: {
      reference: transaction_id,
      ...(float_after !== null && { float_balance: money(float_after, brand.asset) }),
    },
  })
  return carryOut(context, wish, answer, async () => {
    const order = await requireOrder(context, call, { originalId, brand, face, how })
    const card = await findCard(context.db, { orderId: order.id })
    if (!card) throw saleNotFound()
    if (how === 'cancelled') requireCode(context, order, card, input)
    else requireFit(boughtSecrets(context, card), input)
    const unfit = checkCard(card, context.gift.clock())
    if (unfit) throw refused(unfit)
    const result = await cancelOrder(context.gift, { ...wish, order, card, brand, how })
    if ('refusal' in result) throw await explainRefusal(context, result.refusal, { partner, brand, card })
    return result.request
  })
}

type Original = { originalId: string; brand: Brand; face: bigint; how: 'cancelled' | 'reversed' }

/** The order that is taken back. @throws {TilloProblem} 100, 724, 729, 730 */
async function requireOrder(
  context: Context,
  call: Call,
  { originalId, brand, face, how }: Original,
): Promise<SaleRow> {
  const { operation, sale } = await requireOriginal(context, call.partner, originalId)
  if (how === 'reversed' && operation !== 'digital-issue') throw new TilloProblem('100', 'You can only reverse issue')
  if (operation !== 'digital-issue' && operation !== 'digital-order-card') throw saleNotFound()
  if (sale.brand_id !== brand.id) throw otherSale('brand')
  if (sale.face !== face) throw otherSale('value')
  if (sale.ended_at === null) throw stillProcessing()
  if (sale.status === 'failed') throw new TilloProblem('100', 'The order failed: there is nothing to take back')
  const age = context.gift.clock() - sale.created_at.getTime()
  if (how === 'reversed' && age > tilloReadings.reversalWindow)
    throw refused('too-late', 'An issue can be reversed for 48 hours')
  return sale
}

/** The card's own code or address; neither for one that was sent to its recipient. @throws {TilloProblem} 070, 433, 724, 730 */
function requireCode(
  context: Context,
  order: SaleRow,
  card: NonNullable<Awaited<ReturnType<typeof findCard>>>,
  input: ReturnType<typeof schema.cancel.parse>,
): void {
  const { code, url } = input
  const secrets = boughtSecrets(context, card)
  requireFit(secrets, input)
  if (order.delivery === 'email' && code === undefined && url === undefined) return
  requireOne({ code, url })
  const fits =
    code !== undefined ? sameText(code, secrets.code) : sameText(url as string, urlOf(context, card, secrets))
  if (!fits) throw otherSale('card')
}
