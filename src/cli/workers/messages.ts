import type { DatabaseConnection } from '../../storage/database.ts'

/** What a worker is told when it starts. */
export type WorkerOrder = {
  readonly kind: 'order'
  /** 1 to the number of workers; one that takes the place of a dead one has its number */
  readonly place: number
  readonly port: number
  readonly connection: DatabaseConnection
  /** the file that its log goes to; null: standard output */
  readonly logFile: string | null
  /** it brings the sandbox up to date before it says that it is ready */
  readonly fills: boolean
  /** how long it waits for a database that is away; ms */
  readonly patience: number
}

/** From the primary process to a worker. */
export type ToWorker =
  | WorkerOrder
  | { readonly kind: 'stop' }
  /** asks for its own figures */
  | { readonly kind: 'count'; readonly id: number }
  /** the others' figures, that it asked for */
  | { readonly kind: 'counted'; readonly id: number; readonly texts: readonly string[]; readonly restarts: number }

/** From a worker to the primary process. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly url: string; readonly port: number; readonly credentials: string }
  | { readonly kind: 'failed'; readonly message: string; readonly plain: boolean }
  | { readonly kind: 'count'; readonly id: number; readonly text: string }
  | { readonly kind: 'gather'; readonly id: number }
