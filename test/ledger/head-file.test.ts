import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { audit } from '../../src/ledger/audit.ts'
import { createHeadFile, HEAD_FILE_DELAY, HeadFileError, readHeads } from '../../src/ledger/head-file.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  submit,
  testJournalKey,
  transfer,
} from '../support/ledger.ts'

const key = testJournalKey
const head = (stream: number, seq: number) => ({ stream, seq: BigInt(seq), hash: Buffer.alloc(32, seq % 256) })
const silent = { error: (_: object, message: string) => assert.fail(message) }

describe('the file of journal heads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heads-'))
  after(() => rm(folder, { recursive: true }))
  let files = 0
  const newPath = () => join(folder, `folder-${files++}`, 'heads.json')

  test('keeps the last head of every stream, and can be read by its owner only', async () => {
    const path = newPath()
    assert.deepEqual(await readHeads(path, key), [])
    const first = createHeadFile(path, key, silent)
    first.onHead(head(1, 1))
    first.onHead(head(1, 2))
    await first.flush()
    const second = createHeadFile(path, key, silent)
    second.onHead(head(2, 0))
    await second.flush()
    first.onHead(head(1, 3))
    await first.flush()
    assert.deepEqual(await readHeads(path, key), [head(1, 3), head(2, 0)])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(join(path, '..')), ['heads.json'])
  })

  test('is written soon after a head came, once for many of them', async () => {
    const path = newPath()
    const file = createHeadFile(path, key, silent)
    for (let seq = 1; seq <= 10_000; seq++) file.onHead(head(1, seq))
    await assert.rejects(readFile(path), { code: 'ENOENT' })
    await new Promise((resolve) => setTimeout(resolve, HEAD_FILE_DELAY + 150))
    assert.deepEqual(await readHeads(path, key), [head(1, 10_000)])
    const { mtimeMs } = await stat(path)
    await file.flush()
    assert.equal((await stat(path)).mtimeMs, mtimeMs)
  })

  test('loses no head of any process when several write at the same time', async () => {
    const path = newPath()
    const files = [1, 2, 3].map((stream) => ({ stream, file: createHeadFile(path, key, silent) }))
    for (let seq = 1; seq <= 5; seq++) {
      for (const { stream, file } of files) file.onHead(head(stream, seq))
      await Promise.all(files.map(({ file }) => file.flush()))
      assert.deepEqual(
        await readHeads(path, key),
        files.map(({ stream }) => head(stream, seq)),
      )
    }
    // One that was killed while it wrote is not waited for.
    await writeFile(`${path}.lock`, '')
    await utimes(`${path}.lock`, 0, 0)
    files[0]?.file.onHead(head(1, 6))
    await files[0]?.file.flush()
    assert.deepEqual(await readdir(join(path, '..')), ['heads.json'])
  })

  test('that was changed, cut or written under another key is not believed', async () => {
    const path = newPath()
    const file = createHeadFile(path, key, silent)
    file.onHead(head(1, 5))
    await file.flush()
    const text = await readFile(path, 'utf8')
    await assert.rejects(readHeads(path, Buffer.alloc(32, 9)), HeadFileError)
    for (const changed of [text.replace('"5"', '"4"'), text.slice(0, 20), '', 'null', '{}', '{"heads":[],"mac":""}']) {
      await writeFile(path, changed)
      await assert.rejects(readHeads(path, key), HeadFileError)
    }
  })

  test('that cannot be read is set aside, said once, and begun anew', async () => {
    const path = newPath()
    await mkdir(join(path, '..'))
    await writeFile(path, 'damaged')
    const errors: string[] = []
    const file = createHeadFile(path, key, { error: (_, message) => errors.push(message) })
    file.onHead(head(3, 1))
    await file.flush()
    assert.deepEqual(await readHeads(path, key), [head(3, 1)])
    assert.equal(errors.length, 1)
    const aside = (await readdir(join(path, '..'))).find((name) => name.includes('unreadable'))
    assert.equal(await readFile(join(path, '..', aside as string), 'utf8'), 'damaged')
  })

  test('that cannot be written stops nothing, is said once, and is written when it can be', async () => {
    const path = newPath()
    await writeFile(join(path, '..'), 'a file where the folder should be')
    const errors: string[] = []
    const file = createHeadFile(path, key, { error: (_, message) => errors.push(message) })
    for (let seq = 1; seq < 4; seq++) {
      file.onHead(head(1, seq))
      await file.flush()
    }
    assert.equal(errors.length, 1)
    await rm(join(path, '..'))
    await file.flush()
    assert.deepEqual(await readHeads(path, key), [head(1, 3)])
  })

  test('is what it was for everyone who kept one: the streams in their order, and a code under the key', async () => {
    const path = newPath()
    const file = createHeadFile(path, key, silent)
    for (const stream of [10, 9, 2]) file.onHead(head(stream, 1))
    await file.flush()
    const heads = [2, 9, 10].map((stream) => ({ stream, seq: '1', hash: '01'.repeat(32) }))
    const mac = createHmac('sha256', key)
      .update(`billfold journal heads\n${JSON.stringify(heads)}`)
      .digest('hex')
    assert.equal(await readFile(path, 'utf8'), `${JSON.stringify({ heads, mac }, null, 1)}\n`)
  })

  test('that is no file is left where it is: only what was damaged is set aside', async () => {
    const path = newPath()
    await mkdir(path, { recursive: true })
    await assert.rejects(readHeads(path, key), { code: 'EISDIR' })
    const told: [object, string][] = []
    const file = createHeadFile(path, key, { error: (fields, message) => told.push([fields, message]) })
    file.onHead(head(1, 1))
    await file.flush()
    assert.deepEqual(await readdir(join(path, '..')), ['heads.json'])
    const [[fields] = []] = told as [[{ err: { code: string }; path: string }, string]]
    assert.deepEqual([told.length, fields?.err.code, fields?.path], [1, 'EISDIR', path])
  })

  test('that cannot be written now and then is said each time anew', async () => {
    const path = newPath()
    let errors = 0
    const file = createHeadFile(path, key, { error: () => errors++ })
    for (let seq = 1; seq <= 3; seq++) {
      file.onHead(head(1, seq))
      await file.flush()
      await rm(path)
      await mkdir(path)
      file.onHead(head(2, seq))
      await file.flush()
      await file.flush()
      assert.equal(errors, seq)
      await rm(path, { recursive: true })
      await file.flush()
      assert.deepEqual(await readHeads(path, key), [head(1, seq), head(2, seq)])
    }
  })

  test('that is damaged is named with the place it was moved to, and the error has a name', async () => {
    const path = newPath()
    await mkdir(join(path, '..'))
    await writeFile(path, '{"heads":[]}')
    await assert.rejects(readHeads(path, key), { name: 'HeadFileError' })
    let fields: { err?: Error; aside?: string } = {}
    const file = createHeadFile(path, key, { error: (told) => (fields = told) })
    file.onHead(head(1, 1))
    await file.flush()
    assert.ok(fields.err instanceof HeadFileError)
    assert.equal(await readFile(fields.aside as string, 'utf8'), '{"heads":[]}')
  })

  test('shows that the end of the journal was cut off', async () => {
    const path = newPath()
    const file = createHeadFile(path, key, silent)
    const { db, ledger, usd, close } = await createTestLedger({ onHead: file.onHead })
    try {
      await openAccounts(ledger, usd.id, [
        [1n, null, null],
        [2n, 0n, null],
      ])
      await submit(ledger, command([transfer(1n, 2n, 5n)]))
      await file.flush()
      const knownHeads = await readHeads(path, key)
      await assertAuditClean(db, knownHeads)
      // What the file says may be older than the journal.
      await submit(ledger, command([transfer(1n, 2n, 5n)]))
      await assertAuditClean(db, knownHeads)
      // Whoever takes back the last two commits takes back everything that they wrote.
      await db.query('delete from journal where seq >= 2')
      await db.query('delete from transfer')
      await db.query('delete from entry')
      await db.query('delete from transaction where seq >= 2')
      await db.query('update account set balance = 0, entries = 0, changed_at = (select max(at) from transaction)')
      assert.deepEqual((await audit(db, { journalKey: key })).findings, [])
      const { findings } = await audit(db, { journalKey: key, knownHeads })
      assert.deepEqual(
        findings.map(({ table, row }) => [table, row]),
        [['journal', 'stream=1, seq=2']],
      )
    } finally {
      await close()
      // What is written late must not come after the folder is gone.
      await file.flush()
    }
  })
})
