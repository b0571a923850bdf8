import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { identify } from '../../src/engine/process-identity.ts'
import type { DatabaseConnection } from '../../src/storage/database.ts'

const script = fileURLToPath(new URL('./engine-process.ts', import.meta.url))

/** Path of a home that does not exist yet. */
export function newHome(): string {
  return join(tmpdir(), `home-${randomBytes(6).toString('hex')}`)
}

/** What belongs to the home outside it, if anything: where root keeps the data of a home that PostgreSQL cannot enter. */
export function folderElsewhere(home: string): string | undefined {
  const marker = join(home, 'data-elsewhere')
  return existsSync(marker) ? readFileSync(marker, 'utf8').trim() : undefined
}

/** Deletes a home whose server is gone, with its database. */
export async function deleteHome(home: string): Promise<void> {
  const far = folderElsewhere(home)
  for (const folder of far === undefined ? [home] : [far, home])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

export type EngineProcess = {
  child: ChildProcess
  postmaster: number
  connection: DatabaseConnection
}

/** An engine in a process of its own. It has inserted one line 'acknowledged' into the table `kept`. */
export async function spawnEngine(home: string, environment: NodeJS.ProcessEnv = {}): Promise<EngineProcess> {
  const child = spawn(process.execPath, [script, home], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const errors = text(child.stderr)
  for await (const line of createInterface({ input: child.stdout })) return { child, ...JSON.parse(line) }
  throw new Error(`the engine did not start: ${await errors}`)
}

/** Ends a process with kill -9 and waits until it is gone. */
export async function kill9(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Whether the process runs; one that only waits for its parent to take note of its end does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await identify(pid)) !== undefined
}
