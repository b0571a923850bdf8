import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Engine, startEngine } from '../../src/engine/start-engine.ts'
import { type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'
import { administer } from '../support/database.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { databaseUrl, freePort, spawnServer } from '../support/server-process.ts'

// The embedded PostgreSQL knows its callers by their account on this machine; every other one wants a password.

const PASSWORD = 'p@ss:wörd/%20'
const home = newHome()
let engine: Engine
let keeper: DatabaseConnection

before(async () => {
  engine = await startEngine({ home, log: () => {}, throwaway: true })
  const admin = openDatabase(engine.connection, { connections: 1 })
  try {
    await admin.query(`create role keeper login password '${PASSWORD}'`)
    const [row] = await admin.query<{ hba_file: string }>('show hba_file')
    await appendFile(row?.hba_file as string, 'local all keeper scram-sha-256\n')
    await admin.query('select pg_reload_conf()')
  } finally {
    await admin.close()
  }
  await administer(engine.connection, 'create database kept owner keeper')
  keeper = { ...engine.connection, user: 'keeper', password: PASSWORD, database: 'kept' }
})

after(async () => {
  await engine?.stop()
  await deleteHome(home)
})

test('a server starts, fills its sandbox and ends on a PostgreSQL that wants a password, whatever is in it', async () => {
  const server = spawnServer('start', await freePort(), {
    BILLFOLD_HOME: join(home, 'server'),
    BILLFOLD_MODE: 'sandbox',
    DATABASE_URL: databaseUrl(keeper),
  })
  try {
    await server.ready()
  } finally {
    assert.equal(await server.interrupt(), 0, server.output())
  }
  assert.ok(!server.output().includes(PASSWORD) && !server.output().includes(encodeURIComponent(PASSWORD)))
})

test('each of several servers is asked with the password', async () => {
  const { host, port } = engine.connection
  const db = openDatabase({ ...keeper, others: [{ host, port }] }, { connections: 2 })
  try {
    const users = await db.query<{ user: string }>('select current_user as user')
    assert.deepEqual(users, [{ user: 'keeper' }])
  } finally {
    await db.close()
  }
})

test('a wrong password ends a start at once, with one line that says so', async () => {
  const server = spawnServer('start', await freePort(), {
    BILLFOLD_HOME: join(home, 'wrong'),
    BILLFOLD_MODE: 'sandbox',
    DATABASE_URL: databaseUrl({ ...keeper, password: 'wr0ng' }),
  })
  const began = performance.now()
  assert.notEqual(await server.exited, 0)
  assert.ok(performance.now() - began < 20_000)
  assert.match(server.output(), /^billfold start: .*password authentication failed for user "keeper"/m)
  assert.doesNotMatch(server.output(), /^\s+at |wr0ng/m)
})
