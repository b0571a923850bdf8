import type { CardSecrets } from '../../credentials/card-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { BrandValues } from '../../domain/gift-card.ts'
import { amountToJson } from '../../domain/money.ts'
import { type Brand, type CodeScheme, listBrandCodes } from '../../storage/brands.ts'
import type { CardListing } from '../../storage/card-listings.ts'
import type { Sql } from '../../storage/database.ts'
import type { OrderListing } from '../../storage/order-listings.ts'
import type { CredentialListing, FloatBalance, PartnerListing } from '../../storage/partners.ts'
import type { StockImportRow, StockRefusal } from '../../storage/stock-imports.ts'
import type { StockLevel, StockNotice } from '../../storage/stock-levels.ts'
import type { VelocityListing } from '../../storage/velocity-rules.ts'
import type { UpstreamConfig } from './buy-upstream.ts'
import type { FundedFloat } from './fund-float.ts'
import type { ShownOrder } from './show-order.ts'

// What operators are shown of gift cards, in JSON: by the admin API and by the command line alike. Codes are masked.

export const partnerView = (row: PartnerListing) => ({
  id: row.id,
  slug: row.slug,
  party_id: row.partyId,
  live: row.live,
  created_at: row.createdAt.toISOString(),
  disabled_at: row.disabledAt?.toISOString() ?? null,
})

export const credentialView = (row: CredentialListing) => ({
  id: row.id,
  protocol: row.protocol,
  identifier: row.identifier,
  addresses: row.addresses,
  created_at: row.created_at.toISOString(),
  revoked_at: row.revoked_at?.toISOString() ?? null,
  ends_at: row.ends_at?.toISOString() ?? null,
})

export const floatView = (row: FloatBalance) => ({
  wallet: row.wallet,
  currency: row.currency,
  circle: row.circle,
  balance: amountToJson(row.balance, row.exponent),
  held: amountToJson(row.held, row.exponent),
  // Without a lower limit there is no end to what can be spent.
  available: row.lower === null ? null : amountToJson(row.balance - row.held - row.lower, row.exponent),
})

export const fundedView = (funded: FundedFloat) => ({
  reference: funded.reference,
  partner: funded.partner,
  source: funded.source,
  target: funded.target,
  currency: funded.currency,
  amount: amountToJson(funded.amount, funded.exponent),
})

function valuesView(values: BrandValues, exponent: number) {
  const amount = (minor: bigint) => amountToJson(minor, exponent)
  return values.type === 'fixed'
    ? { type: 'fixed' as const, values: values.values.map(amount) }
    : { type: 'range' as const, min: amount(values.min), max: amount(values.max), step: amount(values.step) }
}

export const brandView = (brand: Brand, codes: Partial<Record<CodeScheme, string>>) => ({
  id: brand.id,
  slug: brand.slug,
  name: brand.name,
  currency: brand.asset.code,
  circle: brand.asset.circle,
  countries: [...brand.countries],
  categories: [...brand.categories],
  values: valuesView(brand.values, brand.asset.exponent),
  discount: brand.discountBp / 100,
  discount_keeper: brand.discountKeeper,
  validity_days: brand.validityDays,
  delivery: [...brand.delivery],
  barcode: brand.barcode,
  supply: brand.supply,
  asynchronous: brand.asynchronous,
  cancellable: brand.cancellable,
  status: brand.status,
  status_reason: brand.statusReason,
  low_stock: brand.lowStock,
  codes,
  texts: brand.texts,
  updated_at: brand.updatedAt.toISOString(),
})

/** With the codes that the protocols have for them. */
export async function brandViews(sql: Sql, brands: readonly Brand[]) {
  const codes = await listBrandCodes(
    sql,
    brands.map(({ id }) => id),
  )
  return brands.map((brand) => {
    const mine = codes.filter(({ brand_id: id }) => id === brand.id)
    return brandView(brand, Object.fromEntries(mine.map(({ scheme, code }) => [scheme, code])))
  })
}

/** Where an upstream brand is bought, without what proves who we are there; null for any other brand. */
export function upstreamView(keyring: Pick<Keyring, 'open'>, brand: Brand) {
  if (brand.upstream === null) return null
  const config = JSON.parse(keyring.open(brand.upstream, `brand:${brand.id}:upstream`)) as UpstreamConfig
  return { protocol: config.protocol, url: config.url, code: config.protocol === 'walleo' ? config.code : config.brand }
}

export const importView = (row: StockImportRow, brand: string) => ({
  id: row.id,
  brand,
  name: row.name,
  by: row.principal,
  status: row.status,
  lines: row.lines,
  added: row.added,
  refused: { in_file: row.in_file, in_stock: row.in_stock, malformed: row.malformed },
  begun_at: row.at.toISOString(),
  ended_at: row.ended_at?.toISOString() ?? null,
})

export const refusalView = ({ line, reason, detail, mask }: StockRefusal) => ({ line, reason, detail, mask })

export const levelView = (level: StockLevel, exponent: number) => ({
  value: amountToJson(level.face, exponent),
  remaining: Number(level.remaining),
  low: level.low,
})

export const noticeView = (row: StockNotice & { brand: string; exponent: number; currency: string }) => ({
  id: String(row.id),
  brand: row.brand,
  value: amountToJson(row.face, row.exponent),
  currency: row.currency,
  remaining: row.remaining,
  low_stock: row.low_stock,
  at: row.at.toISOString(),
})

export function orderView(row: OrderListing) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id: row.id,
    partner: row.partner,
    protocol: row.protocol,
    kind: row.kind,
    request_id: row.request_id,
    brand: row.brand,
    currency: row.currency,
    value: amount(row.face),
    cost: amount(row.cost),
    discount: row.discount_bp / 100,
    delivery: row.delivery,
    status: row.status,
    error: row.error,
    float_after: row.float_after === null ? null : amount(row.float_after),
    reference: row.transaction_id,
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  }
}

export const shownOrderView = ({ order, card, timeline }: ShownOrder) => ({
  ...orderView(order),
  card: card && cardView(card),
  timeline: timeline.map(({ what, at, detail, principal }) => ({ what, at: at.toISOString(), detail, by: principal })),
})

export function cardView(row: CardListing) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id: row.id,
    order_id: row.order_id,
    brand: row.brand,
    code: `••••${row.tail}`,
    currency: row.currency,
    value: amount(row.face),
    balance: row.balance === null ? null : amount(row.balance),
    held: row.held === null ? null : amount(row.held),
    status: row.status,
    holder_id: row.wallet_party_id,
    issued_at: row.issued_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    end:
      row.end_how === null
        ? null
        : {
            how: row.end_how,
            amount: amount(row.end_amount as bigint),
            reference: row.end_transaction as string,
            at: (row.end_at as Date).toISOString(),
          },
  }
}

export const secretsView = ({ code, pin, url, serial, link }: CardSecrets & { link: string }) => ({
  code: code || null,
  pin,
  url: url ?? null,
  serial: serial ?? null,
  page: `/cards/${link}`,
})

export const velocityView = (row: VelocityListing) => ({
  id: row.id,
  partner: row.partner,
  brand: row.brand,
  subject: row.subject,
  period_seconds: row.period_seconds,
  max_count: row.max_count === null ? null : Number(row.max_count),
  max_amount: row.max_amount === null ? null : amountToJson(row.max_amount, row.exponent ?? 0),
  currency: row.currency,
  circle: row.circle,
  created_at: row.created_at.toISOString(),
})
