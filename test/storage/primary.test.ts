import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'
import { isDatabaseAway } from '../../src/storage/database-away.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { atPrimary, type DatabasePlace, findPrimary } from '../../src/storage/primary.ts'
import { administer, createTestDatabase, type TestDatabase, testServer } from '../support/database.ts'
import { freePort } from '../support/server-process.ts'

const WATCH = { patience: 50, within: 150 }
let database: TestDatabase
let here: DatabaseConnection
/** a place that leads here and that can go silent, as a machine does that was cut off */
let relay: { place: DatabasePlace; silence(): void; close(): void }

before(async () => {
  database = await createTestDatabase()
  here = database.db.connection
})
after(() => database.drop())
test.beforeEach(async () => {
  relay = await startRelay(here)
})
test.afterEach(() => relay.close())

test('the server that takes writes is found beside one that is down and one that says nothing', async () => {
  const silent = await startRelay(here)
  silent.silence()
  const down = { host: '127.0.0.1', port: await freePort() }
  const connection = { ...here, ...down, others: [silent.place, relay.place] }
  assert.deepEqual(await findPrimary(connection), relay.place)
  const found = await atPrimary(connection)
  assert.deepEqual({ ...found }, { ...here, ...relay.place })
  silent.close()
})

test('where every server is down or read-only, the database is away for the time being', async () => {
  await administer(testServer().connection, `alter database ${here.database} set default_transaction_read_only = on`)
  const down = { host: '127.0.0.1', port: await freePort() }
  const db = openDatabase({ ...here, ...relay.place, others: [down] })
  try {
    await assert.rejects(db.query('select 1'), (error: Error) => {
      assert.match(error.message, /read-only; 127\.0\.0\.1:\d+: connect ECONNREFUSED/)
      assert.equal(isDatabaseAway(error), true)
      return true
    })
  } finally {
    await administer(testServer().connection, `alter database ${here.database} reset default_transaction_read_only`)
    await db.close()
  }
})

test('a server that takes a connection and says nothing, and a name that nobody knows now, are away', async () => {
  const taken: Socket[] = []
  const silent = createServer((socket) => taken.push(socket))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const client = new pg.Client({ ...here, host: '127.0.0.1', port, connectionTimeoutMillis: 50 })
  client.on('error', () => {})
  await assert.rejects(client.connect(), (error: Error) => isDatabaseAway(error) && /timeout/.test(error.message))
  silent.close()
  for (const socket of taken) socket.destroy()
  const unknown = Object.assign(new Error('getaddrinfo EAI_AGAIN database'), { code: 'EAI_AGAIN' })
  assert.ok(isDatabaseAway(unknown))
})

test('queries of a server that goes silent end, and the next ones go to the server that took its place', async () => {
  const next = { host: here.host, port: here.port }
  const db = openDatabase({ ...here, ...relay.place, others: [await nowhere()] }, { watch: WATCH })
  assert.equal((await db.query('select 1')).length, 1)
  await Promise.all([db.query('select 1'), db.query('select 1')])
  relay.silence()
  Object.assign(db.connection.others?.[0] as object, next)
  const started = performance.now()
  await Promise.all(
    ['select 1', 'select 2'].map((text) =>
      assert.rejects(db.query(text), (error: Error) => isDatabaseAway(error) && error.message !== ''),
    ),
  )
  assert.equal((await db.query('select 1')).length, 1)
  assert.ok(performance.now() - started < 5_000)
  await db.close()
})

test('the ledger leaves a server that goes silent long before its deadline', async () => {
  const pipeline = await openPipeline({
    connection: { ...here, ...relay.place },
    settings: [],
    deadline: 20_000,
    watch: WATCH,
  })
  await pipeline.run([{ text: 'select 1' }])
  relay.silence()
  const started = performance.now()
  await assert.rejects(pipeline.run([{ text: 'select 1' }]), { name: 'PipelineError' })
  assert.ok(performance.now() - started < 5_000)
  await pipeline.close()
})

test('a statement that only takes long is let be', async () => {
  const db = openDatabase({ ...here, ...relay.place, others: [await nowhere()] }, { watch: { patience: 50 } })
  assert.equal((await db.query('select pg_sleep(0.6)')).length, 1)
  await db.close()
})

const nowhere = async (): Promise<DatabasePlace> => ({ host: '127.0.0.1', port: await freePort() })

async function startRelay({ host, port }: DatabasePlace): Promise<typeof relay> {
  const sockets = new Set<Socket>()
  let silent = false
  const server = createServer((client) => {
    const upstream = host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('data', (chunk) => silent || to.write(chunk))
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    place: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    silence() {
      silent = true
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
