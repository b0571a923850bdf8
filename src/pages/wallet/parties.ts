import type { Asset } from '../../domain/asset.ts'
import type { WalletDirectory } from '../../operations/wallet-directory.ts'
import type { Wallet } from '../../storage/wallets.ts'
import type { Language } from '../messages.ts'
import { type AmountProblem, readAmount } from './amount.ts'
import { findWalletById, isWalletId } from './own-wallet.ts'
import { sendWords as words } from './send-words.ts'

// Fields that a payment and a handover share, read from a form; what is wrong is said in words, for beside the field.

export type Read<T> = { ok: T } | { problem: string }

const LONGEST_DESCRIPTION = 200

export async function readOwnWallet(
  directory: WalletDirectory,
  partyId: string,
  text: string,
  language: Language,
): Promise<Read<Wallet>> {
  const wallet = await findWalletById(directory, text)
  return wallet?.partyId === partyId ? { ok: wallet } : { problem: words(language, 'noFrom') }
}

/** The other side's wallet; of one unit with `own`, and another one, if that is known. */
export async function readOtherWallet(
  directory: WalletDirectory,
  text: string,
  own: Wallet | undefined,
  language: Language,
): Promise<Read<Wallet>> {
  if (text === '') return { problem: words(language, 'noTo') }
  if (!isWalletId(text)) return { problem: words(language, 'badTo') }
  const wallet = await findWalletById(directory, text)
  if (!wallet) return { problem: words(language, 'unknownTo') }
  if (!own) return { ok: wallet }
  const [theirs, ours] = [wallet.asset, own.asset]
  if (wallet.id === own.id) return { problem: words(language, 'same') }
  if (theirs.code !== ours.code)
    return { problem: words(language, 'otherCurrency', { theirs: theirs.code, ours: ours.code }) }
  if (theirs.id !== ours.id) return { problem: words(language, 'otherCircle', { code: ours.code }) }
  return { ok: wallet }
}

/** Minor units of `asset`; of any unit while that is not known. */
export function readMoney(text: string, asset: Asset | undefined, language: Language): Read<bigint> {
  const read = readAmount(text, asset?.exponent ?? 8, language)
  if (typeof read === 'bigint') return { ok: read }
  return { problem: amountProblem(read, asset, language) }
}

function amountProblem(problem: AmountProblem, asset: Asset | undefined, language: Language): string {
  if (problem !== 'precise') return words(language, problem)
  const { code = '', exponent = 8 } = asset ?? {}
  return words(language, exponent === 0 ? 'preciseWhole' : 'precise', { code, decimals: exponent })
}

export function readDescription(text: string, language: Language): Read<string> {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= LONGEST_DESCRIPTION ? { ok: line } : { problem: words(language, 'longDescription') }
}
