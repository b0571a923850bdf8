import type { KeyObject } from 'node:crypto'
import type { Wallet } from '../storage/wallets.ts'
import type { TokenScheme } from './token-refusal.ts'

/** Who a wallet request is proven to come from. */
export type Principal = {
  clientId: string
  /** party that the client belongs to: its uuid */
  clientParty: string
  /** party on whose behalf: the owner who consented, or the client's own party */
  subject: string
  scopes: ReadonlySet<string>
  /** account ids (= wallet ids) the token reaches; under a consent those consented to that the owner still owns. `all`: the subject's */
  wallets: ReadonlySet<bigint> | 'all'
  /** public client: may leave the envelope unsigned */
  public: boolean
  /** prepared HMAC key of the client's signing secret; null for public clients */
  signingKey: KeyObject | null
  /** how its token was presented; `DPoP`: with a proof of the key that it is bound to */
  scheme: TokenScheme
  /** ms since the epoch */
  expiresAt: number
}

/** Whether the token may act for the wallet. Whose it is never changes, so that a party with a million needs no list of them. */
export function reaches(
  { subject, wallets }: Pick<Principal, 'subject' | 'wallets'>,
  { id, partyId, kept }: Pick<Wallet, 'id' | 'partyId' | 'kept'>,
): boolean {
  return wallets === 'all' ? partyId === subject && !kept : wallets.has(id)
}
