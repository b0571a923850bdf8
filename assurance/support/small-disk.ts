import { execFile } from 'node:child_process'
import { chown, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chooseAccount } from '../../src/engine/account.ts'

const run = promisify(execFile)

export type SmallDisk = {
  /** belongs to the account that PostgreSQL runs under */
  folder: string
  /** Fills it but for so many bytes. */
  fill(leave: number): Promise<void>
  /** Deletes what filled it. */
  free(): Promise<void>
  remove(): Promise<void>
}

/** A disk of so many MB in memory; null where this machine lets nobody mount one. */
export async function makeSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).then(
    () => true,
    () => false,
  )
  if (!mounted) {
    await rm(folder, { recursive: true })
    return null
  }
  const { uid, gid } = await chooseAccount(undefined)
  const inside = join(folder, 'data')
  await mkdir(inside, { mode: 0o700 })
  await chown(inside, uid, gid)
  await chown(folder, uid, gid)
  const ballast = join(folder, 'ballast')
  return {
    folder: inside,
    async fill(leave) {
      const file = await open(ballast, 'a')
      const block = Buffer.alloc(64 * 1024, 1)
      try {
        for (;;) {
          const { bavail, bsize } = await statfs(folder)
          const room = bavail * bsize - leave
          if (room < bsize) break
          await file.write(block, 0, Math.min(block.length, room))
        }
      } catch (error) {
        // Somebody else took the last of it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    free: () => rm(ballast, { force: true }),
    async remove() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
