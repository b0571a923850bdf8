import type { MoneyResult } from '../../../src/operations/money.ts'
import { MoneyRefusal } from '../../../src/operations/money-refusal.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import type { Action, Stage } from './life.ts'
import type { WalletState } from './wallets-state.ts'

/** What the actions of a life of wallets share. */
export type WalletScene = {
  readonly stage: Stage
  /** whose keys they are, of its kind: no other life has the same */
  actor(kind: string): string
  readonly wallets: Readonly<Record<string, Wallet>>
  /** a key for a new request; now and then one that was used before */
  key(): string
  /** an amount that is worth trying between two wallets: usual, or at a boundary, or beyond it */
  amount(state: WalletState, source: string, target: string): number
  pick<T>(of: readonly T[]): T
  /** The public reference behind a name; the same name must never get another one. */
  reference(name: string): string
  /** @returns `ok`, or `ok with another reference` */
  remember(name: string, reference: string): string
}

export type WalletAction = Action<WalletState>

/** The answer of an operation on money, in the words of the model. */
export async function moneyAnswer(
  work: () => Promise<MoneyResult>,
  remember: (reference: string) => string,
): Promise<string> {
  try {
    const result = await work()
    return result.accepted ? remember(result.reference) : `no ${result.code}`
  } catch (error) {
    if (error instanceof MoneyRefusal) return `no ${error.code}`
    if (error instanceof RangeError) return 'fault RangeError'
    throw error
  }
}
