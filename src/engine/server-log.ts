import { copyFile, mkdir, open, readFile, rename, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'

const limitBytes = 10 * 1024 * 1024
const checkMilliseconds = 10 * 60_000

/** PostgreSQL's log in a home: one file and one before it, about 10 MiB each. */
export type ServerLog = {
  file: string
  /** to be the server's standard error; in append mode, so that cutting the file is safe */
  descriptor: number
  /** the last line of the given kinds written since the log was opened */
  lastLine(kinds: string[]): Promise<string | undefined>
  close(): Promise<void>
}

export async function openServerLog(home: string): Promise<ServerLog> {
  const folder = join(home, 'logs')
  const file = join(folder, 'postgres.log')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await sizeOf(file)) > limitBytes) await rename(file, `${file}.1`)
  const handle = await open(file, 'a', 0o600)
  let opened = (await handle.stat()).size
  const timer = setInterval(async () => {
    // The server keeps the file open, so it is copied and cut, not renamed.
    if ((await sizeOf(file)) <= limitBytes) return
    await copyFile(file, `${file}.1`).catch(() => {})
    await truncate(file).catch(() => {})
    opened = 0
  }, checkMilliseconds)
  timer.unref()
  return {
    file,
    descriptor: handle.fd,
    async lastLine(kinds) {
      const lines = (await readFile(file)).subarray(opened).toString().split('\n')
      return lines.findLast((line) => kinds.some((kind) => line.includes(`${kind}:  `)))
    },
    async close() {
      clearInterval(timer)
      await handle.close()
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  )
}
