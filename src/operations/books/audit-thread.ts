import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { type AuditProgress, type AuditReport, audit, type Finding } from '../../ledger/audit.ts'
import { HeadFileError, readHeads } from '../../ledger/head-file.ts'
import type { JournalHead } from '../../ledger/journal.ts'
import { type DatabaseConnection, openDatabase } from '../../storage/database.ts'

/** `headFile`: where the last rows of the journal are kept outside the database. */
export type AuditStart = { connection: DatabaseConnection; journalKey: Uint8Array; headFile: string }

type Message =
  | { type: 'progress'; progress: AuditProgress }
  | { type: 'done'; report: Omit<AuditReport, 'heads'> }
  | { type: 'failed'; message: string }

// A report names at most some thousands of rows; the books themselves are read in blocks.
const LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 }

/** The audit in a thread with connections of its own: hashing a whole journal must not keep payments waiting. */
export async function auditInThread(
  start: AuditStart,
  onProgress: (progress: AuditProgress) => void,
): Promise<Omit<AuditReport, 'heads'>> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { auditStart: start },
    resourceLimits: LIMITS,
    name: 'audit',
  })
  // A server that is told to stop does not wait for it: the run is then shown as lost.
  worker.unref()
  try {
    return await new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('the thread of the audit has ended')))
      worker.on('message', (message: Message) => {
        if (message.type === 'progress') onProgress(message.progress)
        else if (message.type === 'done') resolve(message.report)
        else reject(new Error(message.message))
      })
    })
  } finally {
    await worker.terminate()
  }
}

async function run({ connection, journalKey, headFile }: AuditStart, port: MessagePort): Promise<void> {
  const tell = (message: Message) => port.postMessage(message)
  const db = openDatabase(connection, { connections: 1 })
  const end = await look(db, Buffer.from(journalKey), headFile, (progress) =>
    tell({ type: 'progress', progress }),
  ).then(
    (report): Message => ({ type: 'done', report }),
    (error: Error): Message => ({ type: 'failed', message: error.message }),
  )
  // The thread is ended as soon as it has told.
  await db.close()
  tell(end)
}

async function look(
  db: ReturnType<typeof openDatabase>,
  journalKey: Buffer,
  headFile: string,
  onProgress: (progress: AuditProgress) => void,
): Promise<Omit<AuditReport, 'heads'>> {
  // Read before the books are: what is committed in between is no gap.
  const { known, problem } = await readKnown(headFile, journalKey)
  const { heads: _, ...report } = await audit(db, { journalKey, knownHeads: known, onProgress })
  return problem ? { ...report, clean: false, findings: [problem, ...report.findings] } : report
}

async function readKnown(path: string, key: Buffer): Promise<{ known: JournalHead[]; problem: Finding | null }> {
  try {
    return { known: await readHeads(path, key), problem: null }
  } catch (error) {
    if (!(error instanceof HeadFileError)) throw error
    return { known: [], problem: { check: 'journal', table: 'file', row: path, message: error.message, suspects: [] } }
  }
}

if (!isMainThread && parentPort && workerData?.auditStart) await run(workerData.auditStart as AuditStart, parentPort)
