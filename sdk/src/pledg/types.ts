import type { ComeBackOptions, RepeatOptions } from '../protocol/repeat.ts'
import type { PledgRedirect } from './redirect.ts'
import type { PledgNoticeVerdict } from './verification.ts'
import type { PledgLinkSettings, PledgParameters, PledgPurchase, PledgPurchaseLink, PledgSchedule } from './wire.ts'

/** Where the API is, who calls, and how patiently. */
export type PledgOptions = {
  /** The back's base: `https://back.ecard.pledg.co`, `http://127.0.0.1:8080`. */
  url: string
  /** The front's base, for addresses of pages; the back's, if left out. */
  frontUrl?: string
  /** For what is asked about purchases: a key and its secret, or the sign-in of the vendor's dashboard. */
  credentials?: { key: string; secret: string } | { email: string; password: string }
  /** Signs requests, and proves notifications and redirects. */
  merchantSecret?: string
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

/** What may be said with every call. */
export type PledgCallOptions = {
  /** Gives the call up. */
  signal?: AbortSignal
}

/** How long a signed request is good. */
export type PledgSignOptions = {
  /** Seconds for which the signed request is good; without it, for ever. */
  expiresIn?: number
}

/** What a schedule is asked for. */
export type PledgSimulation = ({ merchantUid: string } | { companyUid: string }) & {
  amount_cents: number
  /** `yyyy-mm-dd` */
  created: string
  /** `yyyy-mm-dd` */
  second_installment_date?: string
}

/**
 * A merchant's side of Pledg's API. Every method throws a `PledgError` for what the network and the server do, and a `TypeError`
 * for what can't be sent at all, before anything is sent.
 */
export type Pledg = {
  /**
   * A link for one person to pay by. Repeated by itself: two links of a reference still succeed once. With a mail or a message to
   * send it is not, since that would be sent twice.
   */
  purchaseLink(
    data: PledgParameters,
    options?: PledgCallOptions & PledgSignOptions & { settings?: PledgLinkSettings },
  ): Promise<PledgPurchaseLink>
  /** A payment by transfer. Not repeated by itself once it may have been done. */
  paymentByTransfer(data: PledgParameters, options?: PledgCallOptions & PledgSignOptions): Promise<PledgPurchase>
  /** The signed address of the page where a person pays. */
  purchaseUrl(data: PledgParameters, options?: PledgSignOptions): Promise<string>
  /** The signed address of the page of a company's ways to pay. */
  paymentSolutionsUrl(data: PledgParameters, options?: PledgSignOptions): Promise<string>
  purchase(merchantUid: string, purchaseUid: string, options?: PledgCallOptions): Promise<PledgPurchase>
  /** Of the whole, or of a part in minor units. Not repeated by itself once it may have been done. */
  capture(
    purchaseUid: string,
    part?: { amount_cents?: number },
    options?: PledgCallOptions,
  ): Promise<Record<string, unknown>>
  /**
   * Gives a part back; parts add up, never above the whole. Not repeated by itself once it may have been done, but with an
   * `idempotencyKey`, by which a Billfold's server knows a repetition; the vendor's documents have no such thing.
   */
  credit(
    purchaseUid: string,
    part: { amount_cents: number },
    options?: PledgCallOptions & { idempotencyKey?: string },
  ): Promise<Record<string, unknown>>
  /** Ends a purchase that nothing was taken for yet. Not repeated by itself once it may have been done. */
  release(purchaseUid: string, options?: PledgCallOptions): Promise<Record<string, unknown>>
  /** What a person would pay when: one schedule of a merchant, one for each merchant of a company. Needs no credentials. */
  simulate(simulation: PledgSimulation, options?: PledgCallOptions): Promise<PledgSchedule[]>
  /** Proves a notification with the merchant's secret. What is not signed is refused. */
  verifyNotification(body: string): Promise<PledgNoticeVerdict>
  /** What the address says that a person came back to. */
  readRedirect(url: string): Promise<PledgRedirect>
}
