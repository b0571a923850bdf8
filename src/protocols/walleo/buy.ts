import type { GiftRefusal } from '../../domain/gift-card.ts'
import { awaitOrder } from '../../operations/gift-cards/await-order.ts'
import { type PlacedOrder, placeOrder, readPlaced } from '../../operations/gift-cards/place-order.ts'
import { refuseOrder } from '../../operations/gift-cards/refuse-order.ts'
import type { Brand } from '../../storage/brands.ts'
import { findPartnerRequest } from '../../storage/orders.ts'
import type { Call, Handle, HandleDeps } from './call.ts'
import { failureOf, giftCardNotFound, WalleoProblem } from './errors.ts'
import { type Purchase, readRequestId, readWish, SCOPE } from './purchase.ts'
import { readings } from './readings.ts'
import { renderCard, renderPullRequest } from './render.ts'

/** `POST /cards`: a card at once. */
export const createCard: Handle = (deps, call) => buy(deps, call, 'card')

/** `POST /pull_requests`: a card when it is there. */
export const createPullRequest: Handle = (deps, call) => buy(deps, call, 'pull_request')

async function buy(deps: HandleDeps, call: Call, purchase: Purchase): Promise<string> {
  const requestId = readRequestId(purchase, call)
  call.told['x-requestid'] = requestId
  const { placed, brand } = await place(deps, call, purchase, requestId)
  const { operation } = placed.request
  if (operation === 'card' && isOpen(placed) && !placed.repeated) {
    await awaitOrder(deps, placed.order.id, readings.patience)
    return answerTo(deps, await readPlaced(deps.gift, placed.request), brand)
  }
  return answerTo(deps, placed, brand)
}

/** What the request has placed, or the first one with its id. @throws {WalleoProblem} the id stays unused */
async function place(
  deps: HandleDeps,
  call: Call,
  purchase: Purchase,
  requestId: string,
): Promise<{ placed: PlacedOrder; brand?: Brand }> {
  const { db, gift, findSold } = deps
  const findFirst = async () => {
    const request = await findPartnerRequest(db, call.partner.id, SCOPE, requestId)
    return request && { placed: await readPlaced(gift, request) }
  }
  let wish: Awaited<ReturnType<typeof readWish>>
  try {
    wish = await readWish(findSold, purchase, call, requestId)
  } catch (error) {
    // An id that was used gets its first answer, whatever the body says now.
    const first = error instanceof WalleoProblem ? await findFirst() : undefined
    if (first) return first
    throw error
  }
  const placed = await placeOrder(gift, wish)
  if (!('refusal' in placed)) return { placed, brand: wish.brand }
  if (placed.refusal === 'request-conflict') {
    const first = await findFirst()
    if (first) return first
    throw new Error('the id of a request is used, and nothing tells by what')
  }
  if (isAboutOffer(placed.refusal)) throw giftCardNotFound(wish.content)
  return { placed: await refuseOrder(gift, wish, placed.refusal), brand: wish.brand }
}

/** The brand is no longer what it was when the request was read. */
const isAboutOffer = (refusal: GiftRefusal) =>
  ['brand-disabled', 'brand-paused', 'value-not-offered', 'delivery-not-offered', 'asynchronous-only'].includes(refusal)

/** The answer to the request that placed the order, now or again. @throws {WalleoProblem} */
async function answerTo(deps: HandleDeps, placed: PlacedOrder, brand: Brand | undefined): Promise<string> {
  const { order, request, repeated } = placed
  if (order.status === 'failed') throw failureOf(order.error, request.content)
  if (isOpen(placed) && repeated) {
    throw new WalleoProblem('come_back_later', 'The first request with this id is still at work: come back later', {
      'retry-after': String(readings.comeBackAfter),
    })
  }
  if (request.operation === 'pull_request') return renderPullRequest(placed, 'created')
  return `{"card":${await renderCard(deps, placed, brand)}}`
}

const isOpen = ({ order }: PlacedOrder) => order.ended_at === null
