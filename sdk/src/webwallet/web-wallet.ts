import type { TransactionTokenClaims } from './transaction-token.ts'
import type {
  Balance,
  CallOptions,
  ChargeParams,
  FundParams,
  HistoryFilter,
  HistoryPage,
  Invoice,
  InvoiceFilter,
  InvoicePage,
  InvoiceParams,
  IssuedToken,
  PageParams,
  PayParams,
  Receipt,
  RefillParams,
  RefundParams,
  TokenPage,
  TokenParams,
  Transaction,
  Wallet,
} from './types.ts'

/**
 * A client of the WebWallet API. Wallets are named by explicit or opaque ids. Every method throws a `WebWalletError` for what the
 * network and the server do; a wallet id or a payload that can't be sent at all gets its `WalletIdError`, `CanonicalJsonError` or
 * `TypeError` before anything is sent.
 */
export type WebWallet = {
  wallet(id: string): Promise<Wallet>
  balance(id: string): Promise<Balance>

  /** One page of the history, newest first. */
  history(id: string, page?: HistoryFilter & PageParams): Promise<HistoryPage>
  /** The history from its newest line on, fetched page by page as it is read. `limit` is that of a page. */
  transactions(id: string, page?: HistoryFilter & PageParams): AsyncGenerator<Transaction, void, undefined>
  transaction(id: string, reference: string): Promise<Transaction>

  fund(params: FundParams, options?: CallOptions): Promise<Receipt>
  pay(params: PayParams, options?: CallOptions): Promise<Receipt>
  charge(params: ChargeParams, options?: CallOptions): Promise<Receipt>
  refill(params: RefillParams, options?: CallOptions): Promise<Receipt>
  refund(params: RefundParams, options?: CallOptions): Promise<Receipt>

  /** Sends an invoice; the answer's `reference` names it. */
  sendInvoice(params: InvoiceParams, options?: CallOptions): Promise<Receipt>
  /** One page of the invoices that a wallet has to pay, or has issued, newest first. */
  invoices(id: string, page?: InvoiceFilter & PageParams): Promise<InvoicePage>
  /** An invoice that the wallet has to pay, or has issued. */
  invoice(id: string, reference: string): Promise<Invoice>
  /** Pays an invoice from the debtor's wallet: whole, and once whatever the keys. */
  payInvoice(invoice: InvoiceTerms, options?: CallOptions): Promise<Receipt>
  /** The debtor will not pay. @param id the debtor's wallet */
  declineInvoice(id: string, reference: string, options?: CallOptions): Promise<Receipt>
  /** The issuer takes it back. @param id the issuer's wallet */
  cancelInvoice(id: string, reference: string, options?: CallOptions): Promise<Receipt>

  /** Makes a transaction token, to be handed over. */
  issueToken(params: TokenParams, options?: CallOptions): Promise<IssuedToken>
  /** One page of the transaction tokens that a wallet's owner has made, newest first. */
  tokens(id: string, page?: PageParams): Promise<TokenPage>
  /** Takes back a transaction token that was not used yet. @param id the wallet whose owner made it */
  revokeToken(id: string, token: string, options?: CallOptions): Promise<Receipt>
  /**
   * What a transaction token says, checked against the server's public keys, without using it: no request goes out while those
   * are known. Throws `transaction-token-refused`.
   */
  checkToken(token: string, options?: { audience?: string }): Promise<TransactionTokenClaims>
  /** Uses a transaction token: carries out exactly what it says. @param wallet the presenter's own, where the token names none */
  redeemToken(token: string, wallet: string, options?: CallOptions): Promise<Receipt>
}

/** What a payment must know of an invoice. */
export type InvoiceTerms = Pick<Invoice, 'reference' | 'issuer' | 'debtor' | 'amount' | 'currency'>
