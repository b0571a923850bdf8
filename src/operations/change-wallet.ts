import type { AccountStatus } from '../domain/posting.ts'
import { uuidV7 } from '../domain/uuid.ts'
import type { Command } from '../ledger/command.ts'
import { findWallet, updateParent, type Wallet } from '../storage/wallets.ts'
import { OperationRefusal } from './input.ts'
import { type LimitsInput, readLimits } from './limits.ts'
import type { WalletDeps } from './open-wallet.ts'
import { submitForWallet } from './submit-for-wallet.ts'

export type ChangeWalletInput = LimitsInput & {
  /** `frozen`: pays nothing and holds nothing new, still receives; `closed`: for good, at balance zero */
  status?: AccountStatus
  /** explicit or opaque id; null: none */
  parent?: string | null
}

/**
 * Changes the parent of a wallet, then its limits and status together.
 * @param id explicit or opaque, normalised
 * @param also what else is written with limits and status
 */
export async function changeWallet(
  deps: WalletDeps,
  actor: string,
  id: string,
  input: ChangeWalletInput,
  also: (wallet: Wallet) => NonNullable<Command['effects']> = () => [],
): Promise<Wallet> {
  const wallet = await requireWallet(deps, 'id', id)
  const limits = readLimits(input, wallet.asset.exponent)
  const changesAccount = limits.lower !== undefined || limits.upper !== undefined || input.status !== undefined
  if (input.parent !== undefined) await setParent(deps, wallet, input.parent)
  if (changesAccount) {
    await submitForWallet(deps.ledger, {
      principal: actor,
      transaction: uuidV7(deps.clock()),
      kind: 'wallet-change',
      payload: JSON.stringify({
        wallet: wallet.explicitId,
        lower: input.lower,
        upper: input.upper,
        status: input.status,
      }),
      legs: [
        { type: 'change-account', account: wallet.id, ...limits, ...(input.status ? { status: input.status } : {}) },
      ],
      effects: also(wallet),
    })
  }
  return wallet
}

async function setParent(deps: WalletDeps, wallet: Wallet, parentId: string | null): Promise<void> {
  const parent = parentId === null ? null : await requireWallet(deps, 'parent', parentId)
  if (parent?.kept) throw new OperationRefusal('not_found', 'parent', 'there is no such wallet')
  if (parent && wallet.kept)
    throw new OperationRefusal('conflict', 'parent', 'what is kept for gift cards has no parent')
  if (parent && parent.asset.id !== wallet.asset.id)
    throw new OperationRefusal('invalid_input', 'parent', 'a parent is in the same currency and circle')
  const result = await deps.db.transaction((sql) => updateParent(sql, wallet.id, parent?.id ?? null))
  if (result === 'cycle') throw new OperationRefusal('invalid_input', 'parent', 'a wallet cannot be above itself')
}

async function requireWallet(deps: WalletDeps, field: string, id: string): Promise<Wallet> {
  const wallet = await findWallet(deps.db, id)
  if (!wallet) throw new OperationRefusal('not_found', field, 'there is no such wallet')
  return wallet
}
