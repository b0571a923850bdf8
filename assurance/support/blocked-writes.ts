import { setTimeout as delay } from 'node:timers/promises'
import { uuidV7 } from '../../src/domain/uuid.ts'
import type { Ledger } from '../../src/ledger/command.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { command, openAccounts, transfer } from '../../test/support/ledger.ts'
import { IDLE_ACCOUNTS } from './old-base.ts'

export type Write = { what: string; ms: number }

/** Tables with rows, and a column of each to write. */
const listWritten = (db: Database) =>
  db.query<{ name: string; column: string }>(
    `select c.relname as name, (array_agg(a.attname order by a.attnum desc))[1] as column
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       and a.attgenerated = '' and a.attidentity = ''
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.reltuples > 100 group by 1 order by 1`,
  )

/**
 * Two callers who pay through the ledger, and two who go round all tables that have rows and write one row of each; what is
 * written is what stood there. Writers know no time of quiet: the longest that one of them waited is what a user would have.
 */
export async function startWrites(db: Database, ledger: Ledger, assetId: number) {
  const accounts = Array.from({ length: 20 }, (_, i) => BigInt(IDLE_ACCOUNTS + i))
  await openAccounts(
    ledger,
    assetId,
    accounts.map((id) => [id, null, null] as const),
  )
  const direct = openDatabase(db.connection, { connections: 2 })
  let longest: Write = { what: '', ms: 0 }
  let count = 0
  let stopped = false
  async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
    const from = performance.now()
    await work()
    const ms = performance.now() - from
    count++
    if (ms > longest.ms) longest = { what, ms }
  }
  async function pay(i: number): Promise<void> {
    while (!stopped) {
      const [source, target] = [accounts[i % 20] as bigint, accounts[(i + 7) % 20] as bigint]
      const id = uuidV7(Date.now())
      await timed('payment', () => ledger.submit(command([transfer(source, target, 1n)], { id, content: id })))
      i++
      await delay(5)
    }
  }
  async function touch(from: number): Promise<void> {
    for (let i = from; !stopped; ) {
      for (const { name, column } of await listWritten(db)) {
        const row = `(select ctid from "${name}" offset ${(i * 37) % 100} limit 1)`
        await timed(name, () => direct.query(`update "${name}" set "${column}" = "${column}" where ctid = ${row}`))
        i++
        await delay(2)
        if (stopped) break
      }
    }
  }
  const running = Promise.all([pay(0), pay(3), touch(0), touch(50)])
  running.catch(() => {})
  return {
    /** The longest write since the last call, and how many there were. */
    async take(): Promise<{ longest: Write; count: number }> {
      // What waits now ends in this time.
      await delay(150)
      const taken = { longest, count }
      longest = { what: '', ms: 0 }
      count = 0
      return taken
    },
    async stop(): Promise<void> {
      stopped = true
      await running
      await direct.close()
    },
  }
}
