import { WalletIdError } from '#sdk/protocol/errors.ts'
import { normaliseWalletId } from '#sdk/protocol/wallet-id.ts'
import { type Period, readPeriod } from '../../../domain/statement.ts'
import { findStatementAccount, type StatementAccount } from '../../../storage/statement-accounts.ts'
import { findWallet } from '../../../storage/wallets.ts'
import { PageProblem } from '../../problem.ts'
import { partyOf } from '../gift-parts.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'

/** The account that the address names, if the reader may see its statements. @throws {PageProblem} `not-found` */
export async function visibleAccount(deps: ConsoleDeps, call: ConsoleCall): Promise<StatementAccount> {
  const id = walletIdOf(call.param('wallet'))
  const wallet = id === null ? undefined : await findWallet(deps.db, id)
  const account = wallet && (await findStatementAccount(deps.db, wallet.id, partyOf(call)))
  if (!account) throw new PageProblem('not-found')
  return account
}

/** @throws {PageProblem} `not-found` for what is no day or month */
export function namedPeriod(call: ConsoleCall): Period {
  const period = readPeriod(call.param('period'))
  if (period === null) throw new PageProblem('not-found')
  return period
}

/** Below `/console`. */
export const statementPath = ({ wallet }: StatementAccount, period?: Period): string =>
  `/statements/${encodeURIComponent(wallet)}${period === undefined ? '' : `/${period.name}`}`

function walletIdOf(text: string): string | null {
  try {
    return normaliseWalletId(text)
  } catch (error) {
    if (error instanceof WalletIdError) return null
    throw error
  }
}
