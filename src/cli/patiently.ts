import { setTimeout as delay } from 'node:timers/promises'
import { LedgerUnavailable } from '../ledger/command.ts'
import { isDatabaseAway } from '../storage/database-away.ts'

/** How long a start waits for a database that is away; ms. Recovering takes a tenth of it on a slow machine. */
export const PATIENCE = 20_000

/** Does it again when the database was away: nothing of a start harms when it is done twice. */
export async function patiently<T>(patience: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const passing = isDatabaseAway(error) || error instanceof LedgerUnavailable
      if (!passing || performance.now() > deadline) throw error
      await delay(200)
    }
  }
}
