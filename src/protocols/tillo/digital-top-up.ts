import type { CardSecrets } from '../../credentials/card-codes.ts'
import { formatAmount } from '../../domain/money.ts'
import { readBalance } from '../../ledger/reads.ts'
import { checkCard, loadCard, mostOf } from '../../operations/gift-cards/load-card.ts'
import type { Brand } from '../../storage/brands.ts'
import { findSale, type SaleKind } from '../../storage/gift-sales.ts'
import type { PartnerRequestRow } from '../../storage/orders.ts'
import type { Call, Context, Handle, Success } from './call.ts'
import { refused, TilloProblem } from './errors.ts'
import { money, readFaceValue, requireCurrency } from './money.ts'
import { read } from './read-request.ts'
import { explainRefusal } from './refusal.ts'
import { codeFields, saleFields } from './render.ts'
import { type CardNames, contentOf, requireCard, requireOne, wishOf } from './sale.ts'
import * as schema from './schema.ts'
import { simulateError } from './simulate.ts'

const DIGITAL: readonly SaleKind[] = ['card']

/** `POST /digital/top-up` */
export const topUpCard: Handle = async (context, call) => {
  const input = read(schema.topUp, call.body)
  requireOne({ code: input.code, reference: input.reference })
  return topUp(context, call, input, { operation: 'digital-top-up', kinds: DIGITAL })
}

type TopUp = {
  client_request_id: string
  brand: string
  face_value: { amount: string | number; currency: string }
} & CardNames

/** Puts value on a card that the partner has bought before. */
export async function topUp(
  context: Context,
  call: Call,
  input: TopUp,
  { operation, kinds }: { operation: string; kinds: readonly SaleKind[] },
): Promise<Success> {
  const { brand: slug, client_request_id: requestId } = input
  const brand = await context.offers.require(slug)
  requireOwn(brand)
  const face = readFaceValue(input.face_value, brand)
  simulateError(call.partner, brand, face)
  const found = await requireCard(context, call.partner, brand, input, kinds)
  const { row: card } = found
  const result = await loadCard(context.gift, {
    ...wishOf(call, requestId, operation, contentOf(slug, brand, face, card.id)),
    protocol: 'tillo',
    brand,
    card,
    face,
  })
  if ('refusal' in result) {
    if (result.refusal === 'card-full') throw cardFull(brand)
    throw await explainRefusal(context, result.refusal, { partner: call.partner, brand, face, card })
  }
  // Of a card that was sent to somebody else the partner has no code, unless it says so itself.
  const known = input.code !== undefined || found.sale.delivery !== 'email'
  return {
    message: 'Card topped up successfully',
    data: await loadedFields(context, brand, slug, result.request, known ? found.secrets : null),
  }
}

const cardFull = (brand: Brand) =>
  new TilloProblem(
    '704',
    `A card of the brand holds no more than [${formatAmount(mostOf(brand), brand.asset.exponent)}]`,
  )

/** What is told of value that a card was given. */
export async function loadedFields(
  { db }: Context,
  brand: Brand,
  slug: string,
  request: PartnerRequestRow,
  secrets: CardSecrets | null,
): Promise<object> {
  const sale = await findSale(db, request.order_id as string)
  if (!sale) throw new Error(`the order ${request.order_id} of a request is gone`)
  return {
    brand: slug,
    ...(secrets && codeFields(secrets)),
    ...saleFields(sale, brand, request.float_after),
    reference: sale.id,
  }
}

/** Only of cards that are issued here does anybody know the balance. @throws {TilloProblem} 720 */
export function requireOwn(brand: Brand): void {
  if (brand.supply === 'own') return
  throw new TilloProblem('720', 'Balances of this brand are kept elsewhere')
}

/** `POST /digital/check-balance` */
export const checkDigitalBalance: Handle = async (context, call) => {
  const input = read(schema.checkBalance, call.body)
  const { code, reference, original_client_request_id } = input
  requireOne({ code, reference, original_client_request_id })
  return { message: 'Card balance retrieved successfully', data: await balanceOf(context, call, input, DIGITAL) }
}

/** What can be spent now. It changes nothing, so the request's id is not used up. */
export async function balanceOf(
  context: Context,
  { partner }: Call,
  input: { brand: string; face_value: { currency: string } } & CardNames,
  kinds: readonly SaleKind[],
): Promise<{ face_value: ReturnType<typeof money> }> {
  const brand = await context.offers.require(input.brand)
  requireOwn(brand)
  requireCurrency(input.face_value, brand.asset)
  const { row } = await requireCard(context, partner, brand, input, kinds)
  if (checkCard(row, context.gift.clock()) === 'card-expired') throw refused('card-expired')
  const account = await readBalance(context.db, row.account_id as bigint)
  return { face_value: money((account?.balance ?? 0n) - (account?.held ?? 0n), brand.asset) }
}
