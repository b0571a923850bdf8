import { AmountError, amountToJson, parseAmount } from '../domain/money.ts'
import { uuidV7 } from '../domain/uuid.ts'
import type { Command, Ledger } from '../ledger/command.ts'
import type { Sql } from '../storage/database.ts'
import { findWalletListing } from '../storage/directory-listings.ts'
import { findRefillPolicy, type RefillPolicy, readRefillUse, refillPolicySet } from '../storage/refill-policies.ts'
import { findParent, type Wallet } from '../storage/wallets.ts'
import { OperationRefusal } from './input.ts'
import { requireWallet } from './show-wallet.ts'

/** Seconds: a minute to a leap year. */
export const SHORTEST_PERIOD = 60
export const LONGEST_PERIOD = 366 * 86_400

/** Amounts in the wallet's currency. */
export type RefillPolicyInput = { perRefill: number | string; perPeriod: number | string; periodSeconds: number }

type Deps = { db: Sql; ledger: Ledger; clock: () => number }

/** What is shown of a wallet's policy; `policy` is null when it has none that its parent's owner has agreed to. */
export async function showRefillPolicy({ db, clock }: Pick<Deps, 'db' | 'clock'>, id: string) {
  const wallet = await requireWallet(db, id)
  const latest = await findRefillPolicy(db, wallet.id)
  const policy = latest?.parent === (await findParent(db, wallet.id)) ? latest : null
  const now = clock()
  const used = policy ? await readRefillUse(db, wallet.id, policy.period) : 0n
  return view(wallet, (await findWalletListing(db, wallet.id))?.parent ?? null, policy, used, now)
}

export type RefillPolicyView = ReturnType<typeof view>

/**
 * Sets what a wallet may draw from its parent: at most `perRefill` at once and `perPeriod` in each period. What was drawn in the
 * running period counts on, unless the length of the period is another one. It holds for the parent that the wallet has now.
 * @param actor who asks, for the ledger
 * @param also what else is written in the same transaction
 * @throws {OperationRefusal}
 */
export async function setRefillPolicy(
  deps: Deps,
  actor: string,
  id: string,
  input: RefillPolicyInput | null,
  also: (view: RefillPolicyView) => NonNullable<Command['effects']> = () => [],
): Promise<RefillPolicyView> {
  const wallet = await requireWallet(deps.db, id)
  const consenting = await findParent(deps.db, wallet.id)
  const policy = input && readPolicy(wallet, consenting, input)
  const now = deps.clock()
  const parent = (await findWalletListing(deps.db, wallet.id))?.parent ?? null
  const used = policy ? await readRefillUse(deps.db, wallet.id, policy.period) : 0n
  const shown = view(wallet, parent, policy, used, now)
  const terms = {
    wallet: String(wallet.id),
    parent: consenting === null ? null : String(consenting),
    perRefill: policy && String(policy.perRefill),
    perPeriod: policy && String(policy.perPeriod),
    period: policy && String(policy.period),
  }
  const transaction = uuidV7(now)
  const { outcome } = await deps.ledger.submit({
    principal: actor,
    transaction,
    kind: 'refill-policy',
    payload: JSON.stringify({ terms }),
    legs: [],
    effects: [
      {
        effect: refillPolicySet,
        row: [terms.wallet, transaction, terms.parent, terms.perRefill, terms.perPeriod, terms.period],
      },
      ...also(shown),
    ],
    answer: () => ({ status: 0, body: '{}' }),
  })
  // Either the same request was sent twice at once, or two operators set the policy at the same moment.
  if (!outcome?.accepted) throw new OperationRefusal('conflict', 'id', 'the policy was set by another request just now')
  return shown
}

/** Ends a wallet's policy, also one of an earlier parent; without one nothing happens. @throws {OperationRefusal} */
export async function endRefillPolicy(deps: Deps, actor: string, id: string): Promise<void> {
  const wallet = await requireWallet(deps.db, id)
  if (await findRefillPolicy(deps.db, wallet.id)) await setRefillPolicy(deps, actor, id, null)
}

function readPolicy({ asset }: Wallet, parent: bigint | null, input: RefillPolicyInput): RefillPolicy {
  const amount = (field: 'perRefill' | 'perPeriod', name: string) => {
    try {
      return parseAmount(input[field], asset.exponent)
    } catch (error) {
      if (error instanceof AmountError) throw new OperationRefusal('invalid_input', name, error.message)
      throw error
    }
  }
  const [perRefill, perPeriod] = [amount('perRefill', 'per_refill'), amount('perPeriod', 'per_period')]
  if (perRefill > perPeriod)
    throw new OperationRefusal('invalid_input', 'per_refill', 'one refill is no more than all of a period')
  const { periodSeconds: period } = input
  if (!Number.isInteger(period) || period < SHORTEST_PERIOD || period > LONGEST_PERIOD)
    throw new OperationRefusal('invalid_input', 'period_seconds', 'a period is 60 seconds to 366 days')
  return { parent, perRefill, perPeriod, period }
}

function view(wallet: Wallet, parent: string | null, policy: RefillPolicy | null, used: bigint, now: number) {
  const amount = (minor: bigint) => amountToJson(minor, wallet.asset.exponent)
  return {
    wallet: wallet.explicitId,
    parent,
    currency: wallet.asset.code,
    policy: policy && {
      per_refill: amount(policy.perRefill),
      per_period: amount(policy.perPeriod),
      period_seconds: policy.period,
      used: amount(used),
      period_ends_at: new Date((Math.floor(now / 1000 / policy.period) + 1) * policy.period * 1000).toISOString(),
    },
  }
}
