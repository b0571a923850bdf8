import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { DatabaseConnection } from '../../src/storage/database.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export type Ran = { status: number | null; stdout: string; stderr: string }

export type RunOptions = { env?: Record<string, string>; input?: string }

const { PATH, TMPDIR, NODE_COMPILE_CACHE } = process.env
const needed = { PATH, TMPDIR, NODE_COMPILE_CACHE }

/** Runs the command line in a process of its own, with nothing of this one's environment but what Node needs. */
export async function billfold(args: string[], { env = {}, input = '' }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...needed, BILLFOLD_MODE: 'sandbox', ...env },
  })
  const exit = once(child, 'exit')
  child.stdin.on('error', () => {}).end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [status] = await exit
  return { status, stdout, stderr }
}

/** A connection as `DATABASE_URL`. */
export function databaseUrl({ host, port, user, database, password }: DatabaseConnection): string {
  const url = new URL(`postgres://localhost:${port}/${encodeURIComponent(database)}`)
  url.username = encodeURIComponent(user)
  if (password !== undefined) url.password = encodeURIComponent(password)
  url.searchParams.set('host', host)
  return url.href
}
