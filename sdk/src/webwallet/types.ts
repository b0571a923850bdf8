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
export type PayParams = Remarks & { target: string; amount: Amount; currency: string; payer?: string | undefined }

/** The server's signed word that it is done: the request's members, and what came of it. */
export type Receipt = {
  endpoint: string
  success: true
  /** Names the transaction. */
  reference: string
  /** ISO 8601, UTC. */
  timestamp: string
  source?: string
  target: string
  amount: Amount
  currency: string
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

/** Newest first; `next` is the `after` of the page that follows, null on the last one. */
export type HistoryPage = { transactions: Transaction[]; next: string | null }

export type CallOptions = {
  /** Repeating a call with its key never moves money twice. A random UUID if left out. */
  idempotencyKey?: string
}

export type WebWalletOptions = {
  /** Where the server is, `https://wallets.example.com`. */
  url: string
  clientId: string
  clientSecret: string
  /** The client's signing secret: signs requests, and the server's answers. */
  signingSecret: string | Uint8Array<ArrayBuffer>
  /** Scopes to ask for, separated by spaces; all of the client's if left out. */
  scope?: string
  /** Replaces the platform's. */
  fetch?: typeof fetch
  /** Milliseconds since the epoch, for the expiry of tokens. */
  clock?: () => number
  /** Milliseconds that one attempt may take; 30,000. */
  timeout?: number
  /** How often an attempt without a usable answer (network failure, 502, 503, 504) is repeated, 2, and after how many milliseconds, doubling, 200. */
  retry?: { times?: number; delay?: number }
}

/**
 * A client of the WebWallet API. Every method throws a `WebWalletError` for what the network and the server do; a wallet id or a
 * payload that can't be sent at all gets its `WalletIdError`, `CanonicalJsonError` or `TypeError` before anything is sent.
 */
export type WebWallet = {
  wallet(id: string): Promise<Wallet>
  balance(id: string): Promise<Balance>
  fund(params: FundParams, options?: CallOptions): Promise<Receipt>
  pay(params: PayParams, options?: CallOptions): Promise<Receipt>
  history(id: string, page?: { after?: string; limit?: number }): Promise<HistoryPage>
  transaction(id: string, reference: string): Promise<Transaction>
}
