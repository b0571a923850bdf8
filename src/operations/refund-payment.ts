import { uuidV7 } from '../domain/uuid.ts'
import { findOriginal, readRefunded, refundCounted, refundMade } from '../storage/refunds.ts'
import type { Wallet } from '../storage/wallets.ts'
import type { MoneyDeps, Prepared } from './money.ts'
import { MoneyRefusal } from './money-refusal.ts'

/** The kinds of transaction that can be refunded. */
const REFUNDABLE: ReadonlySet<string> = new Set(['payments', 'charges'])

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * A refund of all or part of a payment or charge, from who was paid to who paid. Together the refunds of one original never
 * exceed it: `refund-exceeds-original`.
 * @param input.reaches whether the caller may pay from the wallet: what it may not refund is not there
 * @throws MoneyRefusal
 */
export async function prepareRefund(
  deps: Pick<MoneyDeps, 'db' | 'clock'>,
  input: {
    /** reference of what is refunded */
    original: string
    target: Wallet
    amount: bigint
    description?: string | undefined
    reaches: (wallet: bigint) => boolean | Promise<boolean>
  },
): Promise<Prepared> {
  const { original, target, amount, description, reaches } = input
  const found = UUID.test(original) ? await findOriginal(deps.db, original) : undefined
  if (!found || !(await reaches(found.target))) throw new MoneyRefusal('transaction-not-found')
  if (!REFUNDABLE.has(found.kind) || found.legs !== 1) throw new MoneyRefusal('not-refundable')
  if (found.source !== target.id) throw new MoneyRefusal('refund-target-differs')
  const transaction = uuidV7(deps.clock())
  const refunded = await readRefunded(deps.db, original)
  return {
    transaction,
    kind: 'refunds',
    legs: [{ type: 'transfer', source: found.target, target: target.id, amount }],
    payload: JSON.stringify({ transaction: original, description }),
    effects: [
      { effect: refundMade, row: [transaction, original] },
      { effect: refundCounted, row: [original, String(found.amount), String(amount)] },
    ],
    ...(refunded + amount > found.amount && { doomed: 'refund-exceeds-original' as const }),
  }
}
