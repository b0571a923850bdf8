import { open, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** What is done under the lock takes milliseconds; whoever held it for so long is gone. ms */
const STALE = 2_000
const PAUSE = 5

/**
 * Runs `work` while no other process that asks here for the same file does. A lock whose holder was killed is taken over; in the
 * moment of that two may run beside each other, so this serves where that costs little.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  for (;;) {
    const file = await open(lock, 'wx', 0o600).catch((error) => {
      if (error.code !== 'EEXIST') throw error
      return null
    })
    if (file) {
      await file.close()
      break
    }
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (Math.abs(age) > STALE) await rm(lock, { force: true })
    await delay(PAUSE)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
