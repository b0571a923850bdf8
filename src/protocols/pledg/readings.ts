/**
 * What Pledg's documents leave open about the server's side, in one place, so that it can be put right without touching routes or
 * signatures. What concerns both sides is in the SDK's `pledgReadings`.
 */
export const readings = {
  /** Bytes of a body. */
  bodyLimit: 65_536,
  /** Characters of a query: a signed request travels in it. */
  queryLimit: 12_000,
  /** Seconds that a bearer token opens something. [documented] */
  tokenLife: 600,
  /** Status of what is made: a link, a payment by transfer. */
  made: 201,
  /** The state that an answer to a new link names. */
  linkState: 'created',
  /** Which ways to prove itself each protected endpoint takes; the documents name bearer tokens, older ones the dashboard's login. */
  schemes: ['Bearer', 'Basic'],
  /** The largest amount, in minor units: what a program that reads numbers as 32-bit integers still holds. */
  largestAmount: 2_147_483_647,
  /** Purchases that one network may begin in a minute by addresses that nobody has signed. */
  unsignedPerMinute: 60,
  /** Purchases that one signature may begin in a minute: a customer has seen it, too, and it can be sent again. */
  signedPerMinute: 30,
  /** Requests of one network in a minute to an endpoint without authentication. */
  openRequestsPerMinute: 300,
} as const
