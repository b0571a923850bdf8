import type { Sql } from '../../storage/database.ts'
import { listOwnWalletsPage, type WalletListing } from '../../storage/directory-listings.ts'
import { formatMoney } from '../format.ts'
import type { Language } from '../messages.ts'
import { assetName } from './asset-name.ts'
import { unitOf } from './balance-view.ts'
import { sendWords as words } from './send-words.ts'
import { words as common } from './words.ts'

/** More than a person has; of someone with more, the first ones are offered, and a wallet's own page leads to the form with any. */
const MOST = 100

/** The party's wallets that are not closed, for a choice of one; `also` is among them if it is the party's. */
export async function listChoices(db: Sql, partyId: string): Promise<WalletListing[]> {
  return (await listOwnWalletsPage(db, { partyId, limit: MOST })).filter(({ status }) => status !== 2)
}

export function walletChoice(wallet: WalletListing, language: Language): { value: string; label: string } {
  const free = freeToSpend(wallet)
  const balance = free === null ? common(language, 'unlimited') : formatMoney(free, unitOf(wallet), language)
  const name = assetName({ code: wallet.currency, circle: wallet.circle }, language)
  const label = words(language, 'fromChoice', { name, balance, id: wallet.explicit_id })
  return { value: wallet.explicit_id, label }
}

/** Minor units; null: without limit. */
export function freeToSpend({
  balance,
  held,
  lower,
}: Pick<WalletListing, 'balance' | 'held' | 'lower'>): bigint | null {
  return lower === null ? null : balance - held - lower
}
