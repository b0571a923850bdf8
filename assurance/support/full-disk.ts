import { setTimeout as delay } from 'node:timers/promises'
import type { DatabaseConnection } from '../../src/storage/database.ts'
import { administer } from '../../test/support/database.ts'
import type { Bank } from './bank.ts'
import type { SmallDisk } from './small-disk.ts'

/** Moves a database that nobody uses to the disk: tables and indexes, while the log stays where it was. @returns the way back */
export async function moveToDisk(connection: DatabaseConnection, disk: SmallDisk): Promise<() => Promise<void>> {
  const maintenance = { ...connection, database: 'template1' }
  const space = `small_${connection.database}`
  await administer(maintenance, `create tablespace ${space} location '${disk.folder}'`)
  await administer(maintenance, `alter database ${connection.database} set tablespace ${space}`)
  return async () => {
    await administer(maintenance, `drop tablespace ${space}`)
  }
}

export type FullDisk = { indefinite: number; paidMeanwhile: number; backAfter: number }

/**
 * Fills the disk under load until nobody is paid any more, keeps it so for a while, makes room, and waits for both servers.
 * @param options.meanwhile done again and again while the disk is full
 */
export async function fillUnderLoad(
  disk: SmallDisk,
  bank: Bank,
  {
    full = 2_000,
    patience = 60_000,
    meanwhile = async () => {},
  }: { full?: number; patience?: number; meanwhile?: () => Promise<unknown> } = {},
): Promise<FullDisk> {
  const answered = () => [...bank.wishes.values()].filter(({ answers }) => answers.length > 0).length
  const failed = () => [...bank.wishes.values()].reduce((sum, { indefinite }) => sum + indefinite, 0)
  const before = failed()
  const until = performance.now() + patience
  // What the database frees itself, it uses again: the last page is gone when nothing gets through.
  for (let last = answered(), still = 0; still < 3; ) {
    if (performance.now() > until) throw new Error('the disk did not get full')
    await disk.fill(0)
    await delay(100)
    const now = answered()
    still = now === last && failed() > before ? still + 1 : 0
    last = now
  }
  const stopped = answered()
  const end = performance.now() + full
  while (performance.now() < end) {
    await disk.fill(0)
    await meanwhile().catch(() => {})
    await delay(50)
  }
  const paidMeanwhile = answered() - stopped
  await disk.free()
  const freed = performance.now()
  for (const server of [0, 1]) {
    while (!(await bank.decides(server))) {
      if (performance.now() - freed > patience) throw new Error(`server ${server} did not come back`)
      await delay(20)
    }
  }
  return { indefinite: failed() - before, paidMeanwhile, backAfter: Math.round(performance.now() - freed) }
}
