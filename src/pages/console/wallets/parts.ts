import { html } from 'hono/html'
import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import { type ConsoleWallet, findConsoleWallet } from '../../../storage/console-wallets.ts'
import type { Content } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import { PageProblem } from '../../problem.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'

/** @param path below `/console` */
export const link = (path: string, label: Content): Markup => html`<a href="/console${path}">${label}</a>`

/** An id as it may stand in an address or a form; null for what is the id of no wallet. */
export function readWalletId(text: string): string | null {
  try {
    return normaliseWalletId(text.trim())
  } catch (error) {
    if (error instanceof WalletIdError) return null
    throw error
  }
}

/** The wallet of the address. @throws {PageProblem} `not-found`, also for what is another business's, or kept for its cards */
export async function requireConsoleWallet(
  deps: Pick<ConsoleDeps, 'db'>,
  { user, param }: ConsoleCall,
): Promise<ConsoleWallet> {
  const id = readWalletId(param('id'))
  const wallet =
    id === null ? undefined : await findConsoleWallet(deps.db, id, user.role === 'operator' ? null : user.partyId)
  if (!wallet) throw new PageProblem('not-found')
  return wallet
}

/** As amounts are formatted with. */
export const unitOf = ({ currency, exponent }: Pick<ConsoleWallet, 'currency' | 'exponent'>) => ({
  code: currency,
  exponent,
})
