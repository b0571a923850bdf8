import assert from 'node:assert/strict'
import { access, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { EngineError } from '../../src/engine/engine-error.ts'
import { removeHome } from '../../src/engine/home.ts'
import { type Engine, runningConnection, startEngine } from '../../src/engine/start-engine.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { isRunning, newHome } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'

const home = newHome()
const lines: string[] = []
const log = (line: string) => lines.push(line)
let engine: Engine
let db: Database

before(async () => {
  engine = await startEngine({ home, log })
  db = openDatabase(engine.connection)
})

after(async () => {
  await db.close()
  await engine.stop()
  await removeHome(home)
})

test('a fresh home gets a PostgreSQL 18 with checksums, whose log is synchronous and whole', async () => {
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'wal_sync_method',
    'listen_addresses',
    'wal_segment_size',
  ]
  const shown: Record<string, unknown> = {}
  for (const name of [...names, 'TimeZone', 'jit']) {
    shown[name] = (await db.query<{ value: string }>('select current_setting($1) as value', [name]))[0]?.value
  }
  assert.deepEqual(shown, {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    wal_sync_method: 'fdatasync',
    listen_addresses: '',
    wal_segment_size: '4MB',
    TimeZone: 'UTC',
    jit: 'off',
  })
  const [server] = await db.query<{ version: string }>('show server_version')
  assert.match(JSON.stringify(server), /"18\./)
})

test('the database orders text by code point, whatever locale the machine has', async () => {
  const [database] = await db.query(
    'select datlocprovider, datlocale, pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()',
  )
  assert.deepEqual(database, { datlocprovider: 'b', datlocale: 'C.UTF-8', encoding: 'UTF8' })
})

test('data outlive a stop and a start, and stopping twice is one stop', async () => {
  await db.query("create table kept as select 'before the stop' as line")
  await db.close()
  await Promise.all([engine.stop(), engine.stop()])
  await assert.rejects(access(engine.connection.host), { code: 'ENOENT' })
  assert.equal(await isRunning(engine.pid), false)

  engine = await startEngine({ home, log })
  db = openDatabase(engine.connection)
  assert.deepEqual(await db.query('select line from kept'), [{ line: 'before the stop' }])
})

test('a second start on the same home is refused with one line that names the first, which runs on', async () => {
  await assert.rejects(startEngine({ home, log }), (error) => {
    assert.ok(error instanceof EngineError)
    assert.match(
      error.message,
      new RegExp(`running on this data already \\(process ${process.pid},.*kill ${process.pid}`),
    )
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
  assert.equal((await db.query('select 1 as one')).length, 1)
})

test('the home of a running instance is not deleted', async () => {
  await assert.rejects(removeHome(home), /running on this data already/)
  assert.equal((await db.query('select 1 as one')).length, 1)
})

test('another process finds the running database by its home', async () => {
  assert.deepEqual(await runningConnection(home), engine.connection)
  assert.equal(await runningConnection(newHome()), undefined)
})

test('home, data and socket are closed to other accounts', async () => {
  const mode = async (path: string) => (await stat(path)).mode & 0o777
  // Root's database account has to get through the home to its own folder in it.
  assert.equal(await mode(home), process.getuid?.() === 0 ? 0o711 : 0o700)
  assert.equal(await mode(engine.dataDirectory), 0o700)
  assert.equal(await mode(engine.connection.host), 0o700)
  assert.equal(await mode(join(home, 'logs')), 0o700)
  assert.equal(await mode(join(home, 'instance.lock')), 0o600)
})

const skip = process.getuid?.() === 0 ? false : 'only root can become another account to try'

/** Does `work` as another account, as far as the kernel is concerned. */
async function as<T>(uid: number, work: () => Promise<T>): Promise<T> {
  process.seteuid?.(uid)
  return work().finally(() => process.seteuid?.(0))
}

const tryConnection = async () => {
  const client = new pg.Client({ ...engine.connection })
  return client.connect().then(
    () => client.end(),
    (error) => error.code,
  )
}

test('another account cannot reach the socket', { skip }, async () => {
  assert.equal(await as(1, tryConnection), 'EACCES')
})

test('the account that runs the database is not let in as its user', { skip }, async () => {
  const { uid } = await stat(engine.dataDirectory)
  assert.equal(await as(uid, tryConnection), '28000')
  assert.equal(await tryConnection(), undefined)
})

test('a killed postmaster is started again on the same socket, without loss', async () => {
  await db.query("create table settled as select 'committed' as line")
  const killed = engine.pid
  lines.length = 0
  process.kill(killed, 'SIGKILL')
  await eventually(() => lines.some((line) => line.includes('runs again')))
  assert.notEqual(engine.pid, killed)
  assert.match(lines[0] ?? '', new RegExp(`process ${killed}\\) ended by itself \\(SIGKILL\\); starting it again`))
  assert.deepEqual(await db.query('select line from settled'), [{ line: 'committed' }])
})

test('a home that is a file is refused with one line', async () => {
  const file = newHome()
  await mkdir(file)
  await writeFile(join(file, 'home'), '')
  await assert.rejects(startEngine({ home: join(file, 'home'), log }), /cannot use .*home: .*BILLFOLD_HOME/)
})
