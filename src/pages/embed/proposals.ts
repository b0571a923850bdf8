import { isOffered } from '../../domain/gift-card.ts'
import { affordableValues, offerPrice, offerValue } from '../../domain/offer.ts'
import type { Offer, Store } from '../../storage/voucher-offers.ts'

/** A card that could be reserved. In minor units. */
export type Proposal = { readonly offer: Offer; readonly value: bigint; readonly price: bigint }

/**
 * Some cards of a store up to an amount, the greatest first: what all of it buys, then round amounts, as people think of them; of a
 * store with fixed values, those. Of two offers for one value the one that asks less.
 */
export function cardsOf(store: Store, amount: bigint, limit: number): Proposal[] {
  const { asset } = store.brand
  const best = new Map<bigint, Proposal>()
  for (const offer of store.offers) {
    for (const value of valuesOf(store, offer, amount, limit)) {
      const price = offerPrice(offer, value, asset.exponent)
      const known = best.get(value)
      if (price <= amount && (known === undefined || price < known.price)) best.set(value, { offer, value, price })
    }
  }
  return [...best.values()].sort(byWorth).slice(0, limit)
}

function valuesOf({ brand }: Store, offer: Offer, amount: bigint, limit: number): bigint[] {
  const { values, asset } = brand
  if (values.type === 'fixed') return affordableValues(offer, values, amount, asset.exponent, limit)
  const round = roundAmounts(amount, 10n ** BigInt(asset.exponent), limit - 1)
  // A bonus is asked for by what is paid, a discount by what the card is worth.
  const found =
    offer.kind === 'bonus'
      ? round.map((price) => offerValue(offer, values, price, asset.exponent))
      : round.filter((value) => isOffered(values, value))
  return [offerValue(offer, values, amount, asset.exponent), ...found].filter((value) => value !== null)
}

/** 500, 200, 100, 50, … whole units, below an amount of minor units. */
function roundAmounts(amount: bigint, unit: bigint, count: number): bigint[] {
  const found: bigint[] = []
  for (let power = unit; power < amount; power *= 10n) {
    found.push(...[power, 2n * power, 5n * power].filter((one) => one < amount))
  }
  return found.reverse().slice(0, count)
}

/** The most valuable first, and of equal ones the cheapest. */
export const byWorth = (a: Pick<Proposal, 'value' | 'price'>, b: Pick<Proposal, 'value' | 'price'>): number => {
  if (a.value !== b.value) return a.value > b.value ? -1 : 1
  return a.price < b.price ? -1 : a.price > b.price ? 1 : 0
}
