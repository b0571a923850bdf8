import { createFreshCache } from '../../credentials/fresh-cache.ts'
import { atPromotion } from '../../operations/gift-cards/promotions.ts'
import { type Brand, findBrandByCode } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { listPromotions, type PromotionRow } from '../../storage/promotions.ts'
import { TilloProblem } from './errors.ts'

/** What is sold, by the API's slugs. */
export type Offers = {
  /** The brand as it is sold now. @throws {TilloProblem} 072 */
  require(slug: string): Promise<Brand>
}

const CAPACITY = 10_000

/** Brands in use cost no query; a change is known within five seconds in every process. @param clock ms since the epoch */
export function createOffers(
  { db, clock }: { db: Sql; clock: () => number },
  monotonic: () => number = () => performance.now(),
): Offers {
  const known = createFreshCache<{ brand: Brand; promotions: PromotionRow[] }>({
    capacity: CAPACITY,
    monotonic,
    async load(slug) {
      const brand = await findBrandByCode(db, 'tillo', slug)
      return brand ? { brand, promotions: await listPromotions(db, brand.id, new Date(clock())) } : null
    },
  })
  return {
    async require(slug) {
      const found = await known.get(slug)
      if (!found) throw unknownBrand(slug)
      return atPromotion(found.brand, found.promotions, clock())
    },
  }
}

export const unknownBrand = (slug: string) =>
  new TilloProblem('072', `The requested brand [${slug.slice(0, 255)}] does not exist`)
