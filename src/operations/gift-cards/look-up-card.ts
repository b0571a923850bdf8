import { isCardCode, normaliseCardCode } from '../../credentials/card-codes.ts'
import { createThrottle } from '../../credentials/throttle.ts'
import type { OwnCard } from '../../storage/card-use.ts'
import type { GiftDeps } from './gift-deps.ts'
import { findCardOfCode } from './use-card.ts'

/** `wait`: seconds for which nothing is looked up. */
export type LookedUp =
  | { readonly status: 'found'; readonly card: OwnCard }
  | { readonly status: 'unknown' }
  | { readonly status: 'wait'; readonly seconds: number }

/**
 * The card that a code names, for a merchant. Codes that could be ours and are not are counted for the merchant and for the
 * address, and from some number on nothing is looked up for a while. A code whose check symbol is wrong was mistyped: nobody
 * guesses such ones, and so a shop's slips of the finger keep nobody waiting.
 * @param asker.id of the API key or the party
 */
export async function lookUpCard(
  deps: Pick<GiftDeps, 'db' | 'keyring' | 'cardHasher'>,
  code: string,
  asker: { id: string; address: string },
): Promise<LookedUp> {
  if (!isCardCode(normaliseCardCode(code))) return { status: 'unknown' }
  const throttle = createThrottle(deps.keyring)
  const keys = [
    { rule: 'code-address', of: asker.address },
    { rule: 'code-key', of: asker.id },
  ] as const
  const pause = await throttle.pause(deps.db, ...keys)
  if (pause > 0) return { status: 'wait', seconds: pause }
  const card = await findCardOfCode(deps, code)
  if (card) return { status: 'found', card }
  const seconds = await throttle.take(deps.db, ...keys)
  return seconds > 0 ? { status: 'wait', seconds } : { status: 'unknown' }
}
