import { cancelOrder } from '../../operations/gift-cards/cancel-order.ts'
import { cashOutCard } from '../../operations/gift-cards/cash-out-card.ts'
import { checkCard } from '../../operations/gift-cards/load-card.ts'
import { openPlasticCard } from '../../operations/gift-cards/plastic-cards.ts'
import { sellPlastic } from '../../operations/gift-cards/sell-plastic.ts'
import { unloadCard } from '../../operations/gift-cards/unload-card.ts'
import type { Brand } from '../../storage/brands.ts'
import { type CardEndRow, findCardEnd } from '../../storage/cards.ts'
import type { SaleKind } from '../../storage/gift-sales.ts'
import type { PartnerRequestRow } from '../../storage/orders.ts'
import type { Call, Context, Handle, Success } from './call.ts'
import { balanceOf, loadedFields, requireOwn, topUp } from './digital-top-up.ts'
import { invalid, refused, TilloProblem } from './errors.ts'
import { money, readFaceValue } from './money.ts'
import { read } from './read-request.ts'
import { explainRefusal } from './refusal.ts'
import { carryOut, contentOf, otherSale, requireCard, requireOriginal, saleNotFound, wishOf } from './sale.ts'
import * as schema from './schema.ts'
import { simulateError } from './simulate.ts'
import { tilloTexts } from './texts.ts'

/** How a plastic card got its value: activated by the partner that has it, or with its order. */
const PLASTIC: readonly SaleKind[] = ['activation', 'plastic']

/** @throws {TilloProblem} 072, 720 */
export async function requirePhysical({ offers }: Context, slug: string): Promise<Brand> {
  const brand = await offers.require(slug)
  requireOwn(brand)
  if (!tilloTexts(brand).physical) throw new TilloProblem('720', 'The brand has no physical cards')
  return brand
}

export const noSuchPlastic = () =>
  invalid('code', 'is that of no card that was made for the brand, or the PIN is another')
export const activeAlready = () => invalid('code', 'is that of a card that is active already')

/** `POST /physical/activate`: gives a printed card its value. */
export const activateCard: Handle = async (context, call) => {
  const input = read(schema.physicalLoad, call.body)
  const { brand: slug, client_request_id: requestId } = input
  const { partner } = call
  const brand = await requirePhysical(context, slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(partner, brand, face)
  const plastic = await openPlasticCard(context.gift, brand, input)
  if (!plastic) throw noSuchPlastic()
  const { secrets } = plastic
  const wish = wishOf(call, requestId, 'physical-activate', contentOf(slug, brand, face, plastic.id))
  const result = await sellPlastic(context.gift, { ...wish, protocol: 'tillo', brand, face, secrets })
  if ('refusal' in result) {
    if (result.refusal === 'card-active') throw activeAlready()
    throw await explainRefusal(context, result.refusal, { partner, brand, face })
  }
  return {
    message: 'Card activated successfully',
    data: await loadedFields(context, brand, slug, result.request, secrets),
  }
}

/** `POST /physical/top-up` */
export const topUpPlastic: Handle = async (context, call) => {
  const input = read(schema.physicalLoad, call.body)
  await requirePhysical(context, input.brand)
  return topUp(context, call, input, { operation: 'physical-top-up', kinds: PLASTIC })
}

type Cancel = ReturnType<typeof schema.physicalCancel.parse>

/** `DELETE /physical/activate`: of a card that nobody has used. It cannot be activated again. */
export const cancelActivation: Handle = (context, call) =>
  takeBack(context, call, 'physical-activate', async (brand, wish, { sale, card }) => {
    const result = await cancelOrder(context.gift, { ...wish, order: sale, card, brand, how: 'cancelled' })
    // Here it is told that the balance is the reason.
    return 'refusal' in result && result.refusal === 'card-used' ? { refusal: 'insufficient-balance' } : result
  })

/** `DELETE /physical/top-up`: as far as its value is still on the card. */
export const cancelTopUp: Handle = (context, call) =>
  takeBack(context, call, 'physical-top-up', (brand, wish, { sale, card }) =>
    unloadCard(context.gift, { ...wish, brand, card, sale }),
  )

type Wish = ReturnType<typeof wishOf>
type Original = {
  sale: Awaited<ReturnType<typeof requireOriginal>>['sale']
  card: Awaited<ReturnType<typeof requireCard>>['row']
}
type TakeBack = (brand: Brand, wish: Wish, original: Original) => ReturnType<typeof unloadCard>

async function takeBack(
  context: Context,
  call: Call,
  original: 'physical-activate' | 'physical-top-up',
  work: TakeBack,
): Promise<Success> {
  const input: Cancel = read(schema.physicalCancel, call.body)
  const { brand: slug, original_client_request_id: originalId, client_request_id: requestId } = input
  const { partner } = call
  const brand = await requirePhysical(context, slug)
  const face = readFaceValue(input.face_value, brand)
  simulateError(partner, brand, face)
  const { row: card, sale: bought } = await requireCard(context, partner, brand, input, PLASTIC)
  const wish = wishOf(call, requestId, `${original}-cancel`, contentOf(slug, brand, face, originalId, card.id))
  const answer = (request: PartnerRequestRow) => cancelled(slug, brand, request)
  return carryOut(context, wish, answer, async () => {
    const { operation, sale } = await requireOriginal(context, partner, originalId)
    if (operation !== original) throw saleNotFound()
    // A top-up names the card that it loads; an activation is the card's own order.
    const ofThisCard = sale.kind === 'top-up' ? sale.card_id === card.id : sale.id === bought.id
    if (!ofThisCard) throw otherSale('card')
    if (sale.face !== face) throw otherSale('value')
    const unfit = checkCard(card, context.gift.clock())
    if (unfit) throw refused(unfit)
    const result = await work(brand, wish, { sale, card })
    if ('refusal' in result) throw await explainRefusal(context, result.refusal, { partner, brand, card })
    return result.request
  })
}

const cancelled = (slug: string, { asset }: Brand, request: PartnerRequestRow): Success => ({
  message: 'Card cancelled successfully',
  data: {
    brand: slug,
    reference: request.transaction_id,
    ...(request.float_after !== null && { float_balance: money(request.float_after, asset) }),
  },
})

/** `POST /physical/cash-out-original-transaction`: what is left goes back to the float, at the price that was paid, and the card ends. */
export const cashOut: Handle = async (context, call) => {
  const input = read(schema.physicalCashOut, call.body)
  const { brand: slug, client_request_id: requestId, original_client_request_id: originalId } = input
  const { partner } = call
  const brand = await requirePhysical(context, slug)
  // Here the request's own id and code name the card; the original only confirms it.
  const { original_client_request_id: _, ...names } = input
  const { row: card, sale } = await requireCard(context, partner, brand, names, PLASTIC)
  if (originalId !== undefined && (await requireOriginal(context, partner, originalId)).sale.id !== sale.id)
    throw otherSale('card')
  const wish = wishOf(call, requestId, 'physical-cash-out', contentOf(slug, brand, null, card.id))
  const answer = async (request: PartnerRequestRow): Promise<Success> => {
    const end = (await findCardEnd(context.db, card.id)) as CardEndRow
    const { data } = cancelled(slug, brand, request)
    return { message: 'Card cashed out successfully', data: { ...data, face_value: money(end.amount, brand.asset) } }
  }
  return carryOut(context, wish, answer, async () => {
    const result = await cashOutCard(context.gift, { ...wish, brand, card })
    if ('refusal' in result) throw await explainRefusal(context, result.refusal, { partner, brand, card })
    return result.request
  })
}

/** `POST /physical/check-balance` */
export const checkPhysicalBalance: Handle = async (context, call) => {
  const input = read(schema.physicalBalance, call.body)
  await requirePhysical(context, input.brand)
  return { message: 'Card balance retrieved successfully', data: await balanceOf(context, call, input, PLASTIC) }
}
