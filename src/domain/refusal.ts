/**
 * Why the ledger refuses a command. A key comes first; then, for each leg in turn, the reasons of balances and limits in the order
 * of this list. What an effect's row meets shows when the row is written, after the legs, or is known before them: where both
 * stand against a command, either is the answer. A closed union; each protocol maps it totally to its own codes.
 */
export const refusalCodes = [
  'idempotency-conflict', // the key was used before with other content
  'same-account', // source and target are one
  'account-exists',
  'account-not-found',
  'source-not-found',
  'target-not-found',
  'asset-mismatch', // the two sides are not in one unit of account
  'account-closed',
  'source-closed',
  'target-closed',
  'source-frozen', // a frozen account pays nothing and holds nothing new; it still receives, and open holds still end
  'hold-not-found',
  'hold-ended', // captured or released before
  'hold-expired',
  'capture-exceeds-hold',
  'unavailable-funds', // balance - held would fall below the source's lower limit
  'unreceivable-funds', // balance + incoming would rise above the target's upper limit
  'amount-out-of-range', // a balance would leave ±2^62
  'limits-crossed', // lower > upper
  'limit-broken', // the present balance and holds break the new limit
  'account-not-empty', // only an account without balance and holds closes
  'already-exists', // what an effect would create is there
  'effect-refused', // a check constraint on an effect's row says no
] as const

export type RefusalCode = (typeof refusalCodes)[number]

/** A refusal changes nothing. `account` is the account, `constraint` the effect's constraint that it concerns, where there is one. */
export type Refusal = { code: RefusalCode; account?: bigint; constraint?: string }
