import assert from 'node:assert/strict'
import { access, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { removeHome } from '../../src/engine/home.ts'
import { findServerProcesses } from '../../src/engine/process-identity.ts'
import { startEngine } from '../../src/engine/start-engine.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { isRunning, kill9, newHome, spawnEngine } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'

const home = newHome()
const withoutSetpriv = { PATH: '' }

after(() => removeHome(home))

async function linesKept(): Promise<{ kept: number; said: string[] }> {
  const said: string[] = []
  const engine = await startEngine({ home, log: (line) => said.push(line) })
  const db = openDatabase(engine.connection)
  try {
    return { kept: (await db.query('select from kept')).length, said }
  } finally {
    await db.close()
    await engine.stop()
  }
}

test('PostgreSQL ends with its parent, however that is killed, where setpriv is there', async (t) => {
  const { child, postmaster, connection } = await spawnEngine(home)
  await kill9(child)
  const ended = await eventually(async () => !(await isRunning(postmaster))).then(
    () => true,
    () => false,
  )
  if (!ended) {
    t.skip('no setpriv of util-linux on this machine')
  }
  const { kept } = await linesKept()
  assert.equal(kept, 1)
  await assert.rejects(access(connection.host), { code: 'ENOENT' })
})

test('an orphaned PostgreSQL is ended by the next start, with its socket, and no commit is lost', async () => {
  const { child, postmaster, connection } = await spawnEngine(home, withoutSetpriv)
  await kill9(child)
  assert.equal(await isRunning(postmaster), true)
  const { kept, said } = await linesKept()
  assert.equal(kept, 2)
  assert.deepEqual(said, [`ending the PostgreSQL (process ${postmaster}) that an earlier start left behind`])
  assert.equal(await isRunning(postmaster), false)
  await assert.rejects(access(connection.host), { code: 'ENOENT' })
})

test('parent and postmaster killed together leave a log to replay and nothing else', async () => {
  const { child, postmaster, connection } = await spawnEngine(home, withoutSetpriv)
  const gone = kill9(child)
  process.kill(postmaster, 'SIGKILL')
  await gone
  assert.equal((await linesKept()).kept, 3)
  await assert.rejects(access(connection.host), { code: 'ENOENT' })
  assert.deepEqual((await readdir(home)).filter((name) => name !== 'binaries').sort(), ['logs', 'postgres'])
})

test('a start killed while it made its data is made good by the next', async () => {
  const young = newHome()
  const starting = spawnEngine(young, withoutSetpriv).catch((error) => error)
  // The data folder stands under its first name while initdb works.
  await eventually(async () => (await readdir(young).catch(() => [])).some((name) => name.startsWith('postgres.new-')))
  await delay(100)
  const { pid } = JSON.parse(await readFile(join(young, 'instance.lock'), 'utf8'))
  process.kill(pid, 'SIGKILL')
  assert.ok((await starting) instanceof Error)
  await assert.rejects(access(join(young, 'postgres')), { code: 'ENOENT' })

  const engine = await startEngine({ home: young, log: () => {} })
  await engine.stop()
  const left = (await readdir(young)).filter((name) => name.startsWith('postgres.new-'))
  assert.deepEqual(left, [])
  assert.deepEqual(await findServerProcesses(engine.dataDirectory), [])
  await removeHome(young)
  await assert.rejects(access(young), { code: 'ENOENT' })
})

test('removing a home that was never made is no error', async () => {
  await removeHome(newHome())
  const empty = newHome()
  await mkdir(empty)
  await removeHome(empty)
  await assert.rejects(access(empty), { code: 'ENOENT' })
})
