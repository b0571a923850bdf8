import type { KeyObject } from 'node:crypto'

/** Who a wallet request is proven to come from. */
export type Principal = {
  clientId: string
  /** party the client belongs to (client_credentials) or that granted (authorization_code): its uuid */
  subject: string
  scopes: ReadonlySet<string>
  /** account ids (= wallet ids) the token reaches */
  wallets: ReadonlySet<bigint>
  /** public client: may leave the envelope unsigned */
  public: boolean
  /** prepared HMAC key of the client's signing secret; null for public clients */
  signingKey: KeyObject | null
  /** ms since the epoch */
  expiresAt: number
}
