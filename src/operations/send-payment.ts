import { uuidV7 } from '../domain/uuid.ts'
import type { Wallet } from '../storage/wallets.ts'
import type { endToken } from './end-token.ts'
import { type Ask, type MoneyDeps, type MoneyResult, type Prepared, type Remarks, submitPrepared } from './money.ts'
import { MoneyRefusal } from './money-refusal.ts'
import { prepareSettlement } from './settle-invoice.ts'

/** Whether a wallet keeps books, so that nobody spends from it. */
export const isKept = ({ kept }: Pick<Wallet, 'kept'>): boolean => kept

export type Movement = {
  /** the endpoint: `payments`, `charges` or `funds` */
  readonly kind: string
  readonly source: Wallet
  readonly target: Wallet
  /** minor units */
  readonly amount: bigint
  readonly remarks: Remarks
  /** the token that it uses up, told in the transaction's payload */
  readonly also?: { readonly payload: object; readonly end: (transaction: string) => ReturnType<typeof endToken> }
}

/**
 * Money from one wallet to another. A payment or charge whose `metadata.invoice` names an invoice pays that one, or moves
 * nothing. A promise only when an invoice has to be looked up.
 * @throws MoneyRefusal
 */
export function prepareMovement(
  deps: Pick<MoneyDeps, 'db' | 'clock'>,
  movement: Movement,
): Prepared | Promise<Prepared> {
  const { kind, source, target, amount, remarks, also } = movement
  // The directory has none of them; an invoice or a token may be older than their being kept.
  if (isKept(source) || isKept(target)) throw new MoneyRefusal('wallet-kept')
  const transaction = uuidV7(deps.clock())
  const { description, details, metadata } = remarks
  const prepared: Prepared = {
    transaction,
    kind,
    legs: [{ type: 'transfer', source: source.id, target: target.id, amount }],
    payload: JSON.stringify({ description, details, metadata, ...also?.payload }),
  }
  const ended = also?.end(transaction)
  const invoice = kind === 'funds' || metadata === undefined ? undefined : ownMember(metadata, 'invoice')
  if (invoice === undefined) return ended ? { ...prepared, effects: [ended.ending], doomed: ended.doomed } : prepared
  return prepareSettlement(deps, { invoice, source, target, amount, transaction }).then(({ settlement, doomed }) => ({
    ...prepared,
    effects: ended ? [ended.ending, settlement] : [settlement],
    doomed: ended?.doomed ?? doomed,
  }))
}

const ownMember = (object: object, name: string): unknown =>
  Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined

/** A payment of a person whose right over `source` the caller has checked. */
export async function sendPayment(
  deps: MoneyDeps,
  input: Ask & { source: Wallet; target: Wallet; amount: bigint; description?: string },
): Promise<MoneyResult> {
  const { source, target, amount, description } = input
  const prepared = await prepareMovement(deps, { kind: 'payments', source, target, amount, remarks: { description } })
  return submitPrepared(deps, input, prepared, {
    source: source.explicitId,
    target: target.explicitId,
    amount: String(amount),
    description,
  })
}
