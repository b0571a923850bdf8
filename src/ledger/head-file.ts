import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withFileLock } from './file-lock.ts'
import type { JournalHead } from './journal.ts'

/** The last known row of each journal stream, kept outside the database: a journal whose end was cut off shows by it. */
export type HeadFile = {
  /** Takes note; written within `HEAD_FILE_DELAY`. Never waits and never throws, because it stands in the way of payments. */
  onHead(head: JournalHead): void
  /** Writes what is noted. Resolves also when it could not be written; that is logged. */
  flush(): Promise<void>
}

/** ms: of the heads that come within that time only the last is written. */
export const HEAD_FILE_DELAY = 250

/** The file is not as it was written: damaged, changed, or written under another key. */
export class HeadFileError extends Error {
  override name = 'HeadFileError'
}

type Log = { error(fields: object, message: string): void }

/**
 * Adds to what the file holds already: heads of earlier streams stay, and several processes may write to one file. A file that
 * cannot be read is set aside under another name.
 * @param journalKey 32 bytes; proves that the file is ours
 */
export function createHeadFile(path: string, journalKey: Buffer, log: Log): HeadFile {
  const noted = new Map<number, JournalHead>()
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let changed = false
  let logged = false

  async function write(): Promise<void> {
    if (!changed) return
    changed = false
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      // Between reading and writing nobody else's heads may come in: they would be lost.
      await withFileLock(path, add)
      logged = false
    } catch (error) {
      changed = true
      if (!logged)
        log.error({ err: error, path }, 'the journal heads cannot be written; it is tried again with the next ones')
      logged = true
    }
  }

  async function add(): Promise<void> {
    const before = await readHeads(path, journalKey).catch(async (error) => {
      if (!(error instanceof HeadFileError)) throw error
      const aside = `${path}.unreadable-${randomBytes(4).toString('hex')}`
      log.error({ err: error, aside }, 'the file of journal heads cannot be read and is set aside')
      await rename(path, aside)
      return []
    })
    await replaceFile(path, render(latest([...before, ...noted.values()]), journalKey))
  }

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    writing = writing.then(write)
    return writing
  }

  return {
    onHead(head) {
      noted.set(head.stream, head)
      changed = true
      if (timer) return
      timer = setTimeout(flush, HEAD_FILE_DELAY)
      timer.unref()
    },
    flush,
  }
}

/**
 * The heads that the file names; none if there is no file.
 * @throws HeadFileError
 */
export async function readHeads(path: string, journalKey: Buffer): Promise<JournalHead[]> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return []
  let file: { heads: { stream: number; seq: string; hash: string }[]; mac: string }
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw new HeadFileError(`${path} is no JSON`, { cause: error })
  }
  const expected = macOf(JSON.stringify(file?.heads ?? null), journalKey)
  const mac = Buffer.from(String(file?.mac), 'hex')
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    throw new HeadFileError(`${path} was changed, or written under another key`)
  }
  return file.heads.map(({ stream, seq, hash }) => ({ stream, seq: BigInt(seq), hash: Buffer.from(hash, 'hex') }))
}

/** Of each stream the head that is furthest on, in the order of the streams. */
function latest(heads: readonly JournalHead[]): JournalHead[] {
  const byStream = new Map<number, JournalHead>()
  for (const head of heads) {
    const other = byStream.get(head.stream)
    if (!other || head.seq >= other.seq) byStream.set(head.stream, head)
  }
  return [...byStream.values()].sort((a, b) => a.stream - b.stream)
}

function render(heads: readonly JournalHead[], journalKey: Buffer): string {
  const list = heads.map(({ stream, seq, hash }) => ({ stream, seq: String(seq), hash: hash.toString('hex') }))
  const mac = macOf(JSON.stringify(list), journalKey).toString('hex')
  return `${JSON.stringify({ heads: list, mac }, null, 1)}\n`
}

/** The prefix keeps it apart from the journal's own hashes, which the same key makes. */
function macOf(heads: string, journalKey: Buffer): Buffer {
  return createHmac('sha256', journalKey).update('billfold journal heads\n').update(heads).digest()
}

/** Whoever reads the file, also after a power cut, finds the old or the new one. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
