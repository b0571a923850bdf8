import type { KeyObject } from 'node:crypto'
import type { TokenScheme } from './token-refusal.ts'

/** Who a wallet request is proven to come from. */
export type Principal = {
  clientId: string
  /** party that the client belongs to: its uuid */
  clientParty: string
  /** party on whose behalf: the owner who consented, or the client's own party */
  subject: string
  scopes: ReadonlySet<string>
  /** account ids (= wallet ids) the token reaches; under a consent those consented to that the owner still owns */
  wallets: ReadonlySet<bigint>
  /** public client: may leave the envelope unsigned */
  public: boolean
  /** prepared HMAC key of the client's signing secret; null for public clients */
  signingKey: KeyObject | null
  /** how its token was presented; `DPoP`: with a proof of the key that it is bound to */
  scheme: TokenScheme
  /** ms since the epoch */
  expiresAt: number
}
