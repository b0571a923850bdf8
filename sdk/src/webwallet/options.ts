import type { Dpop } from './dpop.ts'
import type { TokenSource } from './token-source.ts'

/** How to reach the server. */
export type ConnectionOptions = {
  /** Where the server is, `https://wallets.example.com`. */
  url: string
  /** Replaces the platform's. */
  fetch?: typeof fetch
  /** Milliseconds since the epoch, for the expiry of tokens. */
  clock?: () => number
  /** Milliseconds that one attempt may take; 30,000. */
  timeout?: number
  /** How often an attempt without a usable answer (network failure, 502, 503, 504) is repeated, 2, and after how many milliseconds, doubling, 200. */
  retry?: { times?: number; delay?: number }
}

/** A client that acts for itself: it gets its tokens with its secret (RFC 6749, 4.4). */
type ClientCredentials = {
  clientId: string
  clientSecret: string
  /** Scopes to ask for, separated by spaces; all of the client's if left out. */
  scope?: string
  /** Binds the tokens to this key. */
  dpop?: Dpop
}

/** A client that acts for someone who allowed it: tokens of `createTokenSession`. They win over credentials. */
type GivenTokens = { tokens: TokenSource }

/** Where the server is, who calls, and with which tokens. */
export type WebWalletOptions = ConnectionOptions & {
  /**
   * The client's signing secret: signs requests, and the server's answers. A public client has none; then only TLS proves who
   * answers, so the server must be at an `https:` address, or on this machine.
   */
  signingSecret?: string | Uint8Array<ArrayBuffer>
  /** Who issues the server's tokens, if it isn't the `url`: its first public URL. */
  issuer?: string
} & (ClientCredentials | GivenTokens)

/** The base of every address, without a slash at its end. */
export const baseOf = (url: string): string => url.replace(/\/+$/, '')
