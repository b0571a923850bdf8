import type { Sql } from '../../storage/database.ts'
import { noticeLevels, type StockNotice, type StockScope } from '../../storage/stock-levels.ts'

type Deps = { db: Sql; clock: () => number; log: { warn(fields: object, message: string): void } }

/** Which brands and values were sold of in this process since the last look. */
export type SoldStock = {
  add(brandId: string, face: bigint): void
  /** @returns what was added since the last call */
  take(): { brandId: string; face: bigint }[]
}

export function createSoldStock(): SoldStock {
  const sold = new Map<string, { brandId: string; face: bigint }>()
  return {
    add: (brandId, face) => void sold.set(`${brandId} ${face}`, { brandId, face }),
    take() {
      const taken = [...sold.values()]
      sold.clear()
      return taken
    },
  }
}

/** Looks whether values run low, after a sale, an import or a change of the brand; writes and logs each crossing once. */
export async function noticeLowStock(deps: Deps, scope: StockScope): Promise<StockNotice[]> {
  const notices = await noticeLevels(deps.db, scope, new Date(deps.clock()))
  for (const { brand_id: brandId, face, remaining, low_stock: lowStock } of notices)
    deps.log.warn({ brandId, face: String(face), remaining, lowStock }, 'stock runs low')
  return notices
}
