import { walleoReadings } from '#sdk/walleo/readings.ts'

/**
 * What Walleo's documents leave open, as this server reads it, in one place: with the readings that both ends share, of which are
 * the tolerance of clocks, the payload of requests without a body, and the path of the balance.
 */
export const readings = {
  ...walleoReadings,
  /** Request ids of both calls, in one namespace for each partner: visible ASCII without comma. Neither `.` nor `..`, which no path can name. */
  requestId: /^(?!\.{1,2}$)[!-+\--~]{1,255}$/,
  /** ms that a card at once may take while it is bought elsewhere: callers are advised to give up after 10 seconds. */
  patience: 8_000,
  /** Seconds, told with `come_back_later`, after which it is worth asking again. */
  comeBackAfter: 10,
  /** bytes */
  bodyLimit: 65_536,
  /** Which float `GET /balance` shows where the partner has several and does not say which. */
  balanceCurrency: 'EUR',
} as const
