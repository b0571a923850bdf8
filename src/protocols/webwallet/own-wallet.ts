import { createFreshCache, type FreshCache } from '../../credentials/fresh-cache.ts'
import type { Principal } from '../../credentials/principal.ts'
import type { Database } from '../../storage/database.ts'
import { findPartyWalletsInAsset, findWalletsInAsset, type Wallet } from '../../storage/wallets.ts'
import { unprocessable } from './errors.ts'
import type { WalletDeps } from './request.ts'

type Own = readonly Wallet[]

/** By a token's named wallets, which never change, and by unit of account, which no wallet changes. */
const named = new WeakMap<ReadonlySet<bigint>, Map<number, Own>>()
/** By party and unit of account. */
const whole = new WeakMap<Database, FreshCache<Own>>()
const PARTIES = 2_000

function ofParty(db: Database, partyId: string, assetId: number): Own | null | Promise<Own | null> {
  let known = whole.get(db)
  if (!known) {
    const load = async (key: string) => {
      const [party = '', asset] = key.split(' ')
      const found = await findPartyWalletsInAsset(db, party, Number(asset))
      return found.length > 0 ? found : null
    }
    known = createFreshCache<Own>({ load, capacity: PARTIES, monotonic: () => performance.now() })
    whole.set(db, known)
  }
  return known.get(`${partyId} ${assetId}`)
}

async function ofSet(db: Database, wallets: ReadonlySet<bigint>, assetId: number): Promise<Own> {
  const byAsset = named.get(wallets) ?? new Map<number, Own>()
  named.set(wallets, byAsset)
  const found = byAsset.get(assetId) ?? (await findWalletsInAsset(db, [...wallets], assetId))
  byAsset.set(assetId, found)
  return found
}

/** The token's wallets in the unit of account of `other`, that one left out; two are as good as many. */
async function ownWallets({ db }: WalletDeps, { subject, wallets }: Principal, other: Wallet): Promise<Own> {
  const { id } = other.asset
  const found = wallets === 'all' ? await ofParty(db, subject, id) : await ofSet(db, wallets, id)
  return (found ?? []).filter((wallet) => wallet.id !== other.id)
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
