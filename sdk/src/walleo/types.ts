import type { ComeBackOptions, RepeatOptions } from '../protocol/repeat.ts'
import type {
  WalleoBalance,
  WalleoCard,
  WalleoCardRequest,
  WalleoGiftCard,
  WalleoInventory,
  WalleoPullRequest,
} from './wire.ts'

/** Where the API is, who calls, and how patiently. */
export type WalleoOptions = {
  /** The API's base with its path: `https://api.walleo.io/partners/v1`, `http://127.0.0.1:8080/partners/v1`. */
  url: string
  apiKey: string
  /** UUID. */
  identifier: string
  /** Hexadecimal text. */
  sharedKey: string
  /** Replaces the platform's. */
  fetch?: typeof fetch
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds that one attempt may take; 10,000, as the vendor advises. */
  timeout?: number
  /** For attempts without a usable answer: network failure, timeout, status 5xx. */
  retry?: RepeatOptions
  /** For a card that is still being pulled: after a minute, then every 10 seconds, for 5 minutes. */
  comeBack?: ComeBackOptions
}

/** What to buy: an amount in whole currency units, and the gift card's code. */
export type WalleoPurchase = WalleoCardRequest['card']

/** What may be said with every call. */
export type WalleoReadOptions = {
  /** Gives the call up. */
  signal?: AbortSignal
}

/** What may be said with a purchase. */
export type WalleoWriteOptions = WalleoReadOptions & {
  /** A call repeated with its request id gets the first answer and buys nothing more. A random UUID if left out. */
  requestId?: string
}

/**
 * A client of Walleo's partners API. Every method throws a `WalleoError` for what the network and the server do, and a
 * `TypeError` for what can't be sent at all, before anything is sent.
 */
export type Walleo = {
  /** Buys a card, and waits for it. */
  createCard(purchase: WalleoPurchase, options?: WalleoWriteOptions): Promise<WalleoCard>
  card(id: string, options?: WalleoReadOptions): Promise<WalleoCard>
  /** Asks for a card; the answer is mostly `waiting`. */
  createPullRequest(purchase: WalleoPurchase, options?: WalleoWriteOptions): Promise<WalleoPullRequest>
  /** By the caller's request id. */
  pullRequest(requestId: string, options?: WalleoReadOptions): Promise<WalleoPullRequest>
  /** Reads a pull request until it has its card. */
  awaitPullRequest(requestId: string, options?: WalleoReadOptions & WalleoPolling): Promise<WalleoCard>
  giftCards(options?: WalleoReadOptions): Promise<WalleoGiftCard[]>
  giftCard(code: string, options?: WalleoReadOptions): Promise<WalleoGiftCard>
  inventory(code: string, options?: WalleoReadOptions): Promise<WalleoInventory>
  /** A path and an answer of our own reading: the vendor's page was not found. */
  balance(options?: WalleoReadOptions): Promise<WalleoBalance>
}

/** How often and how long to ask for a card. */
export type WalleoPolling = {
  /** Milliseconds between two readings; 2,000. */
  interval?: number
  /** Milliseconds to wait in all; 300,000. */
  patience?: number
}
