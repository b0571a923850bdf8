import type { Command } from '../ledger/command.ts'
import { TOKEN_STATUS, type TransactionTokenTerms, transactionTokenEnded } from '../storage/transaction-tokens.ts'
import { isFarOff, isLongOver, type MoneyDeps } from './money.ts'
import type { MoneyRefusalCode } from './money-refusal.ts'

/** What is known of a token, and its status at that moment. */
export type KnownToken = Pick<TransactionTokenTerms, 'id' | 'activeAt' | 'expiresAt'> & { readonly status: number }

/** Uses a token up, or revokes it, in the transaction that is named: the first to do so does, everyone else is refused. */
export function endToken(
  { clock }: Pick<MoneyDeps, 'clock'>,
  { id, status, activeAt, expiresAt }: KnownToken,
  transaction: string,
  how: 'used' | 'revoked',
): { ending: NonNullable<Command['effects']>[number]; doomed: MoneyRefusalCode | undefined } {
  const ending = { effect: transactionTokenEnded, row: [id, transaction, String(TOKEN_STATUS[how])] }
  if (status !== TOKEN_STATUS.open) return { ending, doomed: 'token-used' }
  const now = clock()
  if (isLongOver(expiresAt, now)) return { ending, doomed: 'token-expired' }
  return { ending, doomed: how === 'used' && isFarOff(activeAt, now) ? 'token-not-active' : undefined }
}
