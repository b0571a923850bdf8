import { amountToJson } from '../../domain/money.ts'
import type { Brand } from '../../storage/brands.ts'
import type { Offer, Store } from '../../storage/voucher-offers.ts'

/** An offer in Jackpot's form. `rate` in percent. */
export const offerView = ({ id, kind, rateBp, rounding }: Offer) => ({
  id,
  type: kind,
  rate: rateBp / 100,
  rounding: rounding === 'whole' ? 'unit' : 'cent',
})

const DAY = 86_400_000

/** A store in Jackpot's form. What only it needs stands in the member `jackpot` of the brand's texts. @param now ms since the epoch */
export function storeView({ slug, brand, offers }: Store, now: number) {
  const { values, asset, texts } = brand
  const amount = (minor: bigint) => amountToJson(minor, asset.exponent)
  const own = (texts.jackpot ?? {}) as Record<string, unknown>
  const [least, most] =
    values.type === 'fixed' ? [values.values[0] as bigint, values.values.at(-1) as bigint] : [values.min, values.max]
  return {
    id: brand.id,
    name: brand.name,
    slug,
    currency: asset.code,
    baseColor: textOf(own.baseColor),
    storeLogoSmall: textOf(own.storeLogoSmall ?? texts.logo_square_url ?? texts.logo_url),
    storeLogoMedium: textOf(own.storeLogoMedium ?? texts.logo_url),
    storeLogoLarge: textOf(own.storeLogoLarge ?? texts.logo_url),
    shippingTime: textOf(own.shippingTime),
    validityDate: brand.validityDays === null ? null : new Date(now + brand.validityDays * DAY).toISOString(),
    mentions: textOf(own.mentions ?? texts.term_of_use),
    voucherValueMin: amount(least),
    voucherValueMax: amount(most),
    voucherPossibleDiscreteValues: values.type === 'fixed' ? values.values.map(amount) : null,
    offers: offers.map(offerView),
  }
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** A proposal in Jackpot's form. */
export const proposalView = (
  { brand, slug }: Pick<Store, 'slug'> & { brand: Brand },
  offer: Offer,
  { value, price }: { value: bigint; price: bigint },
) => ({
  storeId: brand.id,
  storeName: brand.name,
  storeSlug: slug,
  offerId: offer.id,
  offer: offerView(offer),
  value: amountToJson(value, brand.asset.exponent),
  price: amountToJson(price, brand.asset.exponent),
  currency: brand.asset.code,
})
