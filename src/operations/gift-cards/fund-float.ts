import { hash as digest } from 'node:crypto'
import type { RefusalCode } from '../../domain/refusal.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command } from '../../ledger/command.ts'
import { findFloatOf } from '../../storage/partners.ts'
import { findWallet } from '../../storage/wallets.ts'
import { OperationRefusal } from '../input.ts'
import { DEFAULT_CIRCLE, type WalletDeps } from '../open-wallet.ts'
import { normalWalletId } from '../show-wallet.ts'
import { readAmount } from './brand-input.ts'
import { requirePartnerListing } from './require-brand.ts'

export type FundFloatInput = {
  partner: string
  currency: string
  circle?: string
  /** the wallet that pays, such as a gateway's: explicit or opaque id */
  source: string
  /** in the currency */
  amount: number | string
  description?: string
  /** the caller's own name for it: repeated under it, nothing more is moved */
  key?: string
}

/** What was put into a float; `reference` is the transaction's. */
export type FundedFloat = {
  reference: string
  partner: string
  source: string
  target: string
  currency: string
  /** minor units */
  amount: bigint
  exponent: number
}

const REASONS: Partial<Record<RefusalCode, [string, string]>> = {
  'unavailable-funds': ['source', 'the source has not that much'],
  'source-frozen': ['source', 'the source is frozen'],
  'source-closed': ['source', 'the source is closed'],
  'target-closed': ['currency', 'the float is closed'],
  'unreceivable-funds': ['amount', 'the float may not hold that much'],
  'same-account': ['source', 'the source is the float itself'],
  'idempotency-conflict': ['key', 'the key was used before for something else'],
}

function keyOf(value: string, { partner, source, target, amount }: FundedFloat) {
  const hash = digest('sha256', JSON.stringify([partner, source, target, String(amount)]))
  return { value, hash: hash.slice(0, 32) }
}

/** Puts money into a partner's float. @param also what else is written in the transaction @throws {OperationRefusal} */
export async function fundFloat(
  deps: WalletDeps,
  actor: string,
  input: FundFloatInput,
  also: (funded: FundedFloat) => NonNullable<Command['effects']> = () => [],
): Promise<FundedFloat> {
  const partner = await requirePartnerListing(deps.db, input.partner)
  const circle = input.circle ?? DEFAULT_CIRCLE
  const float = await findFloatOf(deps.db, partner.id, input.currency, circle)
  if (!float) throw new OperationRefusal('not_found', 'currency', `the partner has no float in ${input.currency}`)
  const source = await findWallet(deps.db, normalWalletId(input.source, 'source'))
  if (!source) throw new OperationRefusal('not_found', 'source', 'there is no such wallet')
  if (source.asset.id !== float.asset_id)
    throw new OperationRefusal('invalid_input', 'source', 'the source is not in the currency and circle of the float')
  const amount = readAmount('amount', input.amount, source.asset.exponent)
  const { code: currency, exponent } = source.asset
  const transaction = uuidV7(deps.clock())
  const target = float.explicit_id
  const funded = {
    reference: transaction,
    partner: partner.slug,
    source: source.explicitId,
    target,
    currency,
    amount,
    exponent,
  }
  const { outcome, answer } = await deps.ledger.submit({
    principal: actor,
    transaction,
    kind: 'float-funding',
    legs: [{ type: 'transfer', source: source.id, target: float.wallet_id, amount }],
    payload: JSON.stringify({
      partner: partner.slug,
      ...(input.description !== undefined && { description: input.description }),
    }),
    effects: also(funded),
    ...(input.key !== undefined && { key: keyOf(input.key, funded) }),
    answer: ({ accepted }) => ({ status: 0, body: JSON.stringify({ accepted, reference: transaction }) }),
  })
  if (outcome === null) {
    const { accepted, reference } = JSON.parse(answer.body) as { accepted: boolean; reference: string }
    if (accepted) return { ...funded, reference }
    throw new OperationRefusal('conflict', 'key', 'it was refused under this key: take another one')
  }
  if (outcome.accepted) return funded
  const { code } = outcome.refusal
  const [field, message] = REASONS[code] ?? ['amount', `the ledger refused it: ${code}`]
  throw new OperationRefusal(code === 'already-exists' ? 'already_exists' : 'conflict', field, message)
}
