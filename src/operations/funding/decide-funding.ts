import { uuidV7 } from '../../domain/uuid.ts'
import { type Funding, fundingDecided } from '../../storage/fundings.ts'
import { submitPrepared } from '../money.ts'
import { fundingRefusalOf } from './funding-refusal.ts'
import type { FundingDeps, FundingResult, Operator } from './move-funds.ts'

const MADE = '1'
const REFUSED = '2'

/**
 * Approves a movement that waits, which moves the money in the same transaction, or refuses it. Approval is another person's: not the
 * one's who asked, nor of the same party. Who refuses may be anybody, so whoever asked can take it back. It is decided once, by one
 * conditional write, whoever comes at the same moment.
 */
export async function decideFunding(
  deps: Pick<FundingDeps, 'db' | 'ledger' | 'clock'>,
  { actor, key, by }: { actor: string; key: string; by: Operator },
  funding: Funding,
  approve: boolean,
): Promise<FundingResult> {
  // Whoever decided it and sends the form again gets the first answer; for others a look saves the batch another try.
  if (funding.state !== 'waiting' && funding.decided_by !== by.email)
    return { accepted: false, code: funding.state === 'expired' ? 'expired' : 'decided' }
  const transaction = uuidV7(deps.clock())
  const { id, source, target, amount, direction, reason } = funding
  const terms = { direction, source: String(source), target: String(target), amount: String(amount) }
  const result = await submitPrepared(
    deps,
    { actor, key },
    {
      transaction,
      kind: approve ? 'funding' : 'funding-refusal',
      legs: approve ? [{ type: 'transfer', source, target, amount }] : [],
      payload: JSON.stringify({
        ...(approve && { description: reason }),
        request: id,
        terms,
        by: by.email,
        party: by.partyId,
      }),
      effects: [{ effect: fundingDecided, row: [id, approve ? MADE : REFUSED, by.email, by.partyId, transaction] }],
    },
    { request: id },
  )
  return result.accepted ? { accepted: true, waiting: false, id } : { accepted: false, code: fundingRefusalOf(result) }
}
