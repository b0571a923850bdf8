import type { KeyObject } from 'node:crypto'
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { createCardHasher } from '../../credentials/card-codes.ts'
import { createSealer, type Keyring, type SealingKey } from '../../credentials/keyring.ts'
import { type DatabaseConnection, openDatabase } from '../../storage/database.ts'
import { OperationRefusal, type OperationRefusalCode } from '../input.ts'
import { type ImportDeps, importStock } from './import-stock.ts'
import { type ImportedStock, type StockUpload, UploadConflict, UploadTooLarge } from './stock-upload.ts'

type Progress = Parameters<NonNullable<StockUpload['onProgress']>>[0]

type Start = {
  connection: DatabaseConnection
  sealing: SealingKey
  hashing: KeyObject
  upload: Omit<StockUpload, 'source' | 'onProgress'>
}

/** To the thread: the next piece of the upload; null: that was all. */
type Piece = Uint8Array | null

/** From the thread. `next`: it wants a piece. */
type Message =
  | { type: 'next' }
  | { type: 'progress'; progress: Progress }
  | { type: 'warning'; fields: object; message: string }
  | { type: 'done'; imported: ImportedStock }
  | { type: 'failed'; failure: Failure }

type Failure = { name: string; message: string; code?: OperationRefusalCode; field?: string }

// Sealing leaves kilobytes of garbage for each line. A heap of its own, kept small, is what keeps the server's from growing.
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 }

/**
 * {@link importStock} in a thread with a heap and database connections of its own: a large upload takes neither time nor memory
 * from the requests. Takes a piece of the upload when it has use for it.
 */
export async function importStockInThread(
  deps: ImportDeps & { keyring: Keyring },
  { source, onProgress, ...upload }: StockUpload,
): Promise<ImportedStock> {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: {
      connection: deps.db.connection,
      sealing: deps.keyring.sealingKey,
      hashing: deps.cardHasher.key,
      upload,
    } satisfies Start,
    resourceLimits: LIMITS,
    name: 'import-stock',
  })
  const pieces = source[Symbol.asyncIterator]()
  try {
    return await new Promise<ImportedStock>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => reject(new Error('the thread of the upload has ended')))
      worker.on('message', (message: Message) => {
        switch (message.type) {
          case 'next':
            pieces.next().then(({ done, value }) => worker.postMessage((done ? null : value) satisfies Piece), reject)
            break
          case 'progress':
            onProgress?.(message.progress)
            break
          case 'warning':
            deps.log.warn(message.fields, message.message)
            break
          case 'done':
            resolve(message.imported)
            break
          case 'failed':
            reject(revive(message.failure))
        }
      })
    })
  } finally {
    await worker.terminate()
    await pieces.return?.()
  }
}

function revive({ name, message, code, field }: Failure): Error {
  if (name === 'OperationRefusal') return new OperationRefusal(code as OperationRefusalCode, field as string, message)
  if (name === 'UploadConflict') return new UploadConflict(message)
  if (name === 'UploadTooLarge') return new UploadTooLarge(message)
  return new Error(message)
}

async function run({ connection, sealing, hashing, upload }: Start, port: MessagePort): Promise<void> {
  const tell = (message: Message) => port.postMessage(message)
  const db = openDatabase(connection, { connections: 2 })
  async function* source(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = new Promise<Piece>((resolve) => port.once('message', resolve))
      tell({ type: 'next' })
      const bytes = await piece
      if (bytes === null) return
      yield bytes
    }
  }
  const deps = {
    db,
    keyring: createSealer(sealing),
    cardHasher: createCardHasher(hashing),
    clock: Date.now,
    log: { warn: (fields: object, message: string) => tell({ type: 'warning', fields, message }) },
  }
  const onProgress = (progress: Progress) => tell({ type: 'progress', progress })
  const end = await importStock(deps, { ...upload, source: source(), onProgress }).then(
    (imported): Message => ({ type: 'done', imported }),
    ({ name, message, code, field }): Message => ({
      type: 'failed',
      failure: { name, message, ...(name === 'OperationRefusal' && { code, field }) },
    }),
  )
  // The thread is ended as soon as it has told.
  await db.close()
  tell(end)
}

if (!isMainThread && parentPort && workerData?.upload) await run(workerData as Start, parentPort)
