/** A JSON number, or a decimal string where a number would not be exact. Either is accepted; never compute with the former. */
export type Amount = number | string

/** A unit of account: the code is money within its circle only. */
export type Currency = { code: string; circle: string }

/** What a wallet is called; `GET /:walletID`. */
export type Wallet = {
  /** Explicit id, `us:8301234567:USD`. */
  id: string
  opaqueId: string
  namespace: string
  number: string
  currency: Currency
  links?: Record<string, string>
}

/** `GET /:walletID/balance`. A limit that is null does not bind. */
export type Balance = { amount: Amount; currency: Currency; limits: { lower: Amount | null; upper: Amount | null } }

/** What an amount is made of; the parts add up to it exactly, and one left out is zero. */
export type Details = { subtotal?: Amount; taxes?: Amount; fees?: Amount; other?: Amount }

type Remarks = {
  details?: Details | undefined
  description?: string | undefined
  metadata?: Record<string, unknown> | undefined
  /** Makes the signed request single: the same nonce with other content is refused. */
  nonce?: string | undefined
}

/** Money into a wallet from one that may issue it. Wallets are named by explicit or opaque ids. */
export type FundParams = Remarks & { source: string; target: string; amount: Amount; currency: string }

/** A payment to `target`, from the client's own wallet in that currency, or from `payer` if the token reaches it. */
export type PayParams = Remarks & {
  target: string
  amount: Amount
  currency: string
  payer?: string | undefined
  /** A transaction token by which the payee has asked for it. */
  token?: string | undefined
}

/** The server's word that it is done: the request's members, and what came of it. */
export type Receipt = {
  endpoint: string
  success: true
  /** Names what was made: the transaction, the invoice. */
  reference: string
  /** ISO 8601, UTC. */
  timestamp: string
  [member: string]: unknown
}

/** One line of a wallet's history. */
export type Transaction = {
  reference: string
  endpoint: string
  timestamp: string
  amount: Amount
  currency: string
  [member: string]: unknown
}

/** What a history is narrowed to; several conditions hold together. */
export type HistoryFilter = {
  /** Those of one endpoint, `payments`. */
  endpoint?: string | undefined
  /** ISO 8601 with an offset: those of this moment and later, and those before that one. */
  from?: string | undefined
  to?: string | undefined
  /** Those with this wallet on the other side. */
  counterparty?: string | undefined
  reference?: string | undefined
}

/**
 * Newest first; `next` is the `after` of the page that follows, null on the last one. A page of a narrowed history may have few
 * lines, or none, and yet be followed by another.
 */
export type HistoryPage = { transactions: Transaction[]; next: string | null }

/** Which page of a list: `limit` lines (20; at most 100) after the `next` of the page before. */
export type PageParams = { after?: string | undefined; limit?: number | undefined }

/** What may be said with every call. */
export type CallOptions = {
  /** Repeating a call with its key never moves money twice. A random UUID if left out. */
  idempotencyKey?: string
}

/** Money out of `source`, whose owner has allowed it: by consent to this client, or by a transaction token. */
export type ChargeParams = Remarks & {
  source: string
  target: string
  amount: Amount
  currency: string
  /** A transaction token that its owner handed over. */
  token?: string | undefined
}

/** Money from the parent wallet, within what its owner's standing policy allows. */
export type RefillParams = { target: string; amount: Amount; currency: string; nonce?: string | undefined }

/** Money back, of a payment or a charge, to the wallet that paid; in parts, until all of it is back. */
export type RefundParams = {
  target: string
  amount: Amount
  currency: string
  /** The reference of what is refunded. */
  transaction: string
  description?: string | undefined
  nonce?: string | undefined
}

/** A wish to be paid, sent to the wallet that is to pay. */
export type InvoiceParams = Remarks & {
  /** The wallet that is to pay. */
  target: string
  /** The wallet to be paid; the token's own in that currency if left out. */
  issuer?: string | undefined
  amount: Amount
  currency: string
  /** ISO 8601: until when it can be paid; for ever if left out. */
  expiry?: string | undefined
}

/** An invoice as both sides see it. Times are ISO 8601, UTC. */
export type Invoice = {
  reference: string
  issuer: string
  debtor: string
  amount: Amount
  currency: string
  status: 'open' | 'paid' | 'declined' | 'cancelled' | 'expired'
  timestamp: string
  expiry: string | null
  /** When it was paid, declined or cancelled. */
  settled: string | null
  /** The reference of the payment. */
  payment: string | null
  details?: Details
  description?: string
  metadata?: Record<string, unknown>
}

/** Those that the wallet has to pay (`debtor`, if left out), or has issued. */
export type InvoiceFilter = { role?: 'debtor' | 'issuer' | undefined; status?: Invoice['status'] | undefined }
/** Some invoices, newest first, and where the list goes on. */
export type InvoicePage = { invoices: Invoice[]; next: string | null }

/**
 * Consent to one transaction, for somebody else to carry out: to a charge of `source`, or to a payment into `target`. The wallet
 * on the other side may be left out; then it is whoever uses the token.
 */
export type TokenParams = Remarks & {
  amount: Amount
  currency: string
  /** The wallet whose side may use it, or `*` for anyone who has it; the other wallet if left out. */
  audience?: string | undefined
  /** ISO 8601: from when it can be used; at once if left out. */
  active?: string | undefined
  /** ISO 8601: until when it can be used, a week at most. */
  expiry: string
} & (
    | { operation: 'charges'; source: string; target?: string | undefined }
    | { operation: 'payments'; target: string; source?: string | undefined }
  )

/** The token, to be handed over; `reference` is its id. */
export type IssuedToken = Receipt & { token: string }

/** A transaction token as its issuer sees it. `*`: whoever uses it. */
export type TokenView = {
  id: string
  endpoint: 'charges' | 'payments'
  source: string
  target: string
  audience: string
  amount: Amount
  currency: string
  status: 'open' | 'used' | 'revoked' | 'expired'
  timestamp: string
  expiry: string
  /** The reference of the transaction that it was used for. */
  transaction: string | null
  description?: string
}
/** Some transaction tokens, newest first, and where the list goes on. */
export type TokenPage = { tokens: TokenView[]; next: string | null }
