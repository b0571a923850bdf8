/** What the documents leave open about the server's side, in one place. What concerns both sides is in the SDK's `tilloReadings`. */
export const readings = {
  /** Bytes of a body. */
  bodyLimit: 65_536,
  /** Requests to one endpoint with one credential in a window, unless `BILLFOLD_TILLO_RATE_LIMIT` says otherwise; the documents name a number only for balances. */
  requestsPerWindow: 600,
  balanceChecksPerWindow: 50,
  /** How long an issue waits for a card that is bought elsewhere, in milliseconds; then it is answered with 729. */
  patience: 8_000,
  /** The one float that a partner has in a currency; the documents know others, by brand and by company. */
  float: 'universal-float',
  /** The one template that every brand has. */
  template: 'standard',
  /** Whole units of the currency that may be asked for at once. */
  largestTransfer: 99_999_999.99,
  /** Most transfer requests in one answer. */
  transferRequests: 50,
} as const
