import type { Deps } from '../../deps.ts'
import { readAmount } from '../../operations/gift-cards/brand-input.ts'
import { captureCardHold, holdOnCard, releaseCardHold } from '../../operations/gift-cards/hold-on-card.ts'
import { cardHoldView, redemptionView } from '../../operations/gift-cards/use-views.ts'
import { requireUuid } from '../../operations/input.ts'
import { type CardHold, findCardHold, findRedemption, type Redemption } from '../../storage/card-use.ts'
import { requireAsk, requireCardOfCode, requireDone, requireOwnWallet } from './card-target.ts'
import {
  CaptureCardHold,
  CardHold as CardHoldSchema,
  HoldOnCard,
  Redemption as RedemptionSchema,
} from './card-use-schema.ts'
import { AdminProblem } from './problem.ts'
import { type Call, route } from './route.ts'

type MerchantCall = Pick<Call<unknown, unknown>, 'principal' | 'params'>

const HOUR = 3600

/** A hold for a wallet of the key's own party. */
async function requireHold(deps: Deps, { principal, params }: MerchantCall): Promise<CardHold> {
  const found = await findCardHold(deps.db, requireUuid('hold_id', params.hold_id as string), principal.partyId)
  if (found) return found
  throw new AdminProblem(404, 'not-found', 'the party of this key has no such hold', { field: 'hold_id' })
}

export const cardHoldRoutes = [
  route({
    method: 'POST',
    path: '/card-holds',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Reserve a part of a card',
    description:
      'Nobody else can spend it until it is captured, released or its time is over. Needs an `Idempotency-Key`.',
    status: 201,
    input: HoldOnCard,
    output: CardHoldSchema,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const { code, wallet: walletId, amount, note, seconds = HOUR } = call.input
      const wallet = await requireOwnWallet(deps, call, walletId)
      const card = await requireCardOfCode(deps, call, code)
      const minor = readAmount('amount', amount, card.exponent)
      const result = await holdOnCard(deps.gift, { ...ask, card, wallet, amount: minor, note, seconds })
      const id = requireDone(call, result)
      const made = (await findCardHold(deps.db, id, wallet.partyId)) as CardHold
      // As it was, also when this is a repeat.
      return cardHoldView({ ...made, status: 0, captured: 0n })
    },
  }),
  route({
    method: 'GET',
    path: '/card-holds/{hold_id}',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Show a hold',
    output: CardHoldSchema,
    handle: async (deps, call) => cardHoldView(await requireHold(deps, call)),
  }),
  route({
    method: 'POST',
    path: '/card-holds/{hold_id}/capture',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Take what is held, or a part of it',
    description:
      'The rest can be spent again. Also of a card that was blocked or has expired meanwhile. Needs an `Idempotency-Key`.',
    status: 201,
    input: CaptureCardHold,
    output: RedemptionSchema,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const hold = await requireHold(deps, call)
      const { amount } = call.input
      const minor = amount === undefined ? hold.amount : readAmount('amount', amount, hold.exponent)
      const result = await captureCardHold(deps.gift, { ...ask, hold, amount: minor })
      const id = requireDone(call, result)
      return redemptionView((await findRedemption(deps.db, id, hold.party_id)) as Redemption)
    },
  }),
  route({
    method: 'POST',
    path: '/card-holds/{hold_id}/release',
    scope: 'cards:redeem',
    merchants: true,
    summary: 'Give back what is held',
    description: 'Needs an `Idempotency-Key`.',
    output: CardHoldSchema,
    once: 'itself',
    async handle(deps, call) {
      const ask = requireAsk(call)
      const hold = await requireHold(deps, call)
      requireDone(call, await releaseCardHold(deps.gift, { ...ask, hold }))
      return cardHoldView(await requireHold(deps, call))
    },
  }),
]
