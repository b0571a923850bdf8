import { WalletIdError } from '#sdk/protocol/errors.ts'
import { formatWalletId, parseWalletId, type WalletId } from '#sdk/protocol/wallet-id.ts'
import { type Asset, AssetError, defineAsset } from '../domain/asset.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { isReservedNamespace, opaqueWalletId } from '../domain/wallet-id.ts'
import type { Command, Ledger } from '../ledger/command.ts'
import { ACCOUNT_STATUS } from '../ledger/lines.ts'
import { ensureAsset, findAsset } from '../storage/assets.ts'
import type { Database } from '../storage/database.ts'
import type { WalletListing } from '../storage/directory-listings.ts'
import { findWallet, nextAccountId, type Wallet, walletOpened } from '../storage/wallets.ts'
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
}

export const DEFAULT_CIRCLE = 'public'

export type OpenedWallet = Wallet & { listing: WalletListing }

/**
 * Opens a wallet at balance zero. Without limits it may hold anything from zero up.
 * @param actor who asks, for the ledger, e.g. `operator:<party>`
 * @param also what else is written in the transaction of the opening
 */
export async function openWallet(
  deps: WalletDeps,
  actor: string,
  input: OpenWalletInput,
  also: (listing: WalletListing) => NonNullable<Command['effects']> = () => [],
): Promise<OpenedWallet> {
  const parts = readId(input.id)
  const explicitId = formatWalletId(parts)
  const party = await requireParty(deps.db, input.partyId)
  if (await findWallet(deps.db, explicitId)) throw taken(explicitId)
  const asset = await findOrDefineAsset(deps.db, parts.currency, input)
  const limits = readLimits({ lower: 0, upper: null, ...input }, asset.exponent)
  const parent = input.parent === undefined ? undefined : await findWallet(deps.db, input.parent)
  if (input.parent !== undefined && !parent)
    throw new OperationRefusal('not_found', 'parent', 'there is no such parent wallet')
  if (parent && parent.asset.id !== asset.id)
    throw new OperationRefusal('invalid_input', 'parent', 'a parent is in the same currency and circle')

  const id = await nextAccountId(deps.db)
  const opaqueId = opaqueWalletId(explicitId)
  const now = deps.clock()
  const listing: WalletListing = {
    id,
    explicit_id: explicitId,
    opaque_id: opaqueId,
    party_id: party.id,
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
  await submitForWallet(deps.ledger, {
    principal: actor,
    transaction: uuidV7(now),
    kind: 'wallet-opening',
    payload: JSON.stringify({ wallet: explicitId }),
    legs: [
      {
        type: 'open-account',
        account: id,
        assetId: asset.id,
        lower: listing.lower,
        upper: listing.upper,
      },
    ],
    effects: [
      {
        effect: walletOpened,
        row: [
          String(id),
          parts.namespace,
          parts.number,
          parts.currency,
          opaqueId,
          party.id,
          parent ? String(parent.id) : null,
          listing.opened_at.toISOString(),
        ],
      },
      ...also(listing),
    ],
  })
  return {
    id,
    explicitId,
    opaqueId,
    namespace: parts.namespace,
    number: parts.number,
    asset,
    partyId: party.id,
    listing,
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
