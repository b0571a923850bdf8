import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { audit } from '../../src/ledger/audit.ts'
import { placeOrder } from '../../src/operations/gift-cards/place-order.ts'
import { listTables } from '../../src/storage/backup/catalogue.ts'
import { BackupError, type BackupHeader, columnList, quoted } from '../../src/storage/backup/format.ts'
import { restoreBackup } from '../../src/storage/backup/restore-backup.ts'
import { writeBackup } from '../../src/storage/backup/write-backup.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { administer, testServer } from '../support/database.ts'
import { createGiftWorld, type GiftWorld } from '../support/gift-world.ts'

let world: GiftWorld
before(async () => {
  world = await createGiftWorld({ float: '5000.00' })
})
after(() => world.stop())

const JOURNAL_KEY = Buffer.alloc(32, 3)

async function emptyDatabase(t: { after(work: () => Promise<void>): void }): Promise<Database> {
  const { connection } = testServer()
  const name = `billfold_test_${randomBytes(8).toString('hex')}`
  await administer(connection, `create database ${name} template template0`)
  const db = openDatabase({ ...connection, database: name })
  t.after(async () => {
    await db.close()
    await administer(connection, `drop database ${name} with (force)`)
  })
  return db
}

async function backUp(): Promise<Buffer> {
  const sink = new PassThrough()
  const whole = buffer(sink)
  await writeBackup(world.db.connection, sink)
  return whole
}

/** What a table holds, as a digest that does not depend on the order of rows. */
async function contentOf(db: Database): Promise<Record<string, string>> {
  const tables = await listTables(db)
  const digests = await Promise.all(
    tables.map(async (table) => {
      const [row] = await db.query<{ digest: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(r::text, E'\\n' order by r::text)), '') as digest
         from (select ${columnList(table)} from ${quoted(table.name)}) r`,
      )
      return [table.name, row?.digest ?? ''] as const
    }),
  )
  return Object.fromEntries(digests)
}

async function buy(name: string, count: number): Promise<void> {
  const brand = await world.brand({ slug: name })
  await Promise.all(
    Array.from({ length: count }, (_, i) => placeOrder(world.deps, world.wish(brand, 500n, `${name}-${i}`))),
  )
}

test('a backup restored into an empty database is the same to the last row, and its books are clean', async (t) => {
  await buy('whole', 20)
  // Texts that the format's own marks could be mistaken for.
  await world.db.query(`update brand set texts = $1 where slug = 'whole'`, [
    { terms: '\\.\n\\.\ntable brand\nsha256 0\n\\\\.\t\\N', name: 'é\u{1f381}' },
  ])
  const backup = await backUp()
  const restored = await emptyDatabase(t)
  const summary = await restoreBackup(restored.connection, Readable.from([backup]))
  assert.ok(summary.rows > 100n)
  assert.deepEqual(await contentOf(restored), await contentOf(world.db))
  assert.deepEqual(await migrate(restored), [])
  const report = await audit(restored, { journalKey: JOURNAL_KEY })
  assert.deepEqual(report.findings, [])
  // New ids go on after the old ones.
  const next = async (db: Database) => (await db.query<{ id: bigint }>("select nextval('account_id') as id"))[0]?.id
  const highest = (await restored.query<{ id: bigint }>('select max(id) as id from account'))[0]?.id
  assert.ok(((await next(restored)) as bigint) > (highest as bigint))
})

test('a backup taken while cards are sold holds one moment: its books are clean', async (t) => {
  let going = true
  const selling = (async () => {
    for (let round = 0; going; round++) await buy(`while-${round}`, 16)
  })()
  const backups = [await backUp(), await backUp(), await backUp()]
  going = false
  await selling
  for (const backup of backups) {
    const restored = await emptyDatabase(t)
    await restoreBackup(restored.connection, Readable.from([backup]))
    const report = await audit(restored, { journalKey: JOURNAL_KEY })
    assert.deepEqual(report.findings, [])
  }
})

test('it comes in parts of any size', async (t) => {
  const backup = await backUp()
  const restored = await emptyDatabase(t)
  const text = gunzipSync(backup)
  // Stored, not compressed, so that the parts arrive as they are cut.
  const stored = gzipSync(text, { level: 0 })
  const parts = Array.from({ length: Math.ceil(stored.length / 1013) }, (_, i) =>
    stored.subarray(i * 1013, (i + 1) * 1013),
  )
  await restoreBackup(restored.connection, Readable.from(parts))
  assert.deepEqual(await contentOf(restored), await contentOf(world.db))
})

test('a backup that was cut off or altered is refused, and nothing is written', async (t) => {
  const text = gunzipSync(await backUp())
  const restored = await emptyDatabase(t)
  const altered = (change: (bytes: Buffer) => Buffer) => gzipSync(change(Buffer.from(text)))
  const amount = text.indexOf('table entry\n') + 40
  const damaged: [string, Buffer, RegExp][] = [
    [
      'a changed digit',
      altered((it) => Buffer.concat([it.subarray(0, amount), Buffer.from('7'), it.subarray(amount)])),
      /./,
    ],
    ['cut in the middle', altered((it) => it.subarray(0, it.length >> 1)), /cut off/],
    ['cut before the digest', altered((it) => it.subarray(0, it.lastIndexOf('sha256 '))), /cut off/],
    ['something behind it', altered((it) => Buffer.concat([it, Buffer.from('more')])), /follows the end/],
    ['a table left out', altered((it) => without(it, 'entry')), /damaged|altered/],
    ['no backup', gzipSync('hello\n'), /no backup/],
    ['not compressed', Buffer.from('hello'), /no backup/],
    ['compressed, and cut', (await backUp()).subarray(0, 500), /cut off/],
    ['of a newer version', altered((it) => renamed(it)), /another version/],
  ]
  for (const [what, bytes, says] of damaged) {
    await assert.rejects(restoreBackup(restored.connection, Readable.from([bytes])), says, what)
    const left = await restored.query("select from pg_class where relnamespace = 'public'::regnamespace")
    assert.equal(left.length, 0, what)
  }
})

function without(text: Buffer, table: string): Buffer {
  const from = text.indexOf(`table ${table}\n`)
  const until = text.indexOf('\\.\n', from) + 3
  return Buffer.concat([text.subarray(0, from), text.subarray(until)])
}

function renamed(text: Buffer): Buffer {
  const [magic, header = '', ...rest] = text.toString('latin1').split('\n')
  const parsed = JSON.parse(Buffer.from(header, 'latin1').toString('utf8')) as BackupHeader
  const changed = { ...parsed, migrations: [...parsed.migrations, '9999-later.sql'] }
  return Buffer.from([magic, Buffer.from(JSON.stringify(changed)).toString('latin1'), ...rest].join('\n'), 'latin1')
}

test('a database that holds anything is not written to', async () => {
  const backup = await backUp()
  const before = await contentOf(world.db)
  await assert.rejects(restoreBackup(world.db.connection, Readable.from([backup])), (error: Error) => {
    assert.ok(error instanceof BackupError)
    return /not empty/.test(error.message)
  })
  assert.deepEqual(await contentOf(world.db), before)
})
