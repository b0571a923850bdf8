import { uuidV7 } from '../../domain/uuid.ts'
import { findBrand } from '../../storage/brands.ts'
import { insertStockCodes } from '../../storage/stock-imports.ts'
import { ensureStockValues, listLevels } from '../../storage/stock-levels.ts'
import type { GiftDeps } from './gift-deps.ts'
import { sealCode } from './stock-upload.ts'

/** Makes codes up, for the sandbox, until each value has `each` of them. */
export async function topUpStock(
  deps: Pick<GiftDeps, 'db' | 'keyring' | 'cardHasher' | 'clock'>,
  { slug, each, values, code }: { slug: string; each: number; values: readonly bigint[]; code: () => string },
): Promise<void> {
  const brand = await findBrand(deps.db, { slug })
  if (!brand) throw new Error(`there is no brand ${slug}`)
  const now = deps.clock()
  const levels = await listLevels(deps.db, brand.id, new Date(now))
  const missing = values.flatMap((face) => {
    const left = Number(levels.find((level) => level.face === face)?.remaining ?? 0n)
    return Array.from({ length: Math.max(0, each - left) }, () => face)
  })
  if (missing.length === 0) return
  await deps.db.transaction(async (sql) => {
    await ensureStockValues(sql, brand.id, values)
    const codes = missing.map((face) =>
      sealCode(deps, brand.id, { code: code(), pin: null, url: null, serial: null, face, expiresOn: null }),
    )
    await insertStockCodes(sql, { brandId: brand.id, importId: uuidV7(now), codes })
  })
}
