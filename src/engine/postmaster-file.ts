import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What PostgreSQL's `postmaster.pid` says: the server's process, and whether it takes connections. */
export async function readPostmasterFile(dataDirectory: string): Promise<{ pid: number; ready: boolean } | undefined> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined
}
