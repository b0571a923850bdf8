import { uuidV7 } from '../domain/uuid.ts'
import {
  findRefillPolicy,
  type RefillPolicy,
  readRefillUse,
  refillCounted,
  refillMade,
} from '../storage/refill-policies.ts'
import { findParent, type Wallet } from '../storage/wallets.ts'
import type { MoneyDeps, Prepared } from './money.ts'
import type { MoneyRefusalCode } from './money-refusal.ts'

/**
 * A refill of a wallet from its parent under the standing policy. Parent, policy and what is left of the period are checked by
 * the constraints when it is written: `parent-missing`, `refill-policy-missing`, `refill-cap-exceeded`, `refill-cap-reached`.
 */
export async function prepareRefill(
  deps: Pick<MoneyDeps, 'db' | 'clock'>,
  { target, amount }: { target: Wallet; amount: bigint },
): Promise<Prepared> {
  const parent = await findParent(deps.db, target.id)
  const latest = await findRefillPolicy(deps.db, target.id)
  const policy = latest?.parent === parent ? latest : null
  const used = policy ? await readRefillUse(deps.db, target.id, policy.period) : 0n
  const transaction = uuidV7(deps.clock())
  return {
    transaction,
    kind: 'refills',
    // Without a parent there is nothing to move: the effect refuses it, so that a repeated key gets its first answer all the same.
    legs: parent === null ? [] : [{ type: 'transfer', source: parent, target: target.id, amount }],
    payload: '{}',
    effects: [
      {
        effect: refillMade,
        row: [transaction, String(target.id), parent === null ? null : String(parent), String(amount)],
      },
      { effect: refillCounted, row: [transaction] },
    ],
    doomed: parent === null ? 'parent-missing' : foresee(policy, used, amount),
  }
}

/** In the order in which the constraints are tried. */
function foresee(policy: RefillPolicy | null, used: bigint, amount: bigint): MoneyRefusalCode | undefined {
  if (!policy) return 'refill-policy-missing'
  if (amount > policy.perRefill) return 'refill-cap-exceeded'
  return used + amount > policy.perPeriod ? 'refill-cap-reached' : undefined
}
