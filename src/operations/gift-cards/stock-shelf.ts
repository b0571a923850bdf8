import type { Sql } from '../../storage/database.ts'
import { listUnsold, type StockCode } from '../../storage/stock.ts'

/**
 * Hands out unsold codes, each to one caller of this process, so that buyers who come together do not all reach for the same
 * code. It decides nothing: a code is sold by the write that sells it, and one that another process sold first is refused there.
 */
export type StockShelf = {
  /** @returns undefined when nothing of that value is left */
  take(brandId: string, face: bigint): Promise<StockCode | undefined>
  /** Puts back what was taken and not sold. */
  putBack(brandId: string, face: bigint, code: StockCode): void
  /** Forgets what is at hand, after another process was met there. */
  clear(brandId: string, face: bigint): void
}

const REFILL = 64
/** Codes of more brands and values than this are forgotten; they are read again. */
const SHELVES = 1_000

type Shelf = { codes: StockCode[]; refilling: Promise<void> | null; taken: Set<bigint> }

export function createStockShelf(db: Sql, clock: () => number): StockShelf {
  const shelves = new Map<string, Shelf>()

  function shelfOf(brandId: string, face: bigint): Shelf {
    const key = `${brandId} ${face}`
    let shelf = shelves.get(key)
    if (!shelf) {
      if (shelves.size >= SHELVES) shelves.clear()
      shelf = { codes: [], refilling: null, taken: new Set() }
      shelves.set(key, shelf)
    }
    return shelf
  }

  async function refill(shelf: Shelf, brandId: string, face: bigint): Promise<void> {
    // Codes in the hands of buyers are still unsold in the database: read past them.
    const limit = REFILL + shelf.taken.size
    const found = await listUnsold(db, { brandId, face, today: new Date(clock()), limit })
    const known = new Set(found.map(({ id }) => id))
    for (const id of shelf.taken) if (!known.has(id)) shelf.taken.delete(id)
    shelf.codes = found.filter(({ id }) => !shelf.taken.has(id)).reverse()
  }

  return {
    async take(brandId, face) {
      const shelf = shelfOf(brandId, face)
      if (shelf.codes.length === 0) {
        shelf.refilling ??= refill(shelf, brandId, face).finally(() => {
          shelf.refilling = null
        })
        await shelf.refilling
      }
      const code = shelf.codes.pop()
      if (code) shelf.taken.add(code.id)
      return code
    },
    putBack(brandId, face, code) {
      const shelf = shelfOf(brandId, face)
      if (shelf.taken.delete(code.id)) shelf.codes.push(code)
    },
    clear(brandId, face) {
      shelfOf(brandId, face).codes = []
    },
  }
}
