import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { BackupError } from './format.ts'
import { readParts } from './read-parts.ts'

/**
 * Reads a backup again from its file, to its end.
 * @throws {BackupError} when it is not whole: cut off, altered, or no backup
 */
export async function verifyBackup(path: string): Promise<void> {
  const unzipped = createGunzip()
  try {
    await pipeline(createReadStream(path), unzipped, async (source: AsyncIterable<Buffer>) => {
      for await (const _ of readParts(source)) {
        // The digest at the end is what counts.
      }
    })
  } catch (error) {
    if (error instanceof BackupError) throw error
    throw new BackupError(`the backup cannot be read, it was cut off or altered: ${(error as Error).message}`)
  }
}
