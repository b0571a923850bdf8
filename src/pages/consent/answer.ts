import { MOST_WALLETS_OF_A_CONSENT } from '../../operations/give-consent.ts'
import type { OperationRefusal } from '../../operations/input.ts'
import type { InteractionView } from '../../protocols/oauth/interactions.ts'
import type { PartyWallet } from '../../storage/party-wallets.ts'
import type { Language } from '../messages.ts'
import { consentText as text } from './messages.ts'
import { isPeriod, type Period, USUAL_PERIOD } from './periods.ts'

/** What a person chose on the form. */
export type Answer = {
  scopes: string[]
  walletIds: bigint[]
  /** undefined: none that there is */
  period: Period | undefined
}

/** What is ticked on the page. */
export type Choices = { scopes: ReadonlySet<string>; wallets: ReadonlySet<bigint>; period: Period }

/** Everything that is asked for, in every wallet, unless these are too many for one consent. */
export function firstChoices({ scopes }: InteractionView, wallets: PartyWallet[]): Choices {
  const few = wallets.length <= MOST_WALLETS_OF_A_CONSENT
  return {
    scopes: new Set(scopes),
    wallets: new Set(few ? wallets.map(({ id }) => id) : []),
    period: USUAL_PERIOD,
  }
}

export const choicesOf = ({ scopes, walletIds, period = USUAL_PERIOD }: Answer): Choices => ({
  scopes: new Set(scopes),
  wallets: new Set(walletIds),
  period,
})

/** The boxes that are ticked, of those that the page shows; there are no others to tick. */
export function readAnswer(
  form: ReadonlyMap<string, string>,
  { scopes }: InteractionView,
  wallets: PartyWallet[],
): Answer {
  const until = form.get('until')
  return {
    scopes: scopes.filter((scope) => form.has(`scope:${scope}`)),
    walletIds: wallets.filter((wallet) => form.has(`wallet:${wallet.explicit_id}`)).map(({ id }) => id),
    period: isPeriod(until) ? until : undefined,
  }
}

export type AnswerErrors = Partial<Record<'scopes' | 'wallets' | 'until', string>>

/** What is wrong with an answer, beside the part of the form that is meant. */
export function wordsFor(language: Language, { field }: OperationRefusal, { walletIds }: Answer): AnswerErrors {
  const most = MOST_WALLETS_OF_A_CONSENT
  if (field === 'scopes') return { scopes: text(language, 'no-scopes') }
  if (field !== 'wallets') return { until: text(language, 'bad-until') }
  if (walletIds.length > most) return { wallets: text(language, 'many-wallets', { most }) }
  return { wallets: text(language, 'no-wallets') }
}
