import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { amountToJson } from '../../domain/money.ts'
import { pageView } from '../../operations/directory-views.ts'
import { readAmount } from '../../operations/gift-cards/brand-input.ts'
import { redeemCard } from '../../operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../operations/gift-cards/refund-to-card.ts'
import { topUpCard } from '../../operations/gift-cards/top-up-card.ts'
import { listedRedemptionView, redemptionView, usableCardView } from '../../operations/gift-cards/use-views.ts'
import { requireUuid } from '../../operations/input.ts'
import { findCardMovement, findRedemption, listRedemptions, type Redemption } from '../../storage/card-use.ts'
import { requireAsk, requireCardOfCode, requireDone, requireOwnWallet } from './card-target.ts'
import {
  CardMovement,
  CheckCard,
  ListedRedemption,
  RedeemCard,
  RedemptionPage,
  Redemption as RedemptionSchema,
  RefundToCard,
  TopUpCard,
  UsableCard,
} from './card-use-schema.ts'
import { AdminProblem } from './problem.ts'
import { type Call, route } from './route.ts'
import { DEFAULT_LIMIT, pageLimit, uuidCursor } from './schema.ts'

type MerchantCall = Pick<Call<unknown, unknown>, 'principal' | 'params'>

/** A redemption into a wallet of the key's own party. */
async function requireRedemption(deps: Deps, { principal, params }: MerchantCall): Promise<Redemption> {
  const id = requireUuid('redemption_id', params.redemption_id as string)
  const found = await findRedemption(deps.db, id, principal.partyId)
  if (found) return found
  throw new AdminProblem(404, 'not-found', 'the party of this key has no such redemption', { field: 'redemption_id' })
}

/** From its row, so that a repeat gets the same answer. */
async function movementView(deps: Deps, id: string) {
  const row = await findCardMovement(deps.db, id)
  if (!row) throw new Error(`the movement ${id} onto a card is gone`)
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id,
    card_id: row.card_id,
    redemption_id: row.redemption_id,
    amount: amount(row.amount),
    balance: amount(row.balance),
    at: row.at.toISOString(),
  }
}

export const cardRedemptionRoutes = [
  route({
    method: 'POST',
    path: '/card-balances',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Show what is on a card',
    description: 'By its code, which travels in the body, so that it stands in no log.',
    input: CheckCard,
    output: UsableCard,
    handle: async (deps, call) => usableCardView(await requireCardOfCode(deps, call, call.input.code), deps.clock()),
  }),
  route({
    method: 'POST',
    path: '/card-redemptions',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Spend all or part of a card',
    description: 'The amount goes from the card to the wallet. Needs an `Idempotency-Key`.',
    status: 201,
    input: RedeemCard,
    output: RedemptionSchema,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const wallet = await requireOwnWallet(deps, call, call.input.wallet)
      const card = await requireCardOfCode(deps, call, call.input.code)
      const amount = readAmount('amount', call.input.amount, card.exponent)
      const result = await redeemCard(deps.gift, { ...ask, card, wallet, amount, note: call.input.note })
      const id = requireDone(call, result)
      return redemptionView((await findRedemption(deps.db, id, wallet.partyId)) as Redemption)
    },
  }),
  route({
    method: 'GET',
    path: '/card-redemptions',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'List redemptions into the wallets of the key’s own party',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: RedemptionPage,
    async handle(deps, { principal, query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listRedemptions(deps.db, { partyId: principal.partyId, before: cursor, limit: limit + 1 })
      return pageView(rows, limit, listedRedemptionView, (row) => row.id)
    },
  }),
  route({
    method: 'GET',
    path: '/card-redemptions/{redemption_id}',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Show a redemption',
    output: ListedRedemption,
    handle: async (deps, call) => listedRedemptionView(await requireRedemption(deps, call)),
  }),
  route({
    method: 'POST',
    path: '/card-redemptions/{redemption_id}/refunds',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Give a part of a redemption back onto its card',
    description:
      'From the wallet that it went to. All refunds of a redemption together never exceed it. Needs an `Idempotency-Key`.',
    status: 201,
    input: RefundToCard,
    output: CardMovement,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const redemption = await requireRedemption(deps, call)
      const amount = readAmount('amount', call.input.amount, redemption.exponent)
      const result = await refundToCard(deps.gift, { ...ask, redemption, amount })
      return movementView(deps, requireDone(call, result))
    },
  }),
  route({
    method: 'POST',
    path: '/card-redemptions/{redemption_id}/cancel',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Give all that is left of a redemption back onto its card',
    description: 'Needs an `Idempotency-Key`.',
    status: 201,
    output: CardMovement,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const redemption = await requireRedemption(deps, call)
      const result = await refundToCard(deps.gift, { ...ask, redemption, amount: null })
      return movementView(deps, requireDone(call, result))
    },
  }),
  route({
    method: 'POST',
    path: '/card-top-ups',
    scope: 'cards:top-up',
    merchants: true,
    summary: 'Put money of a wallet onto a card',
    description: 'The card holds no more than the greatest value of its brand afterwards. Needs an `Idempotency-Key`.',
    status: 201,
    input: TopUpCard,
    output: CardMovement,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const wallet = await requireOwnWallet(deps, call, call.input.wallet)
      const card = await requireCardOfCode(deps, call, call.input.code)
      const amount = readAmount('amount', call.input.amount, card.exponent)
      const result = await topUpCard(deps.gift, { ...ask, card, wallet, amount })
      return movementView(deps, requireDone(call, result))
    },
  }),
]
