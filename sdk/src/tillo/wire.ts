/** The currencies of the API. */
export const tilloCurrencies =
  'AED AUD BHD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY KWD MXN NOK NZD OMR PLN QAR RON SAR SEK USD'.split(
    ' ',
  ) as readonly string[]

/** What a partner's cards are for. */
export const tilloSectors = [
  'affiliate-marketing',
  'aggregator',
  'b2c-marketplace',
  'cashback',
  'cash-out',
  'charity',
  'consumer',
  'consumer-rewards-and-incentives',
  'crypto-currency',
  'crypto-off-ramp',
  'customer-acquisition',
  'digital-currency',
  'employee-benefits',
  'employee-rewards-and-incentives',
  'gift-card-mall',
  'insurance',
  'marketplace',
  'other',
  'relief-support-and-disbursement',
  'reward-recognition',
  'voluntary-benefits',
] as const
/** One of the sectors that a sale belongs to. */
export type TilloSector = (typeof tilloSectors)[number]

/** In which form a card may be handed over. */
export const tilloDeliveryMethods = ['code', 'url', 'email', 'wrapped'] as const
/** One of {@link tilloDeliveryMethods}. */
export type TilloDeliveryMethod = (typeof tilloDeliveryMethods)[number]

/** How a physical card may be sent. */
export const tilloShippingMethods = [
  'standard',
  'standard-signed',
  'standard-tracked',
  'second-class',
  'second-class-signed',
] as const
/** One of {@link tilloShippingMethods}. */
export type TilloShippingMethod = (typeof tilloShippingMethods)[number]

/** The forms that texts of a request have. */
export const tilloPatterns = {
  /** Also of `original_client_request_id`. */
  clientRequestId: /^[A-Za-z0-9_-]{5,50}$/,
  brand: /^[a-z0-9-]{1,255}$/,
  /** An amount that is a text: whole units with up to two decimals. */
  amount: /^\d+(?:\.\d{1,2})?$/,
  code: /^[a-zA-Z0-9 ._-]{8,110}$/,
  /** The code of a card to be cancelled. */
  cancelledCode: /^[a-zA-Z0-9._:/-]{8,110}$/,
  pin: /^[a-zA-Z0-9_-]{3,20}$/,
  tag: /^[-A-Za-z0-9 ]+$/,
  promotion: /^[A-Z0-9]{7}$/,
} as const

/** Whole units of the currency. Send a text: a number loses the zeros of `10.00`, and a computed one may not be what is meant. */
export type TilloAmount = string | number

/** Money in a request. */
export type TilloFaceValue = { amount: TilloAmount; currency: string }

/** Money in an answer: a number of whole units, exact as printed. */
export type TilloMoney = { amount: TilloAmount; currency: string }

/** The envelope of every answer that went well. */
export type TilloAnswer<T> = {
  code: '000'
  status: 'success'
  /** Absent from `check-floats`. */
  message?: string | null
  data: T
}

/** The envelope of every refusal. */
export type TilloErrorBody = {
  /** Three digits. */
  code: string
  status: 'error'
  /** One endpoint, `float/request-payment-transfer`, says `messages` instead. */
  message?: string | null
  messages?: unknown
  /** By field, or a list; what is wrong with each. */
  data?: Record<string, unknown> | string[] | null
}

/** What the card says to the one who gets it. */
export type TilloPersonalisation = {
  message: string
  to_name?: string
  from_name?: string
  template?: string
  language?: string
  email_message?: string
  redemption_message?: string
  carrier_message?: string
  choice_link_theme?: string
  gifted_by?: string
}

/** Who gets a card that the server itself delivers. */
export type TilloFulfilmentParameters = {
  to_email?: string
  from_name?: string
  from_email?: string
  subject?: string
  to_name?: string
  language?: string
  customer_id?: string
  to_first_name?: string
  to_last_name?: string
  address_1?: string
  address_2?: string
  city?: string
  postal_code?: string
  country?: string
}

type Identified = {
  /** 5 to 50 letters, digits, `_` and `-`; a repeated request gets the first answer. The client makes one if it is left out. */
  client_request_id?: string
  /** Slug. */
  brand: string
}

type Tagged = { tags?: (string | number)[] }

/** `POST /digital/issue` and `POST /digital/order-card`. */
export type TilloIssueRequest = Identified &
  Tagged & {
    face_value: TilloFaceValue
    delivery_method: TilloDeliveryMethod
    fulfilment_by: 'partner' | 'rewardcloud'
    sector: TilloSector
    personalisation?: TilloPersonalisation
    /** With `rewardcloud`: `to_email`, `from_name`, `from_email` and `subject` at least. */
    fulfilment_parameters?: TilloFulfilmentParameters
  }

/** `POST /digital/reverse`, within 48 hours of the issue: also for one whose answer was lost. */
export type TilloReverseRequest = Identified &
  Tagged & { original_client_request_id: string; face_value: TilloFaceValue; sector: TilloSector; pin?: string }

/** `DELETE /digital/issue`, with a body: exactly one of `code` and `url`, neither for a Reward Pass. */
export type TilloCancelRequest = TilloReverseRequest & { code?: string; url?: string }

/** `POST /digital/top-up`: exactly one of `code` and `reference`. */
export type TilloTopUpRequest = Identified & {
  face_value: TilloFaceValue
  sector: TilloSector
  code?: string
  /** UUID of the issue. */
  reference?: string
  pin?: string
  serial_number?: string
}

/** `POST /digital/check-balance`: exactly one of `code`, `reference` and `original_client_request_id`. */
export type TilloCheckBalanceRequest = Identified & {
  face_value: { currency: string }
  sector: TilloSector
  code?: string
  reference?: string
  original_client_request_id?: string
  pin?: string
  serial_number?: string
}

/** `GET /digital/order-status`: exactly one of both. */
export type TilloOrderQuery = { reference: string } | { original_client_request_id: string }

/** The code of a card as a picture. */
export type TilloBarcode = {
  type: 'C128' | 'C128A' | 'C39' | 'I25' | 'QRCODE' | 'PDF417' | 'NONE'
  string?: string | null
  url?: string | null
}

/** What makes a card worth its value: secrets. Which of them are there depends on brand and delivery method. */
export type TilloCardFields = {
  code?: string | null
  url?: string | null
  pin?: string | null
  serial_number?: string | null
  security_code?: string | null
  barcode?: TilloBarcode | null
  /** ISO 8601. */
  expiration_date?: string | null
}

/** What the sale cost. */
export type TilloSaleFields = {
  face_value?: TilloMoney | null
  cost_value?: TilloMoney | null
  /** Percent. */
  discount?: TilloAmount | null
  float_balance?: TilloMoney | null
}

/** A card that was issued or topped up. */
export type TilloCard = TilloCardFields &
  TilloSaleFields & {
    brand: string
    /** UUID of the sale. */
    reference: string
  }

/** A card that is on order. */
export type TilloOrder = TilloSaleFields & { brand: string; reference: string }

/** How far an asynchronous order may have come. */
export const tilloOrderStates = ['REQUESTED', 'PENDING', 'PROCESSING', 'SUCCESS', 'ERROR', 'CANCELLED'] as const
/** One of {@link tilloOrderStates}. */
export type TilloOrderState = (typeof tilloOrderStates)[number]

/** Of an order that is known: the card's fields are there once it is `SUCCESS`. `ERROR` gives the money back; try with a new id. */
export type TilloOrderStatus = TilloCardFields &
  TilloSaleFields & { status: TilloOrderState; brand?: string | null; reference?: string | null }

/** A card that was cancelled or reversed. */
export type TilloCancellation = { reference: string; float_balance?: TilloMoney | null }

/** What is left on a card. */
export type TilloCardBalance = { face_value: TilloMoney }
