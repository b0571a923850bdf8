import { type CompromiseRow, countEnded } from '../../storage/compromises.ts'
import { listOpenTokensOf } from '../../storage/credential-uses.ts'
import type { MoneyDeps } from '../money.ts'
import { MoneyRefusal } from '../money-refusal.ts'
import { revokeTransactionToken } from '../revoke-transaction-token.ts'
import { behalfOf } from './uses.ts'

/**
 * Ends the transaction tokens that a compromised credential has issued and nobody has used yet. They are the ledger's, so each is a
 * command of its own; asked again, only those that are open still are ended.
 * @returns how many
 */
export async function endOpenTokens(deps: MoneyDeps, compromise: CompromiseRow, actor: string): Promise<number> {
  const open = await listOpenTokensOf(deps.db, { principals: compromise.principals, behalf: behalfOf(compromise) })
  const results = await Promise.all(
    open.map(async ({ id, party_id: partyId }) => {
      try {
        const key = `compromise:${compromise.id}:${id}`
        return (await revokeTransactionToken(deps, { actor, key, partyId, id })).accepted
      } catch (error) {
        // Used or over by now: there is nothing left to end.
        if (error instanceof MoneyRefusal) return false
        throw error
      }
    }),
  )
  const ended = results.filter(Boolean).length
  if (ended > 0) await countEnded(deps.db, compromise.id, 'transaction-tokens', ended)
  return ended
}
