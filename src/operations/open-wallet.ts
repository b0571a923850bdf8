import { WalletIdError } from '#sdk/protocol/errors.ts'
import { formatWalletId, parseWalletId, type WalletId } from '#sdk/protocol/wallet-id.ts'
import { type Asset, AssetError, defineAsset } from '../domain/asset.ts'
import type { Leg } from '../domain/posting.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { isReservedNamespace, opaqueWalletId } from '../domain/wallet-id.ts'
import type { Command, Ledger } from '../ledger/command.ts'
import { ACCOUNT_STATUS } from '../ledger/lines.ts'
import { ensureAsset, findAsset } from '../storage/assets.ts'
import type { Database } from '../storage/database.ts'
import type { WalletListing } from '../storage/directory-listings.ts'
import { findWallet, nextAccountId, nextAccountIds, type Wallet, walletOpened } from '../storage/wallets.ts'
import { OperationRefusal } from './input.ts'
import { type LimitsInput, readLimits } from './limits.ts'
import { requireParty } from './require-party.ts'
import { submitForWallet } from './submit-for-wallet.ts'

export type WalletDeps = { db: Database; ledger: Ledger; clock: () => number }

export type OpenWalletInput = LimitsInput & {
  /** explicit, `namespace:number:currency` */
  id: string
  partyId: string
  /** the community inside which the currency is money; `public` when absent */
  circle?: string
  /** decimals of a currency outside ISO 4217; needed only for the first wallet in its currency and circle */
  exponent?: number
  /** explicit or opaque id of the wallet that refills come from */
  parent?: string
  /** keeps books, a float or a loan, and is out of reach for the wallet API */
  kept?: boolean
}

export const DEFAULT_CIRCLE = 'public'

/** Wallets of this namespace lend for purchases, and are kept for nothing else from their opening on. */
const FINANCING = 'financing'

export type OpenedWallet = Wallet & { listing: WalletListing }

/** A wallet that is ready to be opened by a command, perhaps beside others. */
export type PreparedWallet = {
  readonly wallet: OpenedWallet
  readonly leg: Leg
  readonly effect: NonNullable<Command['effects']>[number]
}

/**
 * Opens a wallet at balance zero. Without limits it may hold anything from zero up.
 * @param actor who asks, for the ledger, e.g. `operator:<party>`
 * @param also what else is written in the transaction of the opening
 */
export async function openWallet(
  deps: WalletDeps,
  actor: string,
  input: OpenWalletInput,
  also: (listing: WalletListing, wallet: OpenedWallet) => NonNullable<Command['effects']> = () => [],
): Promise<OpenedWallet> {
  const { wallet, leg, effect } = await prepareWallet(deps, input)
  await submitForWallet(deps.ledger, {
    principal: actor,
    transaction: uuidV7(deps.clock()),
    kind: 'wallet-opening',
    payload: JSON.stringify({ wallet: wallet.explicitId }),
    legs: [leg],
    effects: [effect, ...also(wallet.listing, wallet)],
  })
  return wallet
}

/** Checks everything that the ledger does not. @throws {OperationRefusal} */
export async function prepareWallet(
  deps: Pick<WalletDeps, 'db' | 'clock'>,
  input: OpenWalletInput,
): Promise<PreparedWallet> {
  const parts = readId(input.id)
  const explicitId = formatWalletId(parts)
  const party = await requireParty(deps.db, input.partyId)
  if (await findWallet(deps.db, explicitId)) throw taken(explicitId)
  const asset = await findOrDefineAsset(deps.db, parts.currency, input)
  const limits = readLimits({ lower: 0, upper: null, ...input }, asset.exponent)
  const parent = input.parent === undefined ? undefined : await findWallet(deps.db, input.parent)
  if (input.parent !== undefined && (!parent || parent.kept))
    throw new OperationRefusal('not_found', 'parent', 'there is no such parent wallet')
  if (parent && parent.asset.id !== asset.id)
    throw new OperationRefusal('invalid_input', 'parent', 'a parent is in the same currency and circle')
  const id = await nextAccountId(deps.db)
  return prepared(
    id,
    parts,
    asset,
    party.id,
    { ...limits, kept: input.kept ?? parts.namespace === FINANCING },
    parent,
    deps.clock(),
  )
}

/**
 * Several accounts of one party in one currency that are kept for gift cards, as {@link prepareWallet} but with one look at the database for all. That an id is
 * taken is left to the ledger.
 */
export async function prepareKeptWallets(
  deps: Pick<WalletDeps, 'db' | 'clock'>,
  {
    ids,
    partyId,
    ...common
  }: Omit<OpenWalletInput, 'id' | 'parent' | keyof LimitsInput> & {
    ids: readonly { id: string; lower: bigint | null }[]
  },
): Promise<PreparedWallet[]> {
  const parts = ids.map(({ id }) => readId(id))
  const party = await requireParty(deps.db, partyId)
  const { currency } = parts[0] as WalletId
  const asset = await findOrDefineAsset(deps.db, currency, { ...common, partyId, id: '' })
  const accounts = await nextAccountIds(deps.db, ids.length)
  return ids.map(({ lower }, i) =>
    prepared(
      accounts[i] as bigint,
      parts[i] as WalletId,
      asset,
      party.id,
      { lower, kept: true },
      undefined,
      deps.clock(),
    ),
  )
}

function prepared(
  id: bigint,
  parts: WalletId,
  asset: Asset,
  partyId: string,
  { kept, ...limits }: { lower?: bigint | null; upper?: bigint | null; kept: boolean },
  parent: Wallet | undefined,
  now: number,
): PreparedWallet {
  const explicitId = formatWalletId(parts)
  const opaqueId = opaqueWalletId(explicitId)
  const listing: WalletListing = {
    id,
    explicit_id: explicitId,
    opaque_id: opaqueId,
    party_id: partyId,
    parent: parent?.explicitId ?? null,
    currency: asset.code,
    circle: asset.circle,
    exponent: asset.exponent,
    balance: 0n,
    held: 0n,
    lower: limits.lower ?? null,
    upper: limits.upper ?? null,
    status: ACCOUNT_STATUS.open,
    opened_at: new Date(now),
  }
  const { namespace, number, currency } = parts
  const parentId = parent ? String(parent.id) : null
  const openedAt = listing.opened_at.toISOString()
  return {
    wallet: { id, explicitId, opaqueId, namespace, number, asset, partyId, kept, listing },
    leg: { type: 'open-account', account: id, assetId: asset.id, lower: listing.lower, upper: listing.upper },
    effect: {
      effect: walletOpened,
      row: [String(id), namespace, number, currency, opaqueId, partyId, parentId, openedAt, String(kept)],
    },
  }
}

function readId(id: string): WalletId {
  try {
    const parts = parseWalletId(id)
    if (isReservedNamespace(parts.namespace))
      throw new OperationRefusal('invalid_input', 'id', `the namespace ${parts.namespace} is kept for routes`)
    return parts
  } catch (error) {
    if (error instanceof WalletIdError) throw new OperationRefusal('invalid_input', 'id', error.message)
    throw error
  }
}

/** An exponent may be repeated with later wallets of an asset, not changed. */
async function findOrDefineAsset(db: Database, currency: string, input: OpenWalletInput): Promise<Asset> {
  const existing = await findAsset(db, currency, input.circle ?? DEFAULT_CIRCLE)
  const asset = existing ?? (await ensureAsset(db, readAsset(currency, input)))
  if (input.exponent !== undefined && input.exponent !== asset.exponent)
    throw new OperationRefusal('invalid_input', 'exponent', `${currency} has ${asset.exponent} decimals in its circle`)
  return asset
}

function readAsset(currency: string, input: OpenWalletInput) {
  try {
    return defineAsset(currency, input.circle ?? DEFAULT_CIRCLE, input.exponent)
  } catch (error) {
    if (!(error instanceof AssetError)) throw error
    const field =
      error.code === 'asset-circle-malformed' ? 'circle' : error.code === 'asset-code-malformed' ? 'id' : 'exponent'
    throw new OperationRefusal('invalid_input', field, error.message)
  }
}

const taken = (id: string) => new OperationRefusal('already_exists', 'id', `the wallet ${id} exists`)
