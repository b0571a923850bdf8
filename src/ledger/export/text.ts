import type { Asset } from '../../domain/asset.ts'
import { formatAmount } from '../../domain/money.ts'
import type { Snapshot } from '../../storage/snapshot.ts'

/** All assets by id: there are few. */
export async function readAssets(snapshot: Snapshot): Promise<ReadonlyMap<number, Asset>> {
  const assets = await snapshot.query<Asset>('select id, code, circle, exponent from asset order by id')
  return new Map(assets.map((asset) => [asset.id, asset]))
}

/** The exact decimal amount. @throws Error for an asset that does not exist: an audit tells more */
export function decimal(assets: ReadonlyMap<number, Asset>, assetId: number, minor: bigint): string {
  return formatAmount(minor, assetOf(assets, assetId).exponent)
}

export function assetOf(assets: ReadonlyMap<number, Asset>, assetId: number): Asset {
  const asset = assets.get(assetId)
  if (!asset) throw new Error(`there is no asset ${assetId}: run an audit`)
  return asset
}

/** What the caller said about a transaction, if it said it under the usual name. */
export function descriptionOf(payload: string): string {
  try {
    const description: unknown = JSON.parse(payload)?.description
    return typeof description === 'string' ? description : ''
  } catch {
    return ''
  }
}

/** UTC, to the millisecond. */
export const timestamp = (at: number): string => new Date(at).toISOString()
