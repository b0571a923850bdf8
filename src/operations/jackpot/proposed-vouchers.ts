import { affordableValues, isAdvantage, offerPrice, offerValue } from '../../domain/offer.ts'
import type { JackpotSession } from '../../storage/jackpot-sessions.ts'
import { listStores, type Offer, type Store } from '../../storage/voucher-offers.ts'
import type { GiftDeps } from '../gift-cards/gift-deps.ts'
import { readings } from './readings.ts'

/** What could be reserved. Amounts in minor units. */
export type Proposal = { readonly store: Store; readonly offer: Offer; readonly value: bigint; readonly price: bigint }

export type ProposalWish = {
  /** minor units, no more than the session's; the whole of it when absent */
  readonly amount?: bigint
  /** only what is worth more than its price */
  readonly strict: boolean
  /** all values of one store, instead of the greatest value of each */
  readonly storeId?: string
}

/** What may be spent of a session still. */
export const budgetOf = (session: Pick<JackpotSession, 'amount'>, amount?: bigint): bigint =>
  amount ?? session.amount ?? 0n

/** Everything that a session can reserve now: for one amount across stores, or of one store across values. */
export async function proposedVouchers(
  deps: Pick<GiftDeps, 'db'>,
  session: Pick<JackpotSession, 'amount' | 'asset'>,
  { amount, strict, storeId }: ProposalWish,
): Promise<Proposal[]> {
  const budget = budgetOf(session, amount)
  const stores = (await listStores(deps.db, session.asset.id)).filter(
    ({ brand }) => storeId === undefined || brand.id === storeId,
  )
  const proposals = stores.flatMap((store) =>
    store.offers.flatMap((offer) =>
      valuesOf(store, offer, budget, storeId !== undefined).map((value) => ({
        store,
        offer,
        value,
        price: offerPrice(offer, value, store.brand.asset.exponent),
      })),
    ),
  )
  return strict ? proposals.filter(({ value, price }) => isAdvantage(value, price)) : proposals
}

function valuesOf({ brand }: Store, offer: Offer, budget: bigint, all: boolean): bigint[] {
  const { values, asset } = brand
  if (all) return affordableValues(offer, values, budget, asset.exponent, readings.proposals)
  const value = offerValue(offer, values, budget, asset.exponent)
  return value === null ? [] : [value]
}
