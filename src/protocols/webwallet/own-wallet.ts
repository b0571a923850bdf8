import type { Principal } from '../../credentials/principal.ts'
import { findWalletsInAsset, type Wallet } from '../../storage/wallets.ts'
import { unprocessable } from './errors.ts'
import type { WalletDeps } from './request.ts'

const known = new WeakMap<ReadonlySet<bigint>, Map<number, Wallet[]>>()

/** The token's wallets in the unit of account of `other`, that one left out; two are as good as many. */
async function ownWallets(deps: WalletDeps, principal: Principal, other: Wallet): Promise<Wallet[]> {
  // A token's set of wallets never changes, nor does a wallet's unit; the set itself is the key.
  const byAsset = known.get(principal.wallets) ?? new Map<number, Wallet[]>()
  known.set(principal.wallets, byAsset)
  const inAsset =
    byAsset.get(other.asset.id) ?? (await findWalletsInAsset(deps.db, [...principal.wallets], other.asset.id))
  byAsset.set(other.asset.id, inAsset)
  return inAsset.filter((wallet) => wallet.id !== other.id)
}

/** The one wallet of the token that can pay `target`. */
export async function ownPayer(deps: WalletDeps, principal: Principal, target: Wallet): Promise<Wallet> {
  const [own, ...others] = await ownWallets(deps, principal, target)
  const { code } = target.asset
  if (!own) throw unprocessable('payer-missing', `The access token reaches no wallet in ${code} to pay from`)
  if (others.length === 0) return own
  throw unprocessable(
    'payer-ambiguous',
    `The access token reaches several wallets in ${code}: pay at the payer's route`,
  )
}

/** The one wallet of the token that can be paid by `debtor`. */
export async function ownIssuer(deps: WalletDeps, principal: Principal, debtor: Wallet): Promise<Wallet> {
  const [own, ...others] = await ownWallets(deps, principal, debtor)
  const { code } = debtor.asset
  if (!own) throw unprocessable('issuer-missing', `The access token reaches no wallet in ${code} to be paid into`)
  if (others.length === 0) return own
  throw unprocessable('issuer-ambiguous', `The access token reaches several wallets in ${code}: name the issuer`)
}
