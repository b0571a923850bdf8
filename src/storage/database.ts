import pg from 'pg'
import { clientClass, cut, type DatabasePlace, owedTo, type WatchTimes, watchServer } from './primary.ts'

/** Where PostgreSQL is: a Unix socket folder or a host, and who we are there. */
export type DatabaseConnection = {
  host: string
  port: number
  user: string
  database: string
  password?: string
  /** TLS as `pg` takes it; absent for the embedded server's socket. */
  ssl?: boolean | { rejectUnauthorized: boolean }
  /** further servers of the same database, one of all which takes writes; absent: there is one server */
  others?: readonly DatabasePlace[]
}

/** Anything a query can be sent to: the pool, or one transaction of it. */
export interface Sql {
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>
}

/** A pool of connections. bigint columns arrive as `bigint`, timestamps as `Date`. */
export interface Database extends Sql {
  readonly connection: DatabaseConnection
  /** READ COMMITTED, on one connection; commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const BIGINT_OID = 20

// Per-connection parsers: the driver's global registry would change other users of `pg` in the process.
export const bigintTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT_OID ? BigInt : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export function openDatabase(
  connection: DatabaseConnection,
  options: { connections?: number; watch?: WatchTimes } = {},
): Database {
  const pool = new pg.Pool({
    ...connection,
    Client: clientClass(connection),
    max: options.connections ?? 8,
    types: bigintTypes,
    application_name: 'billfold',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  })
  // An idle connection that breaks must not end the process; the next query opens another one.
  pool.on('error', () => {})
  watchPool(pool, connection, options.watch)
  const query = async <Row>(client: pg.Pool | pg.PoolClient, text: string, values?: unknown[]) =>
    (await client.query(text, values)).rows as Row[]

  return {
    connection,
    query: (text, values) => query(pool, text, values),
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      // Between two queries nobody else hears that the connection broke, and an event that nobody hears ends the process.
      const onError = (error: Error) => {
        broken = error
      }
      client.on('error', onError)
      try {
        await client.query('begin isolation level read committed')
        const result = await work({ query: (text, values) => query(client, text, values) })
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((failure) => {
          broken = failure
        })
        throw error
      } finally {
        if (broken === undefined) client.off('error', onError)
        client.release(broken)
      }
    },
    close: () => pool.end(),
  }
}

/** Breaks connections that lead to a server that is gone: those that wait for it, and those at hand that would. */
function watchPool(pool: pg.Pool, connection: DatabaseConnection, times: WatchTimes = {}): void {
  const open = new Set<pg.PoolClient>()
  const watches = new Map<pg.PoolClient, () => void>()
  // Only these two: what else a client is made of would make the look use its connection.
  const placeOf = (client: pg.PoolClient): DatabasePlace => {
    const { host, port } = client as unknown as DatabasePlace
    return { host, port }
  }
  pool.on('connect', (client) => open.add(client))
  pool.on('remove', (client) => open.delete(client))
  pool.on('acquire', (client) => {
    const place = placeOf(client)
    const onGone = () => {
      for (const other of open) {
        if (placeOf(other).host === place.host && placeOf(other).port === place.port) cut(other)
      }
    }
    const owes = () => ((client as unknown as { readyForQuery: boolean }).readyForQuery ? null : owedTo(client))
    watches.set(client, watchServer(connection, { place, owes, onGone, onDeaf: () => cut(client) }, times))
  })
  pool.on('release', (_, client) => {
    watches.get(client)?.()
    watches.delete(client)
  })
}

/**
 * Reads `postgres://user:password@host:port,host:port/database?sslmode=…` into a connection. Of several hosts the one that takes
 * writes is meant, whether `target_session_attrs` says so or not.
 */
export function parseDatabaseUrl(url: string): DatabaseConnection {
  // libpq takes several hosts, and an empty one with the socket's folder as a parameter; the URL standard takes neither.
  const [, scheme = '', login = '', hosts = '', rest = ''] =
    /^(postgres(?:ql)?:\/\/)([^/@]*@)?([^/?#]*)(.*)$/s.exec(url) ?? []
  const [first = '', ...others] = hosts.split(',')
  const parsed = new URL(scheme === '' ? url : `${scheme}${login}${first || 'localhost'}${rest}`)
  const attributes = parsed.searchParams.get('target_session_attrs')
  if (attributes !== null && !['read-write', 'primary'].includes(attributes)) {
    throw new Error('target_session_attrs must be read-write or primary: every server writes')
  }
  const sslmode = parsed.searchParams.get('sslmode')
  const connection: DatabaseConnection = {
    ...placeOf(parsed),
    user: decodeURIComponent(parsed.username) || 'postgres',
    database: decodeURIComponent(parsed.pathname.slice(1)) || 'postgres',
  }
  const socket = parsed.searchParams.get('host')
  if (socket !== null) connection.host = socket
  if (others.length > 0) connection.others = others.map((host) => placeOf(new URL(`postgres://${host}`)))
  if (parsed.password) connection.password = decodeURIComponent(parsed.password)
  if (sslmode === 'require') connection.ssl = { rejectUnauthorized: false }
  else if (sslmode?.startsWith('verify')) connection.ssl = true
  return connection
}

function placeOf({ hostname, port }: URL): DatabasePlace {
  // The brackets around an IPv6 address are the URL's.
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1')
  return { host: host || 'localhost', port: Number(port || 5432) }
}
