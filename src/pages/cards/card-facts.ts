import type { LinkedCard } from '../../storage/card-links.ts'
import type { Language } from '../messages.ts'

export type CardState = 'active' | 'blocked' | 'expired' | 'ended' | 'spent'

/** @param now ms since the epoch */
export function stateOf(
  card: Pick<LinkedCard, 'status' | 'end_how' | 'expires_at' | 'balance'>,
  now: number,
): CardState {
  if (card.end_how === 'expired') return 'expired'
  if (card.status === 'ended') return 'ended'
  if (card.expires_at !== null && card.expires_at.getTime() <= now) return 'expired'
  if (card.status === 'blocked') return 'blocked'
  return card.balance === 0n ? 'spent' : 'active'
}

/** Good green, bad red, the rest grey. */
export const TONES: Record<CardState, string> = {
  active: 'good',
  blocked: 'bad',
  expired: 'over',
  ended: 'over',
  spent: 'over',
}

/** In groups of four, as people read them aloud. */
export const grouped = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1 ')

const LOCALES: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }

export const dayText = (at: Date, language: Language): string =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long', timeZone: 'UTC' }).format(at)

/** What the brand says, under the names of either protocol; of a text in several languages the reader's. */
export function brandTexts(texts: Readonly<Record<string, unknown>>, language: Language) {
  const text = (...names: string[]) =>
    names
      .map((name) => textOf(texts[name], language))
      .filter((one) => one !== '')
      .join('\n')
  return {
    use: text('how_to_use') || text('how_to_use_offline', 'how_to_use_online'),
    terms: text('terms') || text('term_of_use', 'terms_of_use'),
  }
}

function textOf(value: unknown, language: Language): string {
  if (typeof value === 'string') return value.trim()
  if (typeof value !== 'object' || value === null) return ''
  const own = (value as Record<string, unknown>)[language] ?? (value as Record<string, unknown>).en
  return typeof own === 'string' ? own.trim() : ''
}
