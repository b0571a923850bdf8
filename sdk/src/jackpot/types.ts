import type { ComeBackOptions, RepeatOptions } from '../protocol/repeat.ts'
import type { JackpotVerifiedNotification } from './notifications.ts'
import type { JackpotClaims, JackpotClaimsV1 } from './signing.ts'
import type { JackpotProposal, JackpotStore, JackpotVoucher } from './wire.ts'

/** Where the API is, and how patiently it is asked. */
export type JackpotConnection = {
  /** The API's base: `https://api.jackpot-io.com`, `http://127.0.0.1:8080`. */
  url: string
  /** Replaces the platform's. */
  fetch?: typeof fetch
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds that one attempt may take; 30,000. */
  timeout?: number
  /** For attempts without a usable answer, where a repetition does nothing twice. */
  retry?: RepeatOptions
  /** For rate limits: after 1 second, then every 5, for a minute. */
  comeBack?: ComeBackOptions
}

/** A partner’s credentials, as far as its calls need them. */
export type JackpotOptions = JackpotConnection & {
  apiKey: string
  /** Signs initialization tokens; needed to open sessions by claims. */
  apiSignature?: string
  /** Needed for what a partner's server does with vouchers. */
  clientSecret?: string
}

/** What may be said with every call. */
export type JackpotCallOptions = {
  /** Gives the call up. */
  signal?: AbortSignal
}

/** What a token says but its time; without a `notificationKey` it gets a random UUID. */
export type JackpotWish = Omit<JackpotClaims, 'iat' | 'notificationKey'> & { iat?: number; notificationKey?: string }
/** What a token of the first version says but its time; without a `notificationKey` it gets a random UUID. */
export type JackpotWishV1 = Omit<JackpotClaimsV1, 'iat' | 'notificationKey'> & {
  iat?: number
  notificationKey?: string
}

/** Which offer of which store. */
export type JackpotOffer = { storeId: string; offerId: string }

/** What one person may do with one amount, for an hour or until a voucher is reserved. */
export type JackpotSession = {
  /** Give it to the embedded page, as `data-session`, or to `createJackpotSession`. */
  readonly accessToken: string
  /** The partner's own key of it; null for a session that was opened elsewhere. */
  readonly notificationKey: string | null
  /** Milliseconds since the epoch; null for a session that was opened elsewhere. */
  readonly expiresAt: number | null
  stores(options?: JackpotCallOptions): Promise<JackpotStore[]>
  /** What each store gives for an amount; `strict`: only those that give a bonus or a discount. */
  proposedVouchers(
    query?: { amount?: number; strict?: boolean },
    options?: JackpotCallOptions,
  ): Promise<JackpotProposal[]>
  /** What one store has. */
  storeVouchers(
    storeId: string,
    query?: { amount?: number; strict?: boolean },
    options?: JackpotCallOptions,
  ): Promise<JackpotProposal[]>
  offer(offer: JackpotOffer, options?: JackpotCallOptions): Promise<Record<string, unknown>>
  /** Gives a price, gets at least its value. However often it is sent, a session reserves once. */
  reserveByPrice(wish: JackpotOffer & { price: number }, options?: JackpotCallOptions): Promise<JackpotVoucher>
  /** Gives a value, pays at most that. However often it is sent, a session reserves once. */
  reserveByValue(wish: JackpotOffer & { value: number }, options?: JackpotCallOptions): Promise<JackpotVoucher>
  /** What it has reserved; of a Billfold's server only. */
  voucher(id: string, options?: JackpotCallOptions): Promise<JackpotVoucher>
}

/**
 * A partner's side of Jackpot's API. Every method throws a `JackpotError` for what the network and the server do, and a
 * `TypeError` for what can't be sent at all, before anything is sent.
 */
export type Jackpot = {
  /** The catalogue, by the API key alone. */
  stores(options?: JackpotCallOptions): Promise<JackpotStore[]>
  /** An initialization token of the second version, good for one session within five minutes. */
  initializationToken(wish: JackpotWish): Promise<string>
  /** Opens a session. Not repeated by itself once it may have been done: a token is for one time. */
  openSession(wish: JackpotWish, options?: JackpotCallOptions): Promise<JackpotSession>
  /** The same by the first version's token and address. */
  openSessionV1(wish: JackpotWishV1, options?: JackpotCallOptions): Promise<JackpotSession>
  voucher(id: string, options?: JackpotCallOptions): Promise<JackpotVoucher>
  /** Definitive: the price is to be paid. */
  confirm(id: string, options?: JackpotCallOptions): Promise<JackpotVoucher>
  cancel(id: string, options?: JackpotCallOptions): Promise<JackpotVoucher>
  refund(id: string, options?: JackpotCallOptions): Promise<JackpotVoucher>
  /**
   * Finds out whether a notification is true, by asking the server: notifications have no signature. Throws a `JackpotError` when
   * the server can't be asked; answer 500 then, so that the notification comes again.
   */
  verifyNotification(body: string, options?: JackpotCallOptions): Promise<JackpotVerifiedNotification>
}
