import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { verifyBackup } from '../../src/storage/backup/verify-backup.ts'
import { lastBackup, recordBackup } from '../../src/storage/backup-runs.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

const folder = mkdtempSync(join(tmpdir(), 'billfold-backup-'))
const path = join(folder, 'books.backup')
let database: TestDatabase

before(async () => {
  database = await createTestDatabase()
})
after(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

test('a backup writes down for the console when it ended, how large it is, and that it was read again', async () => {
  const { db } = database
  assert.equal(await lastBackup(db), undefined)
  const env = {
    BILLFOLD_HOME: join(folder, 'home'),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl(db.connection),
  }
  const ran = await billfold(['backup', '--output', path, '--verify', '--json'], { env })
  assert.equal(ran.status, 0, ran.stderr)
  assert.equal(ran.stderr, '')
  const told = JSON.parse(ran.stdout)
  assert.equal(told.verified, true)
  const run = await lastBackup(db)
  assert.ok(run)
  assert.equal(run.takenAt.toISOString(), told.at)
  assert.ok(run.endedAt >= run.takenAt)
  assert.deepEqual(
    [run.rows, run.bytes, run.fileBytes, run.verified],
    [BigInt(told.rows), BigInt(told.bytes), BigInt(statSync(path).size), true],
  )
})

test('what is read again is refused when it was cut off or altered', async () => {
  await verifyBackup(path)
  const whole = readFileSync(path)
  const damaged = join(folder, 'damaged.backup')
  const plain = gunzipSync(whole)
  plain[plain.length >> 1] = (plain[plain.length >> 1] as number) ^ 1
  writeFileSync(damaged, gzipSync(plain))
  await assert.rejects(verifyBackup(damaged), /damaged|altered|cut off/)
  writeFileSync(damaged, whole)
  truncateSync(damaged, whole.length >> 1)
  await assert.rejects(verifyBackup(damaged), /cannot be read|cut off/)
})

test('the last backup is the one that was made last', async () => {
  const { db } = database
  const run = { takenAt: '2026-11-22T03:00:00.000Z', bytes: 10, fileBytes: 4, rows: 1n, verified: false }
  await recordBackup(db, { ...run, id: 'ffffffff-0000-7000-8000-000000000002' })
  await recordBackup(db, { ...run, id: 'ffffffff-0000-7000-8000-000000000001' })
  assert.equal((await lastBackup(db))?.id, 'ffffffff-0000-7000-8000-000000000002')
})
