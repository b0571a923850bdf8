import { randomUUID } from 'node:crypto'
import type { Json } from '#sdk/protocol/exact-json.ts'
import { isOffered } from '../../domain/gift-card.ts'
import type { OrderWish } from '../../operations/gift-cards/place-order.ts'
import { type Call, memberOf } from './call.ts'
import { invalidRequest, WalleoProblem } from './errors.ts'
import type { FindSold } from './offer.ts'
import { fields } from './schema.ts'
import { describeAmounts, unitOf } from './whole-units.ts'

/** The two calls that buy, by the member of the body that says what. */
export type Purchase = 'card' | 'pull_request'

/** The ids of both calls are of one namespace. */
export const SCOPE = 'walleo'

/**
 * The id under which a request happens once: that of the header, or of the body, which must agree. A pull request has its own in
 * the body; for a card it may be missing, and is made.
 * @throws {WalleoProblem}
 */
export function readRequestId(purchase: Purchase, { body, requestId: header }: Call): string {
  const inBody = memberOf(body, purchase)?.request_id
  if (header !== undefined && !isRequestId(header))
    throw invalidRequest('X-RequestId must be 1 to 255 visible ASCII characters without comma, once')
  if (inBody === undefined && purchase === 'pull_request')
    throw invalidRequest('pull_request.request_id is missing: the pull request is found again by it')
  if (inBody !== undefined && !isRequestId(inBody))
    throw invalidRequest(`${purchase}.request_id must be a text of 1 to 255 visible ASCII characters without comma`)
  if (header !== undefined && inBody !== undefined && header !== inBody)
    throw invalidRequest(`X-RequestId and ${purchase}.request_id differ`)
  return inBody ?? header ?? randomUUID()
}

export const isRequestId = (value: Json | undefined): value is string => fields.request_id.safeParse(value).success

/**
 * What is to be bought. Members of the body that the API does not know are left alone: they are signed, and change nothing.
 * @throws {WalleoProblem} the request's id stays unused
 */
export async function readWish(
  findSold: FindSold,
  purchase: Purchase,
  call: Call,
  requestId: string,
): Promise<OrderWish> {
  const asked = memberOf(call.body, purchase)
  if (!asked) throw invalidRequest(`The body must be {"${purchase}":{…}}`)
  const { gift_card_code: code, amount } = asked
  if (!isCode(code)) throw invalidRequest(`${purchase}.gift_card_code must be a text`)
  const { brand, values } = await findSold(code)
  const unit = unitOf(brand.asset)
  const face = isWholeAmount(amount) ? BigInt(amount) * unit : null
  if (face === null || !isOffered(brand.values, face))
    throw new WalleoProblem('invalid_amount', describeAmounts(values))
  return {
    partner: call.partner,
    protocol: 'walleo',
    scope: SCOPE,
    requestId,
    operation: purchase,
    // What the answer repeats, whatever the brand is called later. Requests are not compared by it: a repeat gets the first answer.
    content: code,
    brand,
    face,
    delivery: 'code',
    address: call.network,
    later: purchase === 'pull_request' || brand.asynchronous,
  }
}

// `50`, `50.0` and `5e1` are one number; a text is none.
const isWholeAmount = (value: Json | undefined): value is number => fields.amount.safeParse(value).success

const isCode = (value: Json | undefined): value is string => fields.gift_card_code.safeParse(value).success
