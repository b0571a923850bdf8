import type { RefusalCode } from '../../domain/refusal.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import type { MoneyResult } from '../../operations/money.ts'
import { MoneyRefusal, type MoneyRefusalCode } from '../../operations/money-refusal.ts'
import { PageProblem } from '../problem.ts'

/** `outcome-unknown`: it may have happened; the same key tells when it is sent again. */
export type FailureCode = RefusalCode | MoneyRefusalCode | 'ledger-unavailable' | 'outcome-unknown'

export type Attempt =
  | { readonly accepted: true; readonly reference: string }
  | { readonly accepted: false; readonly code: FailureCode }

/** Does what a person has confirmed; every way in which it can fail to happen is a code that the page has words for. */
export async function attempt(work: () => Promise<MoneyResult>): Promise<Attempt> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof MoneyRefusal) return { accepted: false, code: error.code }
    if (error instanceof LedgerUnavailable) {
      return { accepted: false, code: error.unknown ? 'outcome-unknown' : 'ledger-unavailable' }
    }
    throw error
  }
}

/** Whether the same form, key included, is to be sent again: an answer was not stored with the key, or is not known. */
export const isOpen = (code: FailureCode): boolean => code === 'ledger-unavailable' || code === 'outcome-unknown'

/** Of what has no answer yet the status says so; everything else is the content of the form. */
export const statusOf = (code: FailureCode): 422 | 503 => (isOpen(code) ? 503 : 422)

const KEY = /^[A-Za-z0-9_-]{22}$/

/** A form's single-use key, made with the form. */
export const makeKey = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')

/** @throws {PageProblem} when the form does not hold a key as we make them */
export function requireKey(form: ReadonlyMap<string, string>): string {
  const key = form.get('key') ?? ''
  if (!KEY.test(key)) throw new PageProblem('form-malformed')
  return key
}
