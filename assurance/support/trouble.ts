import { setTimeout as delay } from 'node:timers/promises'
import { type Database, type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { type FaultProxy, startFaultProxy } from '../../test/support/fault-proxy.ts'
import { type Line, openLine } from './line.ts'
import { type Place, WALLETS } from './place.ts'

/** One server's way to the database: a line that can be bad, then a proxy that cuts between two messages. */
export type Way = { line: Line; proxy: FaultProxy; connection: DatabaseConnection; close(): Promise<void> }

export async function openWay(target: DatabaseConnection): Promise<Way> {
  const proxy = await startFaultProxy(target)
  const line = await openLine(proxy.connection)
  return {
    line,
    proxy,
    connection: line.connection,
    async close() {
      await line.close()
      await proxy.close()
    },
  }
}

export type Troubled = { place: Place; ways: readonly Way[] }

/** What the servers wrote and what the database is doing, for who waits for something that does not come. */
export async function lastWords(place: Place): Promise<string> {
  const sessions = await place.db
    .query(
      `select application_name, state, wait_event, pg_blocking_pids(pid)::text as behind, left(query, 80) as query
       from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    .catch((error) => [error.message])
  const outputs = place.servers.map((server) => server.output().slice(-2_000))
  return [...outputs, ...sessions.map((session) => JSON.stringify(session))].join('\n')
}

/** Cuts each server's connection at a COMMIT, so many times. */
export async function cutAtCommits({ place, ways }: Troubled, type: 'before-commit' | 'after-commit', times: number) {
  for (let i = 0; i < times; i++) {
    const { proxy } = ways[i % ways.length] as Way
    proxy.arm({ type })
    await eventually(() => proxy.happened, { within: 60_000, every: 2, otherwise: () => lastWords(place) })
  }
}

/** One line after the other is bad for so long. */
export async function spoilLines({ ways }: Troubled, weather: 'silent' | 'refused' | { late: number }, ms: number) {
  for (const { line } of ways) {
    await line.set(weather)
    await delay(ms)
    await line.set('clear')
  }
}

const ACCOUNTS = `select w.id from wallet w where w.namespace = 'bank' and w.number = any($1) order by w.id desc`

/**
 * Locks the wallets one by one against the order that everybody keeps to, so that PostgreSQL finds deadlocks and ends somebody's
 * transaction: sometimes this one, sometimes a server's.
 * @returns how often the servers' and how often this one was ended
 */
export async function deadlock({ place }: Troubled, times: number): Promise<{ theirs: number; ours: number }> {
  const numbers = WALLETS.map((id) => id.split(':')[1])
  const ended = { theirs: 0, ours: 0 }
  for (let i = 0; i < times; i++) {
    const before = await deadlocks(place.db)
    const won = await place.db
      .transaction(async (sql) => {
        // The one that has waited for so long looks for a deadlock, and is ended if it finds one.
        await sql.query(`set local deadlock_timeout = '${i % 2 ? 20_000 : 50}ms'`)
        for (const { id } of await sql.query<{ id: bigint }>(ACCOUNTS, [numbers])) {
          await sql.query('select from account where id = $1 for update', [id])
          await delay(20)
        }
      })
      .then(
        () => true,
        () => false,
      )
    if (!won) ended.ours++
    else if ((await deadlocks(place.db)) > before) ended.theirs++
  }
  return ended
}

async function deadlocks(db: Database): Promise<bigint> {
  await db.query('select pg_stat_force_next_flush()')
  const [row] = await db.query<{ deadlocks: bigint }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  )
  return row?.deadlocks as bigint
}

/** Cancels what the ledgers' connections do, as their `statement_timeout` would (SQLSTATE 57014), or ends the connections (57P01). */
export async function interruptLedgers(
  { place }: Troubled,
  how: 'cancel' | 'terminate',
  times: number,
): Promise<number> {
  let met = 0
  for (let i = 0; i < times; i++) {
    const rows = await place.db.query<{ done: boolean }>(
      `select pg_${how}_backend(pid) as done from pg_stat_activity
       where application_name = 'billfold ledger' and datname = current_database() and state in ('active', 'idle in transaction')`,
    )
    met += rows.length
    await delay(how === 'cancel' ? 20 : 100)
  }
  return met
}

/** Holds a lock that each payment waits for, longer than the ledgers wait for one (5 s) if it is to be felt. */
export async function holdAccounts({ place }: Troubled, ms: number): Promise<void> {
  await place.db.transaction(async (sql) => {
    await sql.query(`select from account a join wallet w on w.id = a.id where w.namespace = 'bank' for update of a`)
    await delay(ms)
  })
}

/** Holds the table that every request reads first, so that all connections of each server's pool wait and the rest has none. */
export async function exhaustPools({ place }: Troubled, ms: number): Promise<void> {
  await place.db.transaction(async (sql) => {
    await sql.query('lock table client, wallet, partner_credential in access exclusive mode')
    await delay(ms)
  })
}

/** Takes every connection that PostgreSQL has to give, and ends those of the servers, which then get none (53300). */
export async function exhaustServer({ place }: Troubled, ms: number): Promise<number> {
  const taken: Database[] = []
  const grab = async () => {
    const db = openDatabase(place.db.connection, { connections: 1 })
    await db.query('select 1').then(
      () => taken.push(db),
      () => db.close(),
    )
  }
  const until = performance.now() + ms
  let ended = 0
  while (performance.now() < until) {
    await Promise.all(Array.from({ length: 20 }, grab))
    const rows = await place.db
      .query(
        `select pg_terminate_backend(pid) from pg_stat_activity where client_addr is null and pid <> pg_backend_pid()
         and application_name like 'billfold%' and application_name <> 'billfold' and datname = current_database()`,
      )
      .catch(() => [])
    ended += rows.length
    await delay(20)
  }
  await Promise.all(taken.map((db) => db.close()))
  return ended
}
