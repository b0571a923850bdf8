import type { TilloAmount } from './wire.ts'

/** Everything that may be done with the cards of a brand. */
export const tilloTransactionTypes = [
  'balance_check',
  'cancelled_digital_issuance',
  'cancelled_physical_activation',
  'cancelled_physical_top_up',
  'digital_cash_out',
  'digital_issuance',
  'digital_top_up',
  'physical_activation',
  'physical_cash_out',
  'physical_top_up',
] as const
/** One of {@link tilloTransactionTypes}. */
export type TilloTransactionType = (typeof tilloTransactionTypes)[number]

/** `GET /brands`. */
export type TilloBrandsQuery = {
  brand?: string
  detail?: boolean
  country?: string
  currency?: string
  category?: string
}

/** Between which values, and in which steps, a card may be bought. */
export type TilloFaceValueLimits = { lower: TilloAmount; upper: TilloAmount; minor_unit?: TilloAmount | null }

/** A brand of the catalogue, with its terms. */
export type TilloBrand = {
  slug: string
  name: string
  type?: 'gift-card' | 'choice-link' | null
  status: { code: 'ENABLED' | 'PAUSED' | 'DISABLED'; reason?: string | null }
  currency: string
  /** Percent. */
  discount: TilloAmount
  last_updated?: string | null
  transaction_types: string[]
  delivery_methods: string[]
  countries_served?: string[] | null
  /** Whether the brand has a stock that `check-stock` shows. */
  gc_pool?: boolean | null
  /** Whether its cards can only be ordered. */
  async_only?: boolean | null
  categories?: unknown[] | null
  choices?: unknown[] | null
  vat?: { exempt?: boolean | null; type?: string | null; rate?: TilloAmount | null } | null
  digital_face_value_limits?: TilloFaceValueLimits | null
  physical_face_value_limits?: TilloFaceValueLimits | null
  shipping_methods?: string[] | null
  denominations?: TilloAmount[] | null
  digital_denominations?: TilloAmount[] | null
  /** Only when it is asked for: assets, barcode, redemption methods… */
  detail?: Record<string, unknown> | null
}

/** Fetch once a day and keep it. */
export type TilloBrands = {
  /** By slug; the server writes an empty list where there is none, which the client turns into an empty object. */
  brands: Record<string, TilloBrand>
  last_refreshed_at?: string | null
}

/** Versions by variant by slug. */
export type TilloTemplates = { templates: Record<string, Record<string, unknown>>; last_refreshed_at?: string | null }

/** A template's files. */
export type TilloTemplateFile = { bytes: Uint8Array<ArrayBuffer>; filename: string | null }

/** A lower price for a while. */
export type TilloPromotion = {
  /** 7 capitals or digits. */
  code: string
  name: string
  discount: TilloAmount
  description?: string | null
  start_date?: string | null
  end_date?: string | null
  priority?: number | null
  restrictions?: unknown
  last_edited_at?: string | null
}

/** The promotions of all brands, and as of when. */
export type TilloPromotions = { standard: Record<string, TilloPromotion[]>; last_refreshed_at?: string | null }

/** Per brand, per value: `OUT`, or how many there are. */
export type TilloStock = Record<string, Record<string, string>>

/** What a float has, and what is on its way into it. */
export type TilloFloat = { available_balance: TilloAmount; pending_payments: TilloAmount }

/** Per currency, per float: `universal-float`, a brand's slug, or a company's. At most 15 minutes old. */
export type TilloFloats = { floats: Record<string, Record<string, TilloFloat>>; last_refreshed_at?: string | null }

/** How far the request of a transfer into a float may have come. */
export const tilloTransferStates = ['pending', 'approved', 'approved_edited', 'removed', 'cancelled'] as const
/** One of {@link tilloTransferStates}. */
export type TilloTransferState = (typeof tilloTransferStates)[number]

/** Which requests of transfers to list. */
export type TilloTransferQuery = {
  float?: string
  currency?: string
  /** At most 18 characters. */
  payment_reference?: string
  start_date?: string
  end_date?: string
  status?: TilloTransferState
}

/** Money that was asked to be put into a float; the last 50 at most. */
export type TilloTransfer = {
  float: string
  requested: { currency: string; amount: TilloAmount }
  approved: { currency: string; amount: TilloAmount } | null
  payment_reference: string
  status: TilloTransferState
  created_at: string
}

/** `POST /float/request-payment-transfer`. It has no request id: sent twice, it asks twice. */
export type TilloTransferRequest = {
  float: string
  currency: string
  /** 0.01 to 99999999.99. */
  amount: TilloAmount
  /** 1 to 18 characters; the server makes one if it is left out. */
  payment_reference?: string
  finance_email?: string
  proforma_invoice?: { company_name: string; [member: string]: unknown }
}

/** What is answered to the request of a transfer. */
export type TilloTransferReceipt = { float: string; currency: string; amount: TilloAmount; payment_reference: string }
