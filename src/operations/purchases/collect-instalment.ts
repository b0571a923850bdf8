import type { Leg } from '../../domain/posting.ts'
import { COLLECTION_PAUSES, openOf, type PurchaseRefusal } from '../../domain/purchase.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Outcome } from '../../ledger/command.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { partPaid } from '../../storage/purchase-effects.ts'
import {
  countFailedAttempt,
  findPurchase,
  listDueParts,
  type Purchase,
  type PurchasePart,
} from '../../storage/purchases.ts'
import { merchantsOf } from './end-purchase.ts'
import { dueNow, NO_ANSWER, type PurchaseDeps, purchaseRefusalOf } from './purchase-deps.ts'

type About = { readonly purchase: Purchase; readonly merchant: Merchant }

/** Moves what is open of parts, with their fees, from the wallet to financing; one row of each part says so. */
export function partPayment(
  { purchase, merchant }: About,
  parts: readonly PurchasePart[],
  transaction: string,
  key: string | null,
): Pick<Command, 'legs' | 'effects'> {
  const { walletId: source } = purchase
  if (source === null || merchant.financing === null) throw new Error(`purchase ${purchase.id} owes nothing to anybody`)
  const { financing, fees } = merchant
  const legs = parts.flatMap((part): Leg[] => {
    const amount: Leg = { type: 'transfer', source, target: financing, amount: openOf(part) }
    if (part.fee === 0n) return [amount]
    return [amount, { type: 'transfer', source, target: fees as bigint, amount: part.fee }]
  })
  const effects = parts.map((part) => ({
    effect: partPaid,
    row: [part.id, String(part.amount), String(openOf(part)), String(part.fee), transaction, key],
  }))
  return { legs, effects }
}

export type Collected = 'paid' | 'late' | 'failed' | 'changed'

/** Refusals that another day may change: they count as an attempt. */
const ATTEMPTED: ReadonlySet<PurchaseRefusal> = new Set(['insufficient-funds', 'wallet-not-usable'])

/**
 * Collects an instalment that is due, once: of several servers that try, one moves the money, and one counts a failed attempt. What the
 * wallet does not have stays open, and is tried again on later days, until it has failed.
 * @param now of the due clock; ms
 * @returns `changed`: somebody else paid, credited or counted meanwhile; the next run sees it as it is then
 */
export async function collectInstalment(
  deps: PurchaseDeps,
  { purchase, merchant, part, now }: About & { part: PurchasePart; now: number },
): Promise<Collected> {
  if (openOf(part) === 0n) return 'changed'
  const transaction = uuidV7(deps.clock())
  const outcome = (
    await deps.ledger.submit({
      principal: 'worker',
      transaction,
      kind: 'purchase-instalment',
      ...partPayment({ purchase, merchant }, [part], transaction, null),
      payload: JSON.stringify({
        purchase: purchase.id,
        reference: purchase.reference,
        description: purchase.title,
        parts: [part.number],
      }),
      answer: NO_ANSWER,
    })
  ).outcome as Outcome
  if (outcome.accepted) return 'paid'
  const accounts = { wallet: purchase.walletId as bigint, merchant: merchant.wallet.id, financing: merchant.financing }
  const refusal = purchaseRefusalOf(outcome.refusal, accounts)
  if (refusal === 'part-not-open') return 'changed'
  if (!ATTEMPTED.has(refusal)) throw new Error(`part ${part.id} of a purchase cannot be collected: ${refusal}`)
  const pause = COLLECTION_PAUSES[part.attempts]
  const counted = await countFailedAttempt(deps.db, part, pause === undefined ? null : new Date(now + pause))
  if (!counted) return 'changed'
  return pause === undefined ? 'failed' : 'late'
}

const BATCH = 100

type Log = { error(fields: object, message: string): void }

/** Collects what is due. One that cannot be looked into does not stop the others. @returns how many were paid */
export async function collectInstalments(deps: PurchaseDeps & { log: Log }, signal?: AbortSignal): Promise<number> {
  const now = await dueNow(deps)
  let paid = 0
  for (let after: { at: Date; id: string } | null = null; !signal?.aborted; ) {
    const parts: PurchasePart[] = await listDueParts(deps.db, { now: new Date(now), after, limit: BATCH })
    const purchases = await purchasesOf(deps, parts)
    const merchants = await merchantsOf(deps, [...purchases.values()])
    // Side by side, so that they share the ledger's commits.
    const results = await Promise.allSettled(
      parts.map(async (part) => {
        const purchase = purchases.get(part.purchaseId)
        const merchant = purchase && merchants.get(purchase.merchantId)
        if (!purchase || !merchant) throw new Error(`part ${part.id} is of no purchase`)
        return collectInstalment(deps, { purchase, merchant, part, now })
      }),
    )
    for (const result of results) {
      if (result.status === 'rejected') deps.log.error({ err: result.reason }, 'an instalment was not collected')
      else if (result.value === 'paid') paid++
    }
    const last = parts.at(-1)
    if (!last || parts.length < BATCH) break
    after = { at: last.nextAttemptAt as Date, id: last.id }
  }
  return paid
}

async function purchasesOf({ db }: Pick<PurchaseDeps, 'db'>, parts: readonly PurchasePart[]) {
  const ids = [...new Set(parts.map(({ purchaseId }) => purchaseId))]
  const found = await Promise.all(ids.map((id) => findPurchase(db, { id })))
  return new Map(found.filter((purchase) => purchase !== undefined).map((purchase) => [purchase.id, purchase]))
}
