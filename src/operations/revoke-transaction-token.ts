import { uuidV7 } from '../domain/uuid.ts'
import { findTransactionTokenOf } from '../storage/transaction-tokens.ts'
import { endToken, type KnownToken } from './end-token.ts'
import { type Ask, type MoneyDeps, type MoneyResult, type Prepared, record, submitPrepared } from './money.ts'
import { MoneyRefusal } from './money-refusal.ts'

export function prepareTokenRevocation(deps: Pick<MoneyDeps, 'clock'>, token: KnownToken): Prepared {
  const id = uuidV7(deps.clock())
  const { ending, doomed } = endToken(deps, token, id, 'revoked')
  return { ...record(id, 'transaction-revoked', { token: token.id }, [ending]), doomed }
}

/** Ends a token that was not used yet. @throws MoneyRefusal `token-invalid`: no token of the party's wallets has this id */
export async function revokeTransactionToken(
  deps: MoneyDeps,
  input: Ask & { partyId: string; id: string },
): Promise<MoneyResult> {
  const { partyId, id } = input
  const token = await findTransactionTokenOf(deps.db, partyId, id)
  if (!token) throw new MoneyRefusal('token-invalid')
  return submitPrepared(deps, input, prepareTokenRevocation(deps, token), { token: id })
}
