/**
 * What Walleo's documents leave open, as it is read here, in one place: a value that turns out otherwise is corrected here, and the
 * signing code stays as it is.
 */
export const walleoReadings = {
  /** How far a request's timestamp may lie from the server's clock, in seconds, either way. */
  toleranceSeconds: 300,
  /** The payload's segment of a request without a body: a client leaves it out; a server also takes it empty (`URL++ID`). */
  payloadOfBodiless: ['left-out', 'empty'],
  /** The status of a pull request that came to nothing; its `card` is null and its `errors` say why. */
  failedPullStatus: 'error',
  /** Where the balance is read, `{"balance":{"amount_cents","currency"}}`. */
  balancePath: '/balance',
  /** Milliseconds to wait before asking for a card again that is still being pulled: once, then each time. */
  comeBack: { first: 60_000, next: 10_000 },
} as const
