import type { Config } from '../config.ts'
import { runningConnection, startEngine } from '../engine/start-engine.ts'
import type { DatabaseConnection } from '../storage/database.ts'

export type FoundDatabase = { connection: DatabaseConnection; stop(): Promise<void> }

/**
 * The database of this configuration: the one of `DATABASE_URL`, that of the server that runs on the home, or the embedded
 * one, started for this command and stopped after it.
 */
export async function findDatabase(config: Config, log: (line: string) => void): Promise<FoundDatabase> {
  if (config.database) return { connection: config.database, stop: async () => {} }
  const running = await runningConnection(config.home)
  if (running) return { connection: running, stop: async () => {} }
  return startEngine({ home: config.home, log })
}
