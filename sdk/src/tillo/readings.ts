/**
 * What Tillo's documents leave open, as it is read here, in one place: a value that turns out otherwise is corrected here, and the
 * signing code stays as it is.
 */
export const tilloReadings = {
  /** How far a request's timestamp may lie from the server's clock, in milliseconds, either way. */
  toleranceMilliseconds: 300_000,
  /** HTTP status and code of a failed authentication: the interface description and the table of errors disagree (401, 404). */
  authenticationFailure: { http: 401, code: '434' },
  /** Milliseconds to wait for a request that is still at work (729, 732): once, then each time. */
  comeBack: { first: 1_000, next: 5_000 },
  /** Milliseconds of the window that rate limits are counted in, to be waited when the server does not say how long. */
  rateLimitWindow: 60_000,
  /** Milliseconds between two readings of an asynchronous order. */
  orderInterval: 2_000,
  /** How long after its issue a card can be reversed, in milliseconds. */
  reversalWindow: 48 * 3_600_000,
} as const
