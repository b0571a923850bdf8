import assert from 'node:assert/strict'
import { access, chmod, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { openHome, placeData, removeHome, resolveHome } from '../../src/engine/home.ts'
import { startEngine } from '../../src/engine/start-engine.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { newHome } from '../support/engines.ts'

const isRoot = process.getuid?.() === 0
const rootOnly = { skip: isRoot ? false : 'only root runs the database under another account' }
const userOnly = { skip: isRoot ? 'root can write everywhere' : false }

async function closedFolder(): Promise<string> {
  const folder = newHome()
  await mkdir(folder, { mode: 0o700 })
  return folder
}

test('the home is BILLFOLD_HOME, or .billfold in the repository', () => {
  assert.equal(resolveHome({ BILLFOLD_HOME: '/srv/bank/' }), '/srv/bank')
  assert.equal(resolveHome({ BILLFOLD_HOME: 'bank' }), join(process.cwd(), 'bank'))
  const repository = join(import.meta.dirname, '..', '..')
  assert.equal(resolveHome({}), join(repository, '.billfold'))
  assert.equal(resolveHome({ BILLFOLD_HOME: '' }), join(repository, '.billfold'))
})

test(
  'a home in a folder that the database cannot enter has its data in /var/lib, says so, and leaves nothing',
  rootOnly,
  async () => {
    const closed = await closedFolder()
    const home = join(closed, 'home')
    const lines: string[] = []
    for (const round of [1, 2]) {
      const engine = await startEngine({ home, log: (line) => lines.push(line) })
      const db = openDatabase(engine.connection)
      await db.query('create table if not exists kept (line int)')
      await db.query('insert into kept values ($1)', [round])
      assert.equal((await db.query('select from kept')).length, round)
      await db.close()
      await engine.stop()
    }
    assert.equal(lines.length, 2)
    const place = await placeData(home, () => {})
    assert.match(place.root, /^\/var\/lib\/billfold\/[0-9a-f]{16}$/)
    for (const line of lines) assert.ok(line.includes(home) && line.includes(place.root), line)
    assert.equal((await readFile(join(place.root, 'home'), 'utf8')).trim(), home)
    assert.equal((await stat(place.dataDirectory)).uid, place.account.uid)

    const moved = join(closed, 'moved')
    await rename(home, moved)
    await assert.rejects(startEngine({ home: moved, log: () => {} }), /was moved or copied.* echo .* to take it along/)
    await rename(moved, home)

    await removeHome(home)
    await assert.rejects(access(place.root), { code: 'ENOENT' })
    assert.deepEqual(await readdir(closed), [])
  },
)

test('a home that was deleted and made again at its path begins with an empty database', rootOnly, async () => {
  const closed = await closedFolder()
  const home = join(closed, 'home')
  const places: string[] = []
  for (const _ of [1, 2]) {
    const engine = await startEngine({ home, log: () => {} })
    const db = openDatabase(engine.connection)
    await db.query('create table kept (line int)')
    await db.close()
    await engine.stop()
    places.push((await placeData(home, () => {})).root)
    await rm(home, { recursive: true })
  }
  assert.notEqual(places[0], places[1])
  for (const place of places) await rm(place, { recursive: true })
  await rm(closed, { recursive: true })
})

test('data that the database can no longer reach are not silently begun anew', rootOnly, async () => {
  const folder = newHome()
  await mkdir(folder)
  await chmod(folder, 0o755)
  const home = join(folder, 'home')
  await (await startEngine({ home, log: () => {} })).stop()
  await chmod(folder, 0o700)
  await assert.rejects(startEngine({ home, log: () => {} }), /cannot get there: chmod a\+x/)
  await chmod(folder, 0o755)
  await removeHome(home)
})

test('a home that cannot be written is refused with one line', userOnly, async () => {
  const closed = await closedFolder()
  await chmod(closed, 0o500)
  await assert.rejects(
    startEngine({ home: join(closed, 'home'), log: () => {} }),
    /cannot use .*: permission is denied/,
  )
  await chmod(closed, 0o700)
})

test('deleting a home takes what it is told to, and leaves what it does not know', async () => {
  const home = await openHome(newHome())
  for (const name of ['key', 'notes']) await mkdir(join(home, name))
  await removeHome(home, ['key'])
  assert.deepEqual(await readdir(home), ['notes'])
  await rm(home, { recursive: true })
  await access(dirname(home))
})
