import type { ReadToken } from '../../operations/redeem-transaction-token.ts'
import type { Wallet } from '../../storage/wallets.ts'

/** The wallet of who accepts a handover, where the handover names it. */
export const fixedWallet = ({ claims, source, target }: ReadToken): Wallet | null =>
  claims.endpoint === 'charges' ? target : source
