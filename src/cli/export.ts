import { once } from 'node:events'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { type ExportFormat, exportFormats, exportLedger, type Write } from '../ledger/export.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { printJson } from './output.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { format: 'string', output: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const format = (options.format ?? (options.json ? 'jsonl' : undefined)) as ExportFormat | undefined
  if (format === undefined || !exportFormats.includes(format))
    throw new UsageError(`--format is ${exportFormats.join(', ')}`)
  if (options.output !== undefined) {
    await toFile(options.output, (write) => exportTo(format, write))
    if (options.json) printJson({ format, file: options.output })
    return 0
  }
  if (options.json && format !== 'jsonl') throw new UsageError('--json is the format jsonl')
  return toStdout((write) => exportTo(format, write))
}

function exportTo(format: ExportFormat, write: Write): Promise<void> {
  return withDatabase('reads', async ({ db }) => {
    const progress = createProgress()
    await exportLedger(db, { format }, write, ({ rows, ofRows }) =>
      progress.update(`${rows} rows`, rows, ofRows),
    ).finally(progress.end)
  })
}

async function toFile(path: string, work: (write: Write) => Promise<void>): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  let file: FileHandle
  try {
    file = await open(draft, 'wx', 0o600)
  } catch (error) {
    throw new PlainError(`${path} cannot be written: ${(error as Error).message}`)
  }
  try {
    await work(async (text) => {
      await file.writeFile(text)
    })
    await file.sync()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** The reader may have seen enough (`| head`): then nothing is wrong, and nothing more is read. */
async function toStdout(work: (write: Write) => Promise<void>): Promise<number> {
  const { stdout } = process
  const gone = new Promise<never>((_, reject) => stdout.on('error', reject))
  gone.catch(() => {})
  try {
    await work((text) => {
      if (stdout.destroyed) throw Object.assign(new Error('the output was closed'), { code: 'EPIPE' })
      return stdout.write(text) ? undefined : Promise.race([once(stdout, 'drain').then(() => {}), gone])
    })
    return 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    return 1
  }
}
