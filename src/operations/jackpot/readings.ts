import { jackpotReadings } from '#sdk/jackpot/signing.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What Jackpot's documents leave open, as this server reads it, in one place; with what both ends share: the age of tokens. */
export const readings = {
  ...jackpotReadings,
  /** ms that a session lasts, unless a reservation ends it before */
  session: HOUR,
  /** ms that a reservation waits for its confirmation */
  reservation: 48 * HOUR,
  /** ms that a `signedUrl` opens the card's PDF */
  signedUrl: HOUR,
  /** ms to wait after each failed attempt to notify: with the attempts' own time, all are over within 5 minutes */
  pauses: [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 96_000],
  /** values that are proposed of one store */
  proposals: 50,
  /** bytes of a body */
  bodyLimit: 65_536,
  /** the notifications' names for what happened to a voucher */
  couponEvents: {
    reserved: 'coupon/reserved',
    confirmed: 'coupon/confirmed',
    ready: 'coupon/ready',
    canceled: 'coupon/canceled',
    refunded: 'coupon/refunded',
    refund_rejected: 'coupon/refund_rejected',
  },
} as const
