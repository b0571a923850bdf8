import type { Socket } from 'node:net'
import pg from 'pg'
import type { DatabaseConnection } from './database.ts'

/** One of the servers that a database may be at. */
export type DatabasePlace = { readonly host: string; readonly port: number }

/** None of several servers takes writes now: a failover is under way. The same may work in a moment. */
export class NoPrimaryError extends Error {
  override name = 'NoPrimaryError'
  /** as PostgreSQL says "cannot connect now" */
  readonly code = '57P03'
}

export type PrimaryOptions = {
  /** ms for one server to answer in */
  within?: number
  /** ms that others get to answer in once one has said that it takes writes */
  grace?: number
}

// The timeline is the number of promotions behind a server: a primary that was replaced and has not heard of it has a lower one.
const LOOK = `select current_setting('transaction_read_only') = 'off' as writable,
  case when pg_is_in_recovery() then 0 else ('x0' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(36)::bigint end::text as timeline`

/**
 * The server that takes writes; of two that say so the one that was promoted last.
 * @throws {NoPrimaryError} when there is none. With one server there is nothing to find, and it is not asked
 */
export async function findPrimary(
  connection: DatabaseConnection,
  { within = 3_000, grace = 250 }: PrimaryOptions = {},
): Promise<DatabasePlace> {
  const { others, ...first } = connection
  if (!others) return { host: first.host, port: first.port }
  const places = [{ host: first.host, port: first.port }, ...others]
  const until = performance.now() + within
  const writable: { place: DatabasePlace; timeline: number }[] = []
  const problems = new Map<DatabasePlace, string>()
  let over = false
  await new Promise<void>((resolve) => {
    const askOne = async (place: DatabasePlace): Promise<void> => {
      const seen = await look({ ...first, ...place }, until - performance.now()).catch((error: Error) => error)
      if (over) return
      if (seen instanceof Error) problems.set(place, seen.message)
      else if (!seen.writable) problems.set(place, 'read-only')
      else {
        problems.delete(place)
        writable.push({ place, timeline: seen.timeline })
        setTimeout(resolve, grace)
      }
      if (problems.size + writable.length === places.length) return resolve()
      // While one is silent another may take its place.
      if (!problems.has(place) || until - performance.now() < LOOK_AGAIN) return
      await new Promise((again) => setTimeout(again, LOOK_AGAIN))
      if (!over) return askOne(place)
    }
    for (const place of places) void askOne(place)
    setTimeout(resolve, within)
  })
  over = true
  const [newest] = writable.sort((a, b) => b.timeline - a.timeline)
  if (newest) return newest.place
  const said = places.map((place) => `${place.host}:${place.port}: ${problems.get(place) ?? 'no answer'}`)
  throw new NoPrimaryError(`no server of the database takes writes: ${said.join('; ')}`)
}

/** ms */
const LOOK_AGAIN = 200

async function look(connection: DatabaseConnection, within: number): Promise<{ writable: boolean; timeline: number }> {
  const [row] = await ask<{ writable: boolean; timeline: string }>(connection, within, LOOK)
  return { writable: row?.writable === true, timeline: Number(row?.timeline) }
}

async function ask<Row>(
  connection: DatabaseConnection,
  within: number,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ ...connection, application_name: 'billfold look' })
  client.on('error', () => {})
  // One deadline for connecting and asking: a server that was stopped still accepts connections.
  const timer = setTimeout(() => cut(client), Math.max(0, within))
  try {
    await client.connect()
    return (await client.query(text, values)).rows as Row[]
  } finally {
    clearTimeout(timer)
    client.end().catch(() => {})
  }
}

/** The connection with its one server that takes writes, for who opens a `pg.Client` of their own. @throws {NoPrimaryError} */
export async function atPrimary(connection: DatabaseConnection): Promise<DatabaseConnection> {
  const { others, ...rest } = connection
  return others ? { ...rest, ...(await findPrimary(connection)) } : connection
}

/** Breaks a connection without a word to the server, which may be past hearing it. */
export function cut(client: pg.ClientBase): void {
  // biome-ignore lint/suspicious/noExplicitAny: the driver's socket is not in its types
  ;(client as any).connection.stream.destroy()
}

/** One begun on a line that is silent must not keep its place in the pool for as long as a caller may wait for a place. */
class PatientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    const options = config as pg.ClientConfig
    // The pool hides the password from whoever walks through its options.
    super({ ...options, password: options.password, connectionTimeoutMillis: 5_000 })
  }
}

/** The driver's client for a pool: looks for the primary each time it connects, if there are several servers. */
export function clientClass(connection: DatabaseConnection): typeof pg.Client {
  if (!connection.others) return PatientClient
  // The connections that a pool opens at the same time share one look.
  let looking: Promise<DatabasePlace> | null = null
  const find = () => {
    looking ??= findPrimary(connection).finally(() => {
      looking = null
    })
    return looking
  }
  return class extends PatientClient {
    // The pool calls it with a callback only.
    // biome-ignore lint/suspicious/noExplicitAny: the driver declares two forms of it
    override connect(callback?: any): any {
      find().then((place) => {
        Object.assign(this, place)
        super.connect(callback)
      }, callback)
    }
  }
}

export type WatchTimes = {
  /** ms of waiting after which the server is looked at, and between two looks */
  patience?: number
  /** ms for a server to answer the look in */
  within?: number
}

/** Looks in a row that must have failed: one may have met a server that is only slow. */
const FAILED_LOOKS = 2
/**
 * The same of looks that find a session done with what is owed, an eighth of the patience apart: on a busy machine what was asked just now
 * may not have come to the session yet.
 */
const DEAF_LOOKS = 5

/** What a connection waits for: the process of the server that owes it an answer, and the bytes that it has heard so far. */
export type Owed = { readonly process: number | null; readonly heard: number }

/** What the driver keeps, and its types do not name. */
export function owedTo(client: pg.ClientBase): Owed {
  const { processID, connection } = client as unknown as { processID: number | null; connection: { stream: Socket } }
  return { process: processID, heard: connection.stream.bytesRead }
}

/** A connection that waits. */
export type Waiting = {
  /** where it leads */
  place: DatabasePlace
  /** null: no answer is owed */
  owes(): Owed | null
  /** called once when the server answers nobody any more, or when another one is the primary now */
  onGone(): void
  /** called once when the server has answered this connection, and the answer never came: a line that is dead without a word */
  onDeaf(): void
}

/**
 * Looks after a server that owes an answer. A machine that is gone, and one that was cut off, say nothing, and TCP alone would
 * wait for them for a quarter of an hour; a statement that only takes long may take as long as it likes.
 * @returns ends the watch
 */
export function watchServer(
  connection: DatabaseConnection,
  waiting: Waiting,
  { patience = 2_000, within = connection.others ? 2_000 : 10_000 }: WatchTimes,
): () => void {
  let over = false
  let failed = 0
  let idle = 0
  let heard: number | null = null
  let timer = setTimeout(check, patience).unref()
  async function check() {
    failed = (await isServing(connection, waiting.place, within)) ? 0 : failed + 1
    // What is heard between two looks is an answer to another query than the one that was owed then.
    const before = heard
    heard = failed === 0 ? await heardInVain(connection, waiting, within) : null
    idle = heard === null ? 0 : heard === before ? idle + 1 : 1
    if (over) return
    if (failed >= FAILED_LOOKS) return waiting.onGone()
    if (idle >= DEAF_LOOKS) return waiting.onDeaf()
    timer = setTimeout(check, failed > 0 ? 0 : idle > 0 ? patience / 8 : patience).unref()
  }
  return () => {
    over = true
    clearTimeout(timer)
  }
}

// By name as well: behind a pooler the number may be that of somebody else's session, and ours is not to be found.
const IS_IDLE = `select 1 from pg_stat_activity
  where pid = $1 and state like 'idle%' and application_name like 'billfold%' and datname = current_database()`

/** Looks whether the session is done with what the connection still waits for. @returns the bytes heard so far; null: it is not */
async function heardInVain(
  connection: DatabaseConnection,
  { place, owes }: Waiting,
  within: number,
): Promise<number | null> {
  const owed = owes()
  if (!owed) return null
  const { others, ...rest } = connection
  const idle = await ask({ ...rest, ...place }, within, IS_IDLE, [owed.process]).catch(() => [])
  return idle.length > 0 && owes()?.heard === owed.heard ? owed.heard : null
}

async function isServing(connection: DatabaseConnection, place: DatabasePlace, within: number): Promise<boolean> {
  const { others, ...rest } = connection
  if (others) {
    const primary = await findPrimary(connection, { within }).catch(() => null)
    return primary?.host === place.host && primary.port === place.port
  }
  return new Promise((resolve) => {
    const until = performance.now() + within
    let timer: NodeJS.Timeout
    const end = (serving: boolean) => {
      clearTimeout(timer)
      resolve(serving)
    }
    const ask = () => {
      const left = until - performance.now()
      if (left <= 0) return end(false)
      look({ ...rest, ...place }, left).then(
        () => end(true),
        // A refusal in PostgreSQL's own words, such as too many connections, is an answer.
        (error) => end('severity' in error),
      )
      // What was asked while the line was silent may never be heard, also when the line is good again.
      timer = setTimeout(ask, LOOK_BESIDE)
    }
    ask()
  })
}

/** ms without an answer after which one look is followed by another beside it */
const LOOK_BESIDE = 2_000
