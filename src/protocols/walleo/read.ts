import { readPlaced } from '../../operations/gift-cards/place-order.ts'
import { findCard } from '../../storage/cards.ts'
import { findOrder, findPartnerRequest } from '../../storage/orders.ts'
import type { Handle } from './call.ts'
import { cardNotFound, pullRequestNotFound } from './errors.ts'
import { isRequestId, SCOPE } from './purchase.ts'
import { renderCard, renderPullRequest } from './render.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `GET /cards/:id`: a card that the partner bought here; another's is not there. */
export const readCard: Handle = async (deps, { partner, name: id }) => {
  const row = UUID.test(id) ? await findCard(deps.db, { id }) : undefined
  const order = row?.order_id ? await findOrder(deps.db, row.order_id) : undefined
  if (!order || order.partner_id !== partner.id || order.protocol !== 'walleo') throw cardNotFound(id)
  const request = await findPartnerRequest(deps.db, partner.id, SCOPE, order.request_id)
  if (!request) throw new Error(`the order ${order.id} has no request`)
  return `{"card":${await renderCard(deps, await readPlaced(deps.gift, request))}}`
}

/** `GET /pull_requests/:request_id`: as it stands. Also finds what `POST /cards` bought, whose ids are of the same kind. */
export const readPullRequest: Handle = async (deps, { partner, name: requestId }) => {
  const request = isRequestId(requestId) && (await findPartnerRequest(deps.db, partner.id, SCOPE, requestId))
  if (!request) throw pullRequestNotFound(requestId)
  const placed = await readPlaced(deps.gift, request)
  return renderPullRequest(placed, { card: await renderCard(deps, placed) })
}
