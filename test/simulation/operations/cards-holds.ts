import { hasCome, reserved } from './books.ts'
import type { CardState, Hold } from './cards-state.ts'
import type { During, Next } from './search.ts'

/** What was held of a card is free again. */
export function freed(state: CardState, id: string, change: Partial<Hold>): CardState {
  const hold = state.holds[id] as Hold
  const after = reserved(state, { source: hold.card, target: 'shop', amount: -hold.amount })
  return { ...after, holds: { ...after.holds, [id]: { ...hold, open: false, ...change } } }
}

/**
 * A hold whose time is over ends in the first batch that locks one of its accounts, before anything else is decided. What is refused,
 * or repeated, may have been so before the ledger was asked, and then nothing has ended.
 * @param card of which the account is locked; null: that of the shop, which all holds lead to
 */
export function overHolds(
  state: CardState,
  during: During,
  card: string | null,
  decide: (state: CardState) => Next<CardState>[],
): Next<CardState>[] {
  const over = Object.entries(state.holds).filter(
    ([, hold]) => hold.open && (card === null || hold.card === card) && hasCome(hold.ends, during) !== false,
  )
  if (over.length === 0) return decide(state)
  let variants = [state]
  for (const [id, hold] of over) {
    const ended = variants.map((one) => freed(one, id, { expired: true }))
    variants = hasCome(hold.ends, during) === true ? ended : [...variants, ...ended]
  }
  const untouched = decide(state).filter((next) => next.answer.startsWith('no') || next.state === state)
  return [...variants.flatMap(decide), ...untouched]
}
