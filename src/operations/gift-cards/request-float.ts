import { randomInt } from 'node:crypto'
import { uuidV7 } from '../../domain/uuid.ts'
import { type FloatRequestRow, findFloatRequest, insertFloatRequest } from '../../storage/float-requests.ts'
import { findFloatOf, type Partner } from '../../storage/partners.ts'
import { DEFAULT_CIRCLE } from '../open-wallet.ts'
import type { GiftDeps } from './gift-deps.ts'

export type FloatWish = {
  readonly partner: Partner
  readonly currency: string
  /** minor units */
  readonly amount: bigint
  /** the partner's own name for the payment, used once; one is made where there is none */
  readonly reference?: string | undefined
  /** who to write to, and what an invoice says */
  readonly details: object
}

// Without letters that are mistaken for digits: people type it into the form of a bank.
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'
const MADE = new RegExp(`^BF[${LETTERS}]{12}$`)

/** A reference for a form that has none yet: sent twice, it is one request. */
export const makeReference = (): string =>
  `BF${Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`

export const isMadeReference = (text: string): boolean => MADE.test(text)

/**
 * Asks for money to be put into a float. An operator decides. The same again under the same reference is the same request.
 * @returns `float-missing`: there is no float in the currency; `reference-used`: by a request for something else
 */
export async function requestFloat(
  deps: GiftDeps,
  { partner, currency, amount, reference, details }: FloatWish,
): Promise<FloatRequestRow | { refusal: 'float-missing' | 'reference-used' }> {
  const float = await findFloatOf(deps.db, partner.id, currency, DEFAULT_CIRCLE)
  if (!float) return { refusal: 'float-missing' }
  const now = deps.clock()
  const row = {
    id: uuidV7(now),
    partnerId: partner.id,
    assetId: float.asset_id,
    reference: reference ?? makeReference(),
    amount,
    details,
    at: new Date(now),
  }
  await insertFloatRequest(deps.db, row)
  const found = await findFloatRequest(deps.db, { partnerId: partner.id, reference: row.reference })
  if (!found) throw new Error('a request for money is gone')
  const same = found.asset_id === row.assetId && found.amount === amount
  return same ? found : { refusal: 'reference-used' }
}
