/**
 * Why an operation on a purchase is refused. A closed union; each protocol maps it totally to its own words. A refusal changes
 * nothing.
 */
export const purchaseRefusals = [
  'reference-used', // the merchant was paid under this reference before
  'purchase-expired', // nobody accepted it in time
  'purchase-ended', // accepted, cancelled or expired before
  'amount-out-of-range', // zero, or more than the ledger moves at once
  'plan-not-offered', // by this merchant, or not for this amount or date
  'overdue', // the person has not paid instalments that were due
  'wallet-not-yours',
  'wallet-not-usable', // frozen, closed, kept for books, or a party of the purchase itself
  'currency-differs', // code and circle of wallet and merchant
  'insufficient-funds', // of the person's wallet
  'merchant-not-payable', // its wallet is closed or full
  'financing-exhausted', // the financing account lends no more, or is closed
  'not-authorized', // there is nothing to capture or to release: paid out, released, or never accepted
  'authorization-over', // it was not captured in time
  'capture-exceeds-authorization',
  'not-paid-out', // only what a merchant was paid can be credited
  'credit-exceeds-purchase', // together with the credits before
  'merchant-funds', // the merchant's wallet does not have what is credited
  'part-not-open', // paid or cancelled before
  'key-conflict', // the key was used before for something else
  'busy', // it changed again and again meanwhile: try again
  'refused', // by the ledger, for a reason that none of the others names
] as const

export type PurchaseRefusal = (typeof purchaseRefusals)[number]

/**
 * - `created`: waits for a person
 * - `authorized`: accepted, the amount is held until it is captured or released
 * - `completed`: accepted, the merchant is paid; credits leave it so
 * - `cancelled`: declined by the person or taken back by the merchant before it was accepted
 * - `expired`: nobody accepted it in time
 * - `voided`: accepted, and released or never captured
 */
export const purchaseStates = ['created', 'authorized', 'completed', 'cancelled', 'expired', 'voided'] as const
export type PurchaseState = (typeof purchaseStates)[number]

/**
 * - `scheduled`: not due yet, or not asked for yet
 * - `late`: due, an attempt failed, and another one comes
 * - `failed`: no attempt comes any more; still owed, and still payable by the person
 * - `paid`, `cancelled`: nothing is open; cancelled by credits alone
 */
export const partStates = ['scheduled', 'late', 'paid', 'cancelled', 'failed'] as const
export type PartState = (typeof partStates)[number]

/** Part of a purchase's amount; minor units. `open` is what is still owed. */
export type PartAmounts = { readonly amount: bigint; readonly paid: bigint; readonly reduced: bigint }

export const openOf = ({ amount, paid, reduced }: PartAmounts): bigint => amount - paid - reduced

export type CreditShares<Part> = {
  /** what is cancelled of parts that are still owed, the last part first: goes to financing */
  readonly reductions: readonly { readonly part: Part; readonly amount: bigint }[]
  readonly toFinancing: bigint
  /** what was paid already: goes back to the wallet */
  readonly toWallet: bigint
}

/** Where a credit goes: first it cancels what is still owed, from the last part backwards; the rest was paid, and goes back. */
export function shareCredit<Part extends PartAmounts>(parts: readonly Part[], credit: bigint): CreditShares<Part> {
  let left = credit
  const reductions: { part: Part; amount: bigint }[] = []
  for (const part of parts.toReversed()) {
    const open = openOf(part)
    const amount = open < left ? open : left
    if (amount > 0n) reductions.push({ part, amount })
    left -= amount
  }
  return { reductions, toFinancing: credit - left, toWallet: left }
}

/** When an instalment that could not be collected is tried again: ms after the n-th failed attempt; after the last one it has failed. */
export const COLLECTION_PAUSES: readonly number[] = [1, 2, 4, 7].map((days) => days * 86_400_000)
