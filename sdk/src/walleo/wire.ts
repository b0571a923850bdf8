/** The header that carries the request id of `POST /cards`, in lower case; an answer repeats it. */
export const walleoRequestIdHeader = 'x-requestid'

/** `POST /cards`: a card at once. */
export type WalleoCardRequest = {
  card: {
    /** Whole currency units, an integer. */
    amount: number
    /** The gift card's `code`. */
    gift_card_code: string
  }
}

/** A card that was bought. */
export type WalleoCard = {
  /** UUID. */
  id: string
  /** What its holder redeems: a secret. */
  code: string
  /** ISO 8601 with offset. */
  expire_at: string | null
  /** A secret; null where the brand has none. */
  pin_code: string | null
  /** Whole currency units. */
  amount: number
  gift_card_code: string
  pdf_url: string | null
}

/** The answer of `POST /cards` and `GET /cards/:id`. */
export type WalleoCardAnswer = { card: WalleoCard }

/** `POST /pull_requests`: a card when it is there. */
export type WalleoPullRequestRequest = {
  pull_request: {
    /** Whole currency units, an integer. */
    amount: number
    gift_card_code: string
    /** The caller's own; the card is found again by it. */
    request_id: string
  }
}

/** `error` is our reading: the documents do not name the status of a pull that failed. */
export type WalleoPullStatus = 'waiting' | 'success' | 'error'

/** The request of a card that is fetched in the background. */
export type WalleoPullRequest = {
  /** UUID; not what the pull request is read by. */
  id: string
  status: WalleoPullStatus
  request_id: string
  /** Minor units, unlike a card's amount. */
  amount_cents?: number | null
  created_at: string
  updated_at: string
  /** Null until the status is `success`. */
  card: WalleoCard | null
  /** Why the status is `error`. */
  errors?: WalleoErrorItem[]
}

/** The answer of `POST /pull_requests` and `GET /pull_requests/:request_id`. */
export type WalleoPullRequestAnswer = { pull_request: WalleoPullRequest }

/** The values that a gift card is offered with, in whole currency units. */
export type WalleoFacialValues =
  | { type: 'free'; min_amount: number; max_amount: number; step_amount: number }
  | { type: 'fixed'; amounts: number[] }

/** What is for sale; `GET /gift_cards` answers with an array of these, `GET /gift_cards/:code` with one. */
export type WalleoGiftCard = {
  name: string
  code: string
  /** `code128`. */
  barcode_symbology?: string | null
  /** Percent. */
  discount?: number | string | null
  logo_url?: string | null
  logo_square_url?: string | null
  online_usable?: boolean | null
  offline_usable?: boolean | null
  /** Days. */
  validity_period?: number | null
  splittable_online?: boolean | null
  splittable_offline?: boolean | null
  cumulative_online?: boolean | null
  cumulative_online_limit?: number | null
  cumulative_offline?: boolean | null
  cumulative_offline_limit?: number | null
  /** Whether cards have a PIN; the vendor's sample is no JSON here, so a text is taken, too. */
  code_pin?: boolean | string | null
  how_to_use_online?: string | null
  how_to_use_offline?: string | null
  term_of_use?: string | null
  facial_values: WalleoFacialValues
}

/** `GET /inventories/:code`. */
export type WalleoInventoryAnswer = {
  inventories: {
    gift_card: { code: string; name: string }
    end_to_end_api: {
      enabled: boolean
      /** `unlimited`, or an amount. */
      available_amount: string | number | null
    }
    /** Per value in whole currency units: cards of the partner's own, and those shared with others. */
    stocks: { facial_value: number; owned_quantity: number; shared_quantity: number }[]
  }
}

/** How much of a gift card there is. */
export type WalleoInventory = WalleoInventoryAnswer['inventories']

/** `GET /balance`: its form is ours, the vendor's page was not found. */
export type WalleoBalanceAnswer = { balance: { amount_cents: number; currency: string } }

/** What the partner can spend. */
export type WalleoBalance = WalleoBalanceAnswer['balance']

/** One error of an answer. */
export type WalleoErrorItem = { code: string; message: string }

/** The body of every refusal. */
export type WalleoErrorBody = {
  errors: WalleoErrorItem[]
  /** `not_found`, `unprocessable_entity`… */
  status: string
}
