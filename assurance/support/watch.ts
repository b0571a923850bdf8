import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../src/storage/database.ts'

export type Watch = { broken: string[]; readonly snapshots: number; stop(): Promise<void> }

const TOTALS = `
select coalesce(sum(a.balance), 0)::text as total,
  coalesce(sum(a.balance) filter (where w.namespace = 'bank' and w.number ~ '^w[0-7]$'), 0)::text as bank,
  count(*) filter (where a.balance - a.held < a.lower)::text as below
from account a left join wallet w on w.id = a.id
where a.asset_id = (select id from asset where code = 'USD' and circle = 'public')`

/** Reads all balances in one snapshot again and again: they sum up to zero, those of the eight wallets too, none beyond its limit. */
export function startWatch(db: Database): Watch {
  const broken: string[] = []
  let snapshots = 0
  let stopping = false
  async function look(): Promise<void> {
    while (!stopping) {
      // While the database is away there is nothing to see.
      const rows = await db.query<{ total: string; bank: string; below: string }>(TOTALS).catch(() => [])
      for (const row of rows) {
        snapshots++
        if (row.total !== '0' || row.bank !== '0' || row.below !== '0') broken.push(JSON.stringify(row))
      }
      await delay(rows.length === 0 ? 50 : 10)
    }
  }
  const looking = look()
  return {
    broken,
    get snapshots() {
      return snapshots
    },
    async stop() {
      stopping = true
      await looking
    },
  }
}
