import type { WalleoFacialValues, WalleoGiftCard } from '#sdk/walleo/wire.ts'
import { createFreshCache } from '../../credentials/fresh-cache.ts'
import { type Brand, findBrandByCode, listBrands } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { giftCardNotFound } from './errors.ts'
import { facialValuesOf, unitOf } from './whole-units.ts'

/** A brand as Walleo sells it. */
export type Offer = { readonly code: string; readonly brand: Brand; readonly values: WalleoFacialValues }

/** The brand that is sold under this code, as it stands in the database. @throws {WalleoProblem} */
export async function findOffer(sql: Sql, code: string): Promise<Offer> {
  return requireOffer(code, isCode(code) ? await findBrandByCode(sql, 'walleo', code) : undefined)
}

/** The same for sales: a change is known in each process within five seconds, so that a sale costs no look at its brand. */
export type FindSold = (code: string) => Promise<Offer>

export function createFindSold(sql: Sql): FindSold {
  const brands = createFreshCache<Brand>({
    load: async (code) => (await findBrandByCode(sql, 'walleo', code)) ?? null,
    capacity: 1_000,
    monotonic: () => performance.now(),
  })
  return async (code) => requireOffer(code, isCode(code) ? await brands.get(code) : null)
}

function requireOffer(code: string, brand: Brand | null | undefined): Offer {
  const offer = brand && offerOf(code, brand)
  if (!offer) throw giftCardNotFound(code)
  return offer
}

export async function listOffers(sql: Sql): Promise<Offer[]> {
  const brands = await listBrands(sql, 'walleo')
  return brands.flatMap(({ code, brand }) => offerOf(code, brand) ?? [])
}

/** Not sold: a brand that is paused or disabled, has no code to give, or no value in whole units. */
function offerOf(code: string, brand: Brand): Offer | null {
  const values = facialValuesOf(brand.values, unitOf(brand.asset))
  return brand.status === 'enabled' && brand.delivery.includes('code') && values ? { code, brand, values } : null
}

// No text that the database could not hold, such as U+0000 in a path.
const isCode = (text: string) => text.length <= 255 && !/\p{Cc}/u.test(text)

/** A gift card of the catalogue. What the brand's texts lack, or have in another type, is null. */
export function renderGiftCard({ code, brand, values }: Offer): WalleoGiftCard {
  const { texts } = brand
  const text = (name: string) => (typeof texts[name] === 'string' ? texts[name] : null)
  const flag = (name: string) => (typeof texts[name] === 'boolean' ? texts[name] : null)
  const count = (name: string) => (Number.isSafeInteger(texts[name]) ? (texts[name] as number) : null)
  return {
    name: brand.name,
    code,
    barcode_symbology: brand.barcode,
    // Percent; a discount that the operator keeps is none for the partner.
    discount: brand.discountKeeper === 'partner' ? brand.discountBp / 100 : 0,
    logo_url: text('logo_url'),
    logo_square_url: text('logo_square_url'),
    online_usable: flag('online_usable'),
    offline_usable: flag('offline_usable'),
    validity_period: brand.validityDays,
    splittable_online: flag('splittable_online'),
    splittable_offline: flag('splittable_offline'),
    cumulative_online: flag('cumulative_online'),
    cumulative_online_limit: count('cumulative_online_limit'),
    cumulative_offline: flag('cumulative_offline'),
    cumulative_offline_limit: count('cumulative_offline_limit'),
    // Cards that Billfold issues always have a PIN; of others the operator knows.
    code_pin: brand.supply === 'own' ? true : flag('code_pin'),
    how_to_use_online: text('how_to_use_online'),
    how_to_use_offline: text('how_to_use_offline'),
    term_of_use: text('term_of_use'),
    facial_values: values,
  }
}
