import type { Keyring } from '../../credentials/keyring.ts'
import type { PurchaseRefusal } from '../../domain/purchase.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Command, Ledger } from '../../ledger/command.ts'
import type { Database, Sql } from '../../storage/database.ts'
import { readAhead } from '../../storage/due-clock.ts'

/** What the operations on purchases need. */
export type PurchaseDeps = {
  db: Database
  ledger: Ledger
  keyring: Keyring
  /** ms since the epoch */
  clock: () => number
  /** in the sandbox the due clock may be ahead, and notifications say that nothing of it is real */
  sandbox: boolean
}

/** Builds them from what a server has. */
export const createPurchaseDeps = (
  deps: Omit<PurchaseDeps, 'sandbox'> & { config: { mode: 'sandbox' | 'production' } },
): PurchaseDeps => {
  const { db, ledger, keyring, clock, config } = deps
  return { db, ledger, keyring, clock, sandbox: config.mode === 'sandbox' }
}

/**
 * What time it is for purchases: when links expire, and what is due. In the sandbox it may be put ahead (`billfold sandbox
 * advance`), and is read each time, so that every server sees it at once; elsewhere it is the real time. Nothing that is signed,
 * and no entry of the ledger, is dated by it.
 */
export async function dueNow({
  db,
  clock,
  sandbox,
}: {
  db: Sql
  clock: () => number
  sandbox: boolean
}): Promise<number> {
  return clock() + (sandbox ? await readAhead(db) : 0)
}

export const isoTime = (ms: number): string => new Date(ms).toISOString()

/** Nothing is kept with the ledger as an answer: the rows tell how a command ended, also to who asks again. */
export const NO_ANSWER: Command['answer'] = () => ({ status: 0, body: '{}' })

/** Accounts of a purchase, to tell whose funds a refusal is about. */
export type PurchaseAccounts = {
  readonly wallet?: bigint
  readonly merchant: bigint
  readonly financing: bigint | null
}

const CONSTRAINTS: Readonly<Record<string, PurchaseRefusal>> = {
  purchase_decided_once: 'purchase-ended',
  purchase_in_time: 'purchase-expired',
  purchase_reference_once: 'reference-used',
  purchase_settled_once: 'not-authorized',
  purchase_capture_within: 'capture-exceeds-authorization',
  purchase_credit_within: 'credit-exceeds-purchase',
  purchase_credit_key: 'key-conflict',
  part_within: 'part-not-open',
}

/** The ledger's refusal in the words of purchases. */
export function purchaseRefusalOf(
  refusal: Refusal,
  { wallet, merchant, financing }: PurchaseAccounts,
): PurchaseRefusal {
  const { code, account, constraint } = refusal
  if (constraint !== undefined) return CONSTRAINTS[constraint] ?? 'refused'
  switch (code) {
    case 'unavailable-funds':
      if (account === financing) return 'financing-exhausted'
      return account === merchant && account !== wallet ? 'merchant-funds' : 'insufficient-funds'
    case 'source-frozen':
    case 'source-closed':
    case 'source-not-found':
      if (account === financing) return 'financing-exhausted'
      return account === merchant ? 'merchant-funds' : 'wallet-not-usable'
    case 'target-closed':
    case 'unreceivable-funds':
      return account === merchant
        ? 'merchant-not-payable'
        : account === wallet
          ? 'wallet-not-usable'
          : 'financing-exhausted'
    case 'asset-mismatch':
      return 'currency-differs'
    case 'same-account':
      return 'wallet-not-usable'
    case 'hold-expired':
      return 'authorization-over'
    case 'hold-ended':
    case 'hold-not-found':
      return 'not-authorized'
    case 'capture-exceeds-hold':
      return 'capture-exceeds-authorization'
    default:
      return 'refused'
  }
}
