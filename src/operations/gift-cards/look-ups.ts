import { createBatchedLookup } from '../../storage/batched-lookup.ts'
import type { Sql } from '../../storage/database.ts'
import { findPartnerRequests, type PartnerRequestKey, type PartnerRequestRow } from '../../storage/orders.ts'
import { findFloat } from '../../storage/partners.ts'
import { nextAccountIds } from '../../storage/wallets.ts'

/** What every sale looks up, at less than a query for each sale. One set in a process. */
export type GiftLookUps = {
  /** what a request's id was used for; sees what was committed before it is asked */
  request(key: PartnerRequestKey): Promise<PartnerRequestRow | undefined>
  /** the account that a partner pays from */
  float(partnerId: string, assetId: number): Promise<bigint | undefined>
  /** a new account's id */
  accountId(): Promise<bigint>
}

/** Ids that a process ends without using are lost, which harms nobody. */
const ACCOUNT_IDS = 200
const MOST_FLOATS = 10_000

export function createGiftLookUps(db: Sql): GiftLookUps {
  const request = createBatchedLookup((keys: readonly PartnerRequestKey[]) => findPartnerRequests(db, keys))
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
    request,
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
