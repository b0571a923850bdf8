import type { Socket } from 'node:net'
import pg from 'pg'
import type { DatabaseConnection } from './database.ts'
import { atPrimary, cut, owedTo, type WatchTimes, watchServer } from './primary.ts'

/** One statement of a group; values are sent as text. */
export type Step = { readonly name?: string; readonly text: string; readonly values?: readonly (string | null)[] }

/** What a statement gave: rows of text columns, and the command tag's first word, e.g. `COMMIT` or `ROLLBACK`. */
export type Reply = { readonly rows: (string | null)[][]; readonly tag: string }

/**
 * Why a group failed. `code` is the SQLSTATE of the first statement that failed; absent when the connection was lost, and then
 * what the server did with the group is not known. Plain data, so that it can cross a thread.
 */
export type PipelineFailure = {
  readonly message: string
  readonly code?: string
  readonly constraint?: string
  /** of the statements before the one that failed */
  readonly completed: Reply[]
}

export class PipelineError extends Error {
  override name = 'PipelineError'
  readonly failure: PipelineFailure

  constructor(failure: PipelineFailure) {
    super(failure.message)
    this.failure = failure
  }
}

/** One connection that sends groups of statements in one round trip each. */
export type Pipeline = {
  /** @throws PipelineError for the first statement that failed; the others have run or failed too */
  run(steps: readonly Step[]): Promise<Reply[]>
  /** Takes an answer that is there but still waits for its turn in the event loop. */
  poll?(): void
  close(): Promise<void>
}

export type PipelineSettings = {
  connection: DatabaseConnection
  /** sent once after connecting */
  settings: readonly string[]
  /** a group without an answer for so long means a dead connection; ms */
  deadline: number
  watch?: WatchTimes
}

/** ms to take leave of the server in */
const LEAVE = 1_000

const asText: pg.CustomTypesConfig = {
  getTypeParser: (() => (value: string) => value) as typeof pg.types.getTypeParser,
}

export async function openPipeline({
  connection,
  settings,
  deadline,
  watch = {},
}: PipelineSettings): Promise<Pipeline> {
  const server = await atPrimary(connection)
  const client = new pg.Client({
    ...server,
    pipeline: true,
    types: asText,
    application_name: 'billfold ledger',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  } as pg.ClientConfig)
  let lost: Error | null = null
  // A warning at a commit means that it was not confirmed as configured (a replica that did not answer). It counts for every group that
  // is on its way: for more than its own, perhaps, and never for fewer.
  const underWay = new Set<{ warning: string | null }>()
  client.on('error', (error) => {
    lost ??= error
  })
  client.on('end', () => {
    lost ??= new Error('the database closed the connection')
  })
  client.on('notice', (notice) => {
    // 25P01: a rollback after a commit that had become a rollback already.
    if (notice.severity === 'WARNING' && notice.code !== '25P01') {
      for (const group of underWay) group.warning ??= notice.message ?? 'warning'
    }
  })
  /** Breaks the connection when its server is gone, or takes longer than it may. @returns ends the watch */
  function expectAnswer(): () => void {
    // A group is owed its answer from the moment when it is sent.
    const [owes, end] = [() => owedTo(client), () => cut(client)]
    const unwatch = watchServer(connection, { place: server, owes, onGone: end, onDeaf: end }, watch)
    const timer = setTimeout(() => cut(client), deadline)
    return () => {
      clearTimeout(timer)
      unwatch()
    }
  }

  await client.connect()
  const answered = expectAnswer()
  const opening = { warning: null as string | null }
  underWay.add(opening)
  try {
    for (const setting of settings) await client.query(setting)
    if (opening.warning) throw new PipelineError({ message: opening.warning, code: '01000', completed: [] })
  } catch (error) {
    cut(client)
    throw error
  } finally {
    answered()
    underWay.delete(opening)
  }

  // A group leaves in one piece: the server does not wake for each of its statements.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection

  async function send(step: Step): Promise<Reply> {
    const { rows, command } = await client.query({
      ...(step.name ? { name: step.name } : {}),
      text: step.text,
      values: step.values as (string | null)[],
      rowMode: 'array',
    })
    return { rows: rows as (string | null)[][], tag: command }
  }

  return {
    async run(steps) {
      if (lost) throw new PipelineError({ message: lost.message, completed: [] })
      const group = { warning: null as string | null }
      underWay.add(group)
      const answered = expectAnswer()
      stream.cork()
      const sent = steps.map(send)
      stream.uncork()
      const results = await Promise.allSettled(sent)
      answered()
      underWay.delete(group)
      const replies: Reply[] = []
      for (const result of results) {
        if (result.status === 'rejected') throw new PipelineError(failureOf(result.reason, replies))
        replies.push(result.value)
      }
      if (group.warning) throw new PipelineError({ message: group.warning, code: '01000', completed: replies })
      return replies
    },
    close: async () => {
      lost ??= new Error('closed')
      // A line that is dead takes no leave.
      const timer = setTimeout(() => cut(client), LEAVE)
      await client.end().catch(() => {})
      clearTimeout(timer)
    },
  }
}

function failureOf(
  error: { message: string; code?: unknown; severity?: unknown; constraint?: string },
  completed: Reply[],
): PipelineFailure {
  // Only the server's own errors carry a severity; the driver's and the socket's mean that the connection is gone.
  const { message, code, constraint } = error
  if (!error.severity || typeof code !== 'string') return { message, completed }
  return constraint ? { message, code, constraint, completed } : { message, code, completed }
}
