/** Parameters of a purchase. Amounts are in minor units of the currency. */
export type PledgParameters = {
  amountCents: number
  /** `mer_…`; or a company with a currency. */
  merchantUid?: string
  /** `cmp_…` */
  companyUid?: string
  /** ISO 4217; needed with `companyUid`. */
  currency?: string
  /** The shop's own, which succeeds once. */
  reference: string
  title: string
  subtitle?: string
  email: string
  firstName: string
  lastName: string
  civility?: 'Mr' | 'Ms'
  /** E.164 */
  phoneNumber?: string
  address?: PledgAddress
  shippingAddress?: PledgAddress
  /** `yyyy-mm-dd`, as all days are. */
  birthDate?: string
  birthCity?: string
  birthZipcode?: string
  birthCountry?: string
  metadata?: Record<string, unknown>
  lang?: string
  secondInstallmentPaymentDate?: string
  redirectUrl?: string
  cancelUrl?: string
  paymentNotificationUrl?: string
  errorNotificationUrl?: string
}

/** An address of a person. */
export type PledgAddress = {
  street?: string
  city?: string
  stateProvince?: string
  zipcode?: string
  /** ISO 3166-1 alpha-2 */
  country?: string
}

/** How a purchase link reaches the person, beside the answer. */
export type PledgLinkSettings = {
  send_email?: boolean
  email?: string
  send_sms?: boolean
  /** E.164 */
  phone_number?: string
}

/** A purchase as it is read; there may be more. */
export type PledgPurchase = {
  /** `pur_…` */
  uid: string
  state: string
  reference: string
  amount_cents: number
  currency?: string | null
  credited_cents?: number | null
}

/** A purchase that waits for its person. */
export type PledgPurchaseLink = PledgPurchase & {
  /** Where the person goes. */
  url: string
  expires_at?: string | null
}

/** One payment; its whole is `amount_cents` and `fees`. */
export type PledgPayment = { amount_cents: number; fees: number; payment_date: string }

/** Ways to pay over time: a merchant's answer is one of these, a company's has one for each way of each of its merchants. */
export type PledgSchedule = {
  INSTALLMENT?: PledgPayment[]
  DEFERRED?: PledgPayment
  /** Percent. */
  taeg?: number | null
  debit_rate?: number | null
}

/** What the token endpoint answers. */
export type PledgTokenAnswer = { access_token: string; token_type: string; expires_in: number }

/** What a merchant's money on its way is told by. Members may be missing: the vendor's own sample lacks two. */
export type PledgTransferNotice = {
  reference: string
  created?: string
  transfer_order_item_uid: string
  merchant_uid?: string
  purchase_uid?: string
  amount_cents: number
}

/** That a purchase came to nothing. */
export type PledgErrorNotice = {
  reference: string
  /** `SCORING_KO`, `ABANDONED`, …: any `*_KO`. Newer senders call it `state` or `acceptance_state`. */
  state: string
  purchase_uid: string | null
}

/** Of back mode. Only these members are proven by its hash. */
export type PledgBackNotice = {
  id: string
  reference: string
  created_at: string
  status: string
  sandbox: boolean
  error: string | null
}
