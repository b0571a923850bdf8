/** What a voucher is at. REFUNDING ends where the store has decided. */
export const jackpotStates = [
  'RESERVED',
  'CONFIRMED',
  'READY',
  'CANCELED',
  'REFUNDING',
  'REFUNDED',
  'REFUND_REJECTED',
] as const

/** How far a voucher has come. */
export type JackpotState = (typeof jackpotStates)[number]

/** Amounts are in whole units of the account's currency, with up to two decimals. */
export type JackpotVoucher = {
  id: string
  state: JackpotState
  /** What the card is worth. */
  value: number
  /** What the partner pays. */
  price: number
  reservationDate: string
  /** Until when the card is good; null or absent for one that does not expire, or is not there yet. */
  validityDate?: string | null
  /** ISO 4217; of a Billfold's server, like the next two. */
  currency?: string | null
  storeId?: string | null
  offerId?: string | null
  /** When the reservation ends by itself. */
  resaExpireDate?: string | null
  /** Ten letters, for people who ask for help. */
  couponId?: string | null
  confirmDate?: string | null
  /** Of a READY voucher: the card's document, for an hour. */
  signedUrl?: string | null
}

/** A store, as far as it is known; there may be more. */
export type JackpotStore = {
  id: string
  name: string
  slug?: string | null
  baseColor?: string | null
  storeLogoSmall?: string | null
  storeLogoMedium?: string | null
  storeLogoLarge?: string | null
  shippingTime?: string | number | null
  validityDate?: string | number | null
  mentions?: string | null
  voucherValueMin?: number | null
  voucherValueMax?: number | null
  voucherPossibleDiscreteValues?: number[] | null
}

/** What a store gives for a price, or asks for a value; there may be more. */
export type JackpotProposal = {
  storeId: string
  offerId: string
  value: number
  price: number
  storeName?: string | null
  currency?: string | null
}

/** Of `POST /v2/token` with either grant. */
export type JackpotTokenAnswer = { access_token: string; token_type: string; expires_in: number }

/** Of `POST /token`. */
export type JackpotTokenAnswerV1 = { sessionToken: string; expiresIn: number }

/** What notifications may be about. */
export const jackpotEvents = [
  'store/enabled',
  'store/update',
  'coupon/reserved',
  'coupon/confirmed',
  'coupon/ready',
  'coupon/canceled',
  'coupon/refunded',
  'coupon/refund_rejected',
] as const

/** One of {@link jackpotEvents}. */
export type JackpotEvent = (typeof jackpotEvents)[number]
/** An event of a voucher. */
export type JackpotCouponEvent = Extract<JackpotEvent, `coupon/${string}`>
/** An event of a store. */
export type JackpotStoreEvent = Extract<JackpotEvent, `store/${string}`>
