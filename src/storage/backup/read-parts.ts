import { createHash } from 'node:crypto'
import { BackupError, type BackupHeader, END_OF_ROWS, MAGIC } from './format.ts'

/** What a backup consists of, in its order: the header, then each table's name followed by blocks of its rows. */
export type BackupPart = { header: BackupHeader } | { table: string } | { rows: Buffer } | { end: true }

const NEWLINE = 10
const LONGEST_LINE = 1 << 24
const TERMINATOR = Buffer.from(`\n${END_OF_ROWS}\n`)

/**
 * Takes a backup apart as it comes, without holding a table in memory; `end` comes only after the digest of everything was right.
 * @throws {BackupError} when it is none, or was cut off or altered
 */
export async function* readParts(source: AsyncIterable<Buffer>): AsyncGenerator<BackupPart> {
  const hash = createHash('sha256')
  const input = source[Symbol.asyncIterator]()
  let buffer: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { value, done } = await input.next()
    if (!done) buffer = Buffer.concat([buffer, value])
    return !done
  }
  const take = (length: number): Buffer => {
    const part = buffer.subarray(0, length)
    buffer = buffer.subarray(length)
    hash.update(part)
    return part
  }
  async function line(): Promise<string> {
    for (;;) {
      const at = buffer.indexOf(NEWLINE)
      // The digest is not part of what it is over.
      if (at >= 0) {
        const text = buffer.toString('utf8', 0, at)
        if (text.startsWith('sha256 ')) buffer = buffer.subarray(at + 1)
        else take(at + 1)
        return text
      }
      if (buffer.length > LONGEST_LINE || !(await more())) throw new BackupError('the backup was cut off')
    }
  }

  if ((await line()) !== MAGIC) throw new BackupError('this is no backup of Billfold')
  yield { header: JSON.parse(await line()) as BackupHeader }
  for (;;) {
    const text = await line()
    if (text.startsWith('sha256 ')) {
      if (text !== `sha256 ${hash.digest('hex')}`) throw new BackupError('the backup was altered: its digest is wrong')
      if (buffer.length > 0 || (await more())) throw new BackupError('something follows the end of the backup')
      yield { end: true }
      return
    }
    if (!text.startsWith('table ')) throw new BackupError('the backup is damaged')
    yield { table: text.slice('table '.length) }
    yield* rows()
  }

  async function* rows(): AsyncGenerator<BackupPart> {
    // A table without rows ends where it begins.
    while (buffer.length < TERMINATOR.length - 1) if (!(await more())) throw new BackupError('the backup was cut off')
    if (buffer.subarray(0, TERMINATOR.length - 1).equals(TERMINATOR.subarray(1))) {
      take(TERMINATOR.length - 1)
      return
    }
    for (;;) {
      const at = buffer.indexOf(TERMINATOR)
      if (at >= 0) {
        yield { rows: Buffer.from(take(at + 1)) }
        take(TERMINATOR.length - 1)
        return
      }
      // What may be the beginning of the end stays.
      const safe = buffer.length - TERMINATOR.length
      if (safe > 0) yield { rows: Buffer.from(take(safe)) }
      if (!(await more())) throw new BackupError('the backup was cut off')
    }
  }
}
