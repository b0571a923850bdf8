import type { WalleoCard, WalleoErrorItem, WalleoPullRequest } from '#sdk/walleo/wire.ts'
import type { PlacedOrder } from '../../operations/gift-cards/place-order.ts'
import { type Brand, findBrand } from '../../storage/brands.ts'
import type { WalleoDeps } from './call.ts'
import { failureOf } from './errors.ts'
import { readings } from './readings.ts'
import { unitOf } from './whole-units.ts'

/**
 * The card of an order as JSON, `null` where there is none. Made from rows that do not change, so that every repeat has the same
 * bytes.
 * @param brand the order's, when it is known
 */
export async function renderCard(
  deps: Pick<WalleoDeps, 'db' | 'keyring' | 'publicUrls'>,
  { order, request, card }: Pick<PlacedOrder, 'order' | 'request' | 'card'>,
  brand?: Brand,
): Promise<string> {
  if (card === null) return 'null'
  const { row, secrets, link = deps.keyring.open(row.link, `card:${row.id}:link`) } = card
  const sold = brand?.id === order.brand_id ? brand : await findBrand(deps.db, { id: order.brand_id })
  if (!sold) throw new Error(`the order ${order.id} has no brand`)
  return JSON.stringify({
    id: row.id,
    code: secrets.code,
    expire_at: row.expires_at?.toISOString() ?? null,
    pin_code: secrets.pin,
    amount: Number(order.face / unitOf(sold.asset)),
    gift_card_code: request.content,
    pdf_url: `${deps.publicUrls[0]}/cards/${link}.pdf`,
  } satisfies WalleoCard)
}

/** @param state as it was when it was made, which is the answer to the request that made it; or as it is, with its rendered card */
export function renderPullRequest(
  { order, request }: Pick<PlacedOrder, 'order' | 'request'>,
  state: 'created' | { readonly card: string },
): string {
  const {
    status,
    errors,
    updatedAt = order.created_at,
  }: State = state === 'created' ? { status: 'waiting' } : stateOf(order, request)
  const pull = {
    id: order.id,
    status,
    request_id: order.request_id,
    amount_cents: Number(order.face),
    created_at: order.created_at.toISOString(),
    updated_at: updatedAt.toISOString(),
    ...(errors && { errors }),
  } satisfies Omit<WalleoPullRequest, 'card'>
  const card = state === 'created' ? 'null' : state.card
  return `{"pull_request":${JSON.stringify(pull).slice(0, -1)},"card":${card}}}`
}

type State = Pick<WalleoPullRequest, 'status' | 'errors'> & { updatedAt?: Date }

function stateOf(order: PlacedOrder['order'], request: PlacedOrder['request']): State {
  if (order.ended_at === null) return { status: 'waiting' }
  const updatedAt = order.ended_at
  if (order.status !== 'failed') return { status: 'success', updatedAt }
  const { code, message } = failureOf(order.error, request.content)
  const errors: WalleoErrorItem[] = [{ code, message }]
  return { status: readings.failedPullStatus, updatedAt, errors }
}
