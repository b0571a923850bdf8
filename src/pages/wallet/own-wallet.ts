import { WalletIdError } from '#sdk/protocol/errors.ts'
import { isExplicitId, isOpaqueId, normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import type { WalletDirectory } from '../../operations/wallet-directory.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { PageProblem } from '../problem.ts'

/** Whether a text reads like an id at all. */
export const isWalletId = (text: string): boolean => isExplicitId(text) || isOpaqueId(text)

/** @param id explicit, in any case, or opaque, as a person or an address may have it; undefined: there is no such wallet */
export async function findWalletById(directory: WalletDirectory, id: string): Promise<Wallet | undefined> {
  try {
    return await directory.find(normaliseWalletId(id.trim()))
  } catch (error) {
    if (error instanceof WalletIdError) return undefined
    throw error
  }
}

/**
 * The wallet of an address, if it is this party's.
 * @throws {PageProblem} the same for somebody else's wallet as for none at all, so that nobody learns which there are
 */
export async function requireOwnWallet(directory: WalletDirectory, partyId: string, id: string): Promise<Wallet> {
  const wallet = await findWalletById(directory, id)
  if (!wallet || wallet.partyId !== partyId) throw new PageProblem('not-found')
  return wallet
}
