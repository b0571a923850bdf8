import type { TilloBrand, TilloFaceValueLimits, TilloTransactionType } from '#sdk/tillo/catalogue.ts'
import { formatAmount } from '../../domain/money.ts'
import { type Brand, listBrands } from '../../storage/brands.ts'
import type { Handle } from './call.ts'
import { percent } from './money.ts'
import { readQuery } from './read-request.ts'
import { queries } from './schema.ts'
import { tilloTexts } from './texts.ts'

/** `GET /brands`: what is sold, by slug; an empty list where there is nothing. */
export const readBrands: Handle = async ({ db, gift, mailer }, { query }) => {
  const { brand: slug, detail, country, currency, category } = readQuery(queries.brands, query)
  const withDetail = detail === 'true' || detail === '1'
  const found = (await listBrands(db, 'tillo')).filter(
    ({ code, brand }) =>
      (slug === undefined || code === slug) &&
      (country === undefined || brand.countries.includes(country)) &&
      (currency === undefined || brand.asset.code === currency) &&
      (category === undefined || brand.categories.includes(category)),
  )
  const brands = Object.fromEntries(
    found.map(({ code, brand }) => [code, renderBrand(code, brand, { withDetail, byMail: mailer.enabled })]),
  )
  return {
    message: 'Brands retrieved successfully',
    data: {
      brands: found.length === 0 ? [] : brands,
      last_refreshed_at: new Date(gift.clock()).toISOString(),
    },
  }
}

const STATUS = { enabled: 'ENABLED', paused: 'PAUSED', disabled: 'DISABLED' } as const

/** @param show.byMail whether this server sends mails at all */
function renderBrand(
  slug: string,
  brand: Brand,
  { withDetail, byMail }: { withDetail: boolean; byMail: boolean },
): TilloBrand {
  const { values, asset, texts } = brand
  const { physical, choices } = tilloTexts(brand)
  const range = values.type === 'range' ? limitsOf(values, asset.exponent) : null
  return {
    slug,
    name: brand.name,
    type: choices ? 'choice-link' : 'gift-card',
    status: { code: STATUS[brand.status], ...(brand.statusReason !== null && { reason: brand.statusReason }) },
    currency: asset.code,
    discount: brand.discountKeeper === 'partner' ? percent(brand.discountBp) : 0,
    last_updated: brand.updatedAt.toISOString(),
    transaction_types: transactionTypes(brand, physical),
    delivery_methods: brand.delivery.filter((method) => method !== 'email' || byMail),
    countries_served: [...brand.countries],
    gc_pool: brand.supply === 'stock',
    async_only: brand.asynchronous,
    categories: [...brand.categories],
    ...(choices && { choices: [...choices] }),
    ...(range && { digital_face_value_limits: range }),
    ...(range && physical && { physical_face_value_limits: range }),
    ...(physical && { shipping_methods: ['standard', 'standard-tracked'] }),
    ...(values.type === 'fixed' && {
      denominations: values.values.map((value) => formatAmount(value, asset.exponent)),
      digital_denominations: values.values.map((value) => Number(formatAmount(value, asset.exponent))),
    }),
    ...(withDetail && { detail: detailOf(brand, texts) }),
  }
}

const limitsOf = (
  { min, max, step }: Extract<Brand['values'], { type: 'range' }>,
  exponent: number,
): TilloFaceValueLimits => ({
  lower: formatAmount(min, exponent),
  upper: formatAmount(max, exponent),
  minor_unit: formatAmount(step, exponent),
})

function transactionTypes({ supply, cancellable }: Brand, physical: boolean): TilloTransactionType[] {
  const own = supply === 'own'
  const types: Partial<Record<TilloTransactionType, boolean>> = {
    balance_check: own,
    cancelled_digital_issuance: cancellable && supply !== 'upstream',
    digital_issuance: true,
    digital_top_up: own,
    physical_activation: own && physical,
    cancelled_physical_activation: own && physical && cancellable,
    physical_top_up: own && physical,
    cancelled_physical_top_up: own && physical,
    physical_cash_out: own && physical,
  }
  return Object.entries(types).flatMap(([type, offered]) => (offered ? [type as TilloTransactionType] : []))
}

const textOf = (texts: Brand['texts'], name: string) => (typeof texts[name] === 'string' ? { [name]: texts[name] } : {})

const detailOf = ({ barcode }: Brand, texts: Brand['texts']): Record<string, unknown> => ({
  assets: { ...textOf(texts, 'logo_url'), ...textOf(texts, 'logo_square_url') },
  barcode,
  redemption_methods: {
    ...textOf(texts, 'how_to_use_online'),
    ...textOf(texts, 'how_to_use_offline'),
  },
  ...textOf(texts, 'term_of_use'),
})
