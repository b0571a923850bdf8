import { createBatchedLookup } from '../../storage/batched-lookup.ts'
import type { Sql } from '../../storage/database.ts'
import { findPartnerRequests, type PartnerRequestKey, type PartnerRequestRow } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { nextAccountIds } from '../../storage/wallets.ts'

/** What every sale looks up, at less than a query for each sale. One set in a process. */
export type GiftLookUps = {
  /** what a request's id was used for; sees what was committed before it is asked */
  request(key: PartnerRequestKey): Promise<PartnerRequestRow | undefined>
  /** whether repeats are likely, so that an id is looked up before it is used; otherwise its use tells */
  expectsRepeats(): boolean
  /** Does the work of a request, after that of one with the same id that this process has in hand. */
  inTurn<T>(key: PartnerRequestKey, work: (afterTwin: boolean) => Promise<T>): Promise<T>
  /** the account that a partner pays from */
  float(partnerId: string, assetId: number): Promise<bigint | undefined>
  /** a new account's id */
  accountId(): Promise<bigint>
}

/** Ids that a process ends without using are lost, which harms nobody. */
const ACCOUNT_IDS = 200
const MOST_FLOATS = 10_000
/**
 * Repeats come together, after a start and after trouble. A repeat that is not expected costs its batch a few commits, a look-up
 * a fourteenth of a sale: so the first of them makes the next ones expected.
 */
const REPEATS_FOLLOW = 10_000

/** @param repeatsFollow ms after a start, and after each repeat, for which more are expected */
export function createGiftLookUps(db: Sql, repeatsFollow = REPEATS_FOLLOW): GiftLookUps {
  const find = createBatchedLookup((keys: readonly PartnerRequestKey[]) => findPartnerRequests(db, keys))
  let expected = performance.now() + repeatsFollow
  const inHand = new Map<string, Promise<unknown>>()
  // A float is opened once and for all.
  const floats = new Map<string, bigint>()
  let ids: bigint[] = []
  let fetching: Promise<void> | null = null

  async function fetchIds(): Promise<void> {
    try {
      ids = await nextAccountIds(db, ACCOUNT_IDS)
    } finally {
      fetching = null
    }
  }

  return {
    async request(key) {
      const found = await find(key)
      if (found) expected = performance.now() + repeatsFollow
      return found
    },
    expectsRepeats: () => performance.now() < expected,
    async inTurn({ partnerId, scope, requestId }, work) {
      const key = JSON.stringify([partnerId, scope, requestId])
      const twin = inHand.get(key)
      if (twin) {
        await twin.catch(() => {})
        return work(true)
      }
      const mine = work(false)
      inHand.set(key, mine)
      return mine.finally(() => inHand.delete(key))
    },
    async float(partnerId, assetId) {
      const key = `${partnerId} ${assetId}`
      const known = floats.get(key)
      if (known !== undefined) return known
      const found = await findFloat(db, partnerId, assetId)
      if (floats.size >= MOST_FLOATS) floats.clear()
      if (found !== undefined) floats.set(key, found)
      return found
    },
    async accountId() {
      for (;;) {
        const id = ids.pop()
        if (id !== undefined) return id
        fetching ??= fetchIds()
        await fetching
      }
    },
  }
}
