/** What a token may do, one word per family of wallet endpoints. */
export const WALLET_SCOPES = [
  'balance', // reads: GET /:walletID and /:walletID/balance
  'transactions', // reads: GET /:walletID/transactions; also asks for transaction tokens
  'funds',
  'payments',
  'charges',
  'invoices',
  'refills',
  'refunds',
] as const

export type WalletScope = (typeof WALLET_SCOPES)[number]

const known: ReadonlySet<string> = new Set(WALLET_SCOPES)

export const isWalletScope = (scope: string): scope is WalletScope => known.has(scope)

/** Separated by spaces (RFC 6749) or commas (WebWallet), in any mixture; each once, in the order of their first mention. */
export const splitScopes = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))]
