import type { LinkedCard } from '../../storage/card-links.ts'

export { brandTexts } from '../../domain/brand-texts.ts'
export { formatDay as dayText } from '../../domain/format.ts'

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
