import { type Engine, startEngine } from '../../src/engine/start-engine.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { deleteHome, newHome } from '../../test/support/engines.ts'

export type OwnEngine = { engine: Engine; home: string; lines: string[]; stop(): Promise<void> }

/** A PostgreSQL of its own with the settings of production, fsync included, and Billfold's schema; deleted with its home. */
export async function startOwnEngine(home: string = newHome()): Promise<OwnEngine> {
  const lines: string[] = []
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  const engine = await startEngine({ home, log: (line) => lines.push(line) })
  const db = openDatabase(engine.connection, { connections: 1 })
  await migrate(db).finally(() => db.close())
  return {
    engine,
    home,
    lines,
    async stop() {
      await engine.stop()
      await deleteHome(home)
    },
  }
}
