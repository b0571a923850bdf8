import type { CardSecrets } from '../../credentials/card-codes.ts'
import { equalBytes, hashSecret } from '../../credentials/secrets.ts'
import { pinFits } from '../../operations/gift-cards/plastic-cards.ts'
import { findEarlier, type PartnerWish } from '../../operations/gift-cards/repeat.ts'
import type { Brand } from '../../storage/brands.ts'
import { type CardRow, findCard } from '../../storage/cards.ts'
import { findSale, type SaleKind, type SaleRow } from '../../storage/gift-sales.ts'
import { findPartnerRequest, type PartnerRequestRow } from '../../storage/orders.ts'
import type { Partner } from '../../storage/partners.ts'
import { boughtSecrets } from './bought-secrets.ts'
import type { Call, Context, Success } from './call.ts'
import { refused, TilloProblem } from './errors.ts'

/** All requests of a partner share one set of ids. */
export const SCOPE = 'tillo'

/** What a repeat must have in common with the first request; joined so that no two contents are written alike. */
export const contentOf = (slug: string, { asset }: Brand, face: bigint | null, ...more: string[]): string =>
  JSON.stringify([slug, asset.code, face === null ? null : String(face), ...more])

/** The slug that a request's content begins with. */
export const slugOf = (content: string): string => JSON.parse(content)[0] as string

/** The parts of a wish that come from the request itself. */
export const wishOf = (
  { partner, network }: Call,
  requestId: string,
  operation: string,
  content: string,
): PartnerWish => ({
  partner,
  scope: SCOPE,
  requestId,
  operation,
  content,
  address: network,
})

export const saleNotFound = () => new TilloProblem('724', 'There is no such sale')
/** The sale is there, and it is not the one that the rest of the request is about. */
export const otherSale = (what: string) => new TilloProblem('730', `The sale is of another ${what}`)
export const stillProcessing = () => new TilloProblem('729', 'The original request is still being processed')

/** The order that an earlier request placed, with the operation that it was. @throws {TilloProblem} 724 */
export async function requireOriginal(
  { db }: Context,
  partner: Partner,
  requestId: string,
): Promise<{ operation: string; sale: SaleRow }> {
  const request = await findPartnerRequest(db, partner.id, SCOPE, requestId)
  const sale = request?.order_id == null ? undefined : await findSale(db, request.order_id)
  if (!request || !sale) throw saleNotFound()
  return { operation: request.operation, sale }
}

export type FoundCard = { readonly row: CardRow; readonly secrets: CardSecrets; readonly sale: SaleRow }

/** What a request says about a card that the partner has bought. */
export type CardNames = {
  readonly code?: string | undefined
  /** of the order */
  readonly reference?: string | undefined
  readonly original_client_request_id?: string | undefined
  readonly pin?: string | undefined
  readonly serial_number?: string | undefined
}

/**
 * The card that a request names in exactly one way, if this partner has bought it. Cards of others are not there.
 * @throws {TilloProblem} 433, 724, 730
 */
export async function requireCard(
  context: Context,
  partner: Partner,
  brand: Brand,
  names: CardNames,
  kinds: readonly SaleKind[],
): Promise<FoundCard> {
  const { code, reference, original_client_request_id: originalId } = names
  const row =
    code !== undefined ? await byCode(context, code) : await bySale(context, partner, { reference, originalId })
  const sale = row?.order_id == null ? undefined : await findSale(context.db, row.order_id)
  if (!row || !sale || sale.partner_id !== partner.id || !kinds.includes(sale.kind)) throw saleNotFound()
  if (row.brand_id !== brand.id) throw otherSale('brand')
  const secrets = boughtSecrets(context, row)
  requireFit(secrets, names)
  return { row, secrets, sale }
}

const byCode = ({ db, gift }: Context, code: string) => findCard(db, { codeHash: gift.cardHasher.own(code) })

async function bySale(
  context: Context,
  partner: Partner,
  { reference, originalId }: { reference: string | undefined; originalId: string | undefined },
): Promise<CardRow | undefined> {
  if (reference !== undefined) return findCard(context.db, { orderId: reference })
  if (originalId === undefined) throw saleNotFound()
  const { sale } = await requireOriginal(context, partner, originalId)
  if (sale.ended_at === null) throw stillProcessing()
  return findCard(context.db, { orderId: sale.id })
}

/** PIN and serial number may be left out; a wrong one is as good as a wrong code. @throws {TilloProblem} 724 */
export function requireFit(secrets: CardSecrets, { pin, serial_number: serial }: CardNames): void {
  if (!pinFits(secrets, pin) || (serial !== undefined && serial !== secrets.serial)) throw saleNotFound()
}

/**
 * Carries a request out once. A repeat is answered as the first one was; also one whose twin was carried out while it looked at a
 * card that the twin has ended.
 * @param work throws a {@link TilloProblem} @throws {TilloProblem} 708
 */
export async function carryOut(
  { gift }: Context,
  wish: PartnerWish,
  answer: (request: PartnerRequestRow) => Success | Promise<Success>,
  work: () => Promise<PartnerRequestRow>,
): Promise<Success> {
  const findFirst = async () => {
    const first = await findEarlier(gift, wish)
    if (first && 'refusal' in first) throw refused(first.refusal)
    return first
  }
  const first = await findFirst()
  if (first) return answer(first)
  try {
    return answer(await work())
  } catch (error) {
    const twin = error instanceof TilloProblem ? await findFirst() : null
    if (twin) return answer(twin)
    throw error
  }
}

/** Compares digests, so that the time tells nothing about the text. */
export const sameText = (a: string, b: string): boolean => equalBytes(hashSecret(a), hashSecret(b))

/** Exactly one of these members. @throws {TilloProblem} 070, 433 */
export function requireOne(members: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(members)
  const given = names.filter((name) => members[name] !== undefined)
  if (given.length === 1) return
  const list = names.join(', ')
  if (given.length === 0)
    throw new TilloProblem('070', `Missing parameter: one of [${list}]`, {
      data: { [list]: ['one of them is needed'] },
    })
  throw new TilloProblem('433', 'The request is not valid', {
    data: Object.fromEntries(given.map((name) => [name, [`only one of [${list}] may be there`]])),
  })
}
