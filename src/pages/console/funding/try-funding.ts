import { LedgerUnavailable } from '../../../ledger/command.ts'
import type { FundingRefusal } from '../../../operations/funding/funding-refusal.ts'
import type { FundingResult } from '../../../operations/funding/move-funds.ts'
import type { Language } from '../../messages.ts'
import { words } from '../../wallet/words.ts'
import { refusalWords } from './words.ts'

/** `code` is null where there is no answer: the same form, key included, is to be sent again. */
export type FundingTried =
  | Extract<FundingResult, { accepted: true }>
  | { readonly accepted: false; readonly code: FundingRefusal | null; readonly text: string }

/** Does it, and says in words why it was not done. */
export async function tryFunding(work: () => Promise<FundingResult>, language: Language): Promise<FundingTried> {
  try {
    const result = await work()
    return result.accepted ? result : { ...result, text: refusalWords(result.code, language) }
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    return { accepted: false, code: null, text: words(language, error.unknown ? 'unknown' : 'unavailable') }
  }
}
