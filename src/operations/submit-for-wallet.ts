import type { RefusalCode } from '../domain/refusal.ts'
import type { Command, Ledger, Outcome } from '../ledger/command.ts'
import { tooMuchCredit } from './funding/credit-use.ts'
import { OperationRefusal, type OperationRefusalCode } from './input.ts'

const REASONS: Partial<Record<RefusalCode, [OperationRefusalCode, string, string]>> = {
  'already-exists': ['already_exists', 'id', 'the wallet exists'],
  'account-exists': ['already_exists', 'id', 'the wallet exists'],
  'account-not-found': ['not_found', 'id', 'there is no such wallet'],
  'account-closed': ['conflict', 'status', 'the wallet is closed'],
  'limits-crossed': ['invalid_input', 'lower', 'the lower limit is above the upper limit'],
  'limit-broken': ['conflict', 'lower', 'the present balance and holds break the new limit'],
  'account-not-empty': ['conflict', 'status', 'only a wallet without balance and holds can be closed'],
}

/** Sends an administrator's command through the ledger's door. @throws {OperationRefusal} when the ledger refuses it */
export async function submitForWallet(
  ledger: Ledger,
  command: Omit<Command, 'answer'>,
): Promise<Outcome & { accepted: true }> {
  const { outcome } = await ledger.submit({ ...command, answer: () => ({ status: 0, body: '{}' }) })
  if (outcome?.accepted) return outcome
  if (outcome?.refusal.constraint === 'credit_within') throw tooMuchCredit()
  const code = outcome?.refusal.code ?? 'already-exists'
  const reason = REASONS[code]
  throw reason ? new OperationRefusal(...reason) : new Error(`the ledger refused an account change: ${code}`)
}
