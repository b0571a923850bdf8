import type { Config } from '../../config.ts'
import { fundingLimitOf, STANDARD_FUNDING_LIMIT } from '../../domain/funding-limit.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { fundingAsked, fundingUsed, listIssuingWallets } from '../../storage/fundings.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { type MoneyDeps, type MoneyResult, type Prepared, submitPrepared } from '../money.ts'
import { type FundingRefusal, fundingRefusalOf } from './funding-refusal.ts'

export type FundingDeps = Pick<MoneyDeps, 'db' | 'ledger' | 'clock'> & { config: Pick<Config, 'fundingLimit'> }

/** A person with an operator's sign-in. Sign-ins of one party count as one person. */
export type Operator = { readonly email: string; readonly partyId: string }

export type FundingWish = {
  readonly direction: 'in' | 'out'
  readonly wallet: Wallet
  /** account of the issuing wallet that pays, or is paid */
  readonly bank: bigint
  /** minor units */
  readonly amount: bigint
  readonly reason: string
  /** the wallet is a partner’s float: kept, and filled from its partner’s page */
  readonly float?: boolean
}

/** `waiting`: nothing was moved, and a second person is asked; `id` names the row of it. */
export type FundingResult =
  | { readonly accepted: true; readonly waiting: boolean; readonly id: string }
  | { readonly accepted: false; readonly code: FundingRefusal }

/** How long an approval is waited for; ms. */
export const FUNDING_WAIT = 7 * 86_400_000

/** Minor units that one person may move alone on a day (UTC). */
export const limitFor = ({ fundingLimit }: FundingDeps['config'], asset: { code: string; exponent: number }): bigint =>
  fundingLimitOf(fundingLimit ?? STANDARD_FUNDING_LIMIT, asset)

/**
 * Moves money between an issuing account and a wallet, or asks for a second person: when it is more than the limit, or when the same
 * person's movements of the day would together be more than it, so that no series of small ones gets around the second pair of eyes.
 * @param key of the form: sent twice, it happens once
 */
export async function moveFunds(
  deps: FundingDeps,
  ask: { actor: string; key: string; by: Operator },
  wish: FundingWish,
): Promise<FundingResult> {
  const { wallet, amount } = wish
  if (wallet.kept && !wish.float) return { accepted: false, code: 'wallet-kept' }
  const banks = await listIssuingWallets(deps.db, wallet.asset.id)
  if (!banks.some(({ id }) => id === wish.bank)) return { accepted: false, code: 'bank-not-found' }
  const most = limitFor(deps.config, wallet.asset)
  if (amount <= most) {
    const made = await submit(deps, ask, wish, most)
    if (made.accepted) return { accepted: true, waiting: false, id: made.reference }
    if (made.constraint !== 'funding_within') return { accepted: false, code: fundingRefusalOf(made) }
  }
  const asked = await submit(deps, { ...ask, key: `${ask.key}:ask` }, wish, null)
  return asked.accepted
    ? { accepted: true, waiting: true, id: asked.reference }
    : { accepted: false, code: fundingRefusalOf(asked) }
}

/** @param most the limit that it is made under; null: it waits for another person */
function submit(
  deps: FundingDeps,
  { actor, key, by }: { actor: string; key: string; by: Operator },
  { direction, wallet, bank, amount, reason }: FundingWish,
  most: bigint | null,
): Promise<MoneyResult> {
  const now = deps.clock()
  const transaction = uuidV7(now)
  const [source, target] = direction === 'in' ? [bank, wallet.id] : [wallet.id, bank]
  const until = most === null ? new Date(now + FUNDING_WAIT).toISOString() : null
  const terms = { direction, source: String(source), target: String(target), amount: String(amount) }
  const asked = [transaction, ...Object.values(terms), reason, by.email, by.partyId, until]
  const day = new Date(now).toISOString().slice(0, 10)
  const use = [by.partyId, String(wallet.asset.id), day, String(most), String(amount)]
  const prepared: Prepared = {
    transaction,
    kind: most === null ? 'funding-request' : 'funding',
    legs: most === null ? [] : [{ type: 'transfer', source, target, amount }],
    payload: JSON.stringify({ description: reason, terms, by: by.email, party: by.partyId }),
    effects: [{ effect: fundingAsked, row: asked }, ...(most === null ? [] : [{ effect: fundingUsed, row: use }])],
  }
  return submitPrepared(deps, { actor, key }, prepared, { ...terms, reason })
}
