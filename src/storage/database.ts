import pg from 'pg'

/** Where PostgreSQL is: a Unix socket folder or a host, and who we are there. */
export type DatabaseConnection = {
  host: string
  port: number
  user: string
  database: string
  password?: string
  /** TLS as `pg` takes it; absent for the embedded server's socket. */
  ssl?: boolean | { rejectUnauthorized: boolean }
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

export function openDatabase(connection: DatabaseConnection, options: { connections?: number } = {}): Database {
  const pool = new pg.Pool({
    ...connection,
    max: options.connections ?? 8,
    types: bigintTypes,
    application_name: 'billfold',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // An idle connection that breaks must not end the process; the next query opens another one.
  pool.on('error', () => {})
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

/** Reads `postgres://user:password@host:port/database?sslmode=…` into a connection. */
export function parseDatabaseUrl(url: string): DatabaseConnection {
  // libpq also takes an empty host, with the socket's folder as a parameter; the URL standard does not.
  const parsed = new URL(url.replace(/^(postgres(?:ql)?:\/\/(?:[^/@]*@)?)(?=\/)/, '$1localhost'))
  const sslmode = parsed.searchParams.get('sslmode')
  const connection: DatabaseConnection = {
    host: parsed.searchParams.get('host') ?? (decodeURIComponent(parsed.hostname) || 'localhost'),
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username) || 'postgres',
    database: decodeURIComponent(parsed.pathname.slice(1)) || 'postgres',
  }
  if (parsed.password) connection.password = decodeURIComponent(parsed.password)
  if (sslmode === 'require') connection.ssl = { rejectUnauthorized: false }
  else if (sslmode?.startsWith('verify')) connection.ssl = true
  return connection
}
