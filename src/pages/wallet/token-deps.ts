import type { TokenDeps } from '../../operations/issue-transaction-token.ts'
import { ownOrigins } from '../origin.ts'
import type { PageContext } from '../session.ts'
import type { WalletPagesDeps } from './page.ts'

/** What the operations on transaction tokens need. */
export const tokenDeps = ({ db, ledger, directory, clock, oauth }: WalletPagesDeps): TokenDeps => ({
  db,
  ledger,
  directory,
  clock,
  keys: oauth.keys,
  issuer: oauth.issuer,
})

/**
 * The address that redeems a token. It stands in the fragment, which browsers keep to themselves: no log of a server or proxy has it.
 * The host is the one this page was asked for, where that is ours.
 */
export function redeemLink({ config, oauth }: WalletPagesDeps, c: PageContext, token: string): string {
  const host = c.req.header('host')
  const origin = ownOrigins(config, host).find((own) => URL.parse(own)?.host === host) ?? oauth.issuer
  return `${origin}/wallet/redeem#${token}`
}
