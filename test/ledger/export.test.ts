import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { type ExportFormat, type ExportProgress, exportFormats, exportLedger } from '../../src/ledger/export.ts'
import { ensureAsset } from '../../src/storage/assets.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  openUsdWallet,
  submit,
  transfer,
} from '../support/ledger.ts'

const hasHledger = spawnSync('hledger', ['--version']).status === 0

describe('an export', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const exported = async (format: ExportFormat) => {
    const pieces: string[] = []
    await exportLedger(db, { format }, (piece) => void pieces.push(piece))
    return pieces.join('')
  }
  const refund = uuidV7(Date.now())
  after(close)

  before(async () => {
    const kwd = await ensureAsset(db, { code: 'KWD', circle: 'public', exponent: 3 })
    const jpy = await ensureAsset(db, { code: 'JPY', circle: 'tokyo-1', exponent: 0 })
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, null],
    ])
    await openAccounts(ledger, kwd.id, [
      [3n, null, null],
      [4n, 0n, null],
    ])
    await openAccounts(ledger, jpy.id, [
      [5n, null, null],
      [6n, 0n, null],
    ])
    await openUsdWallet(db, ledger, usd.id, 7n, '0830.1-2_3')
    const awkward = JSON.stringify({ description: '=HYPERLINK("x"); a\nb, "c" | d', amount: 1 }, null, 1)
    await submit(ledger, command([transfer(1n, 7n, 123_456_789_012_345n)], { payload: awkward }))
    await submit(
      ledger,
      command([transfer(7n, 2n, 1n), transfer(3n, 4n, 1_234n), transfer(5n, 6n, 1_500n)], { kind: '@kind' }),
    )
    await submit(
      ledger,
      command([transfer(2n, 7n, 1n)], { kind: 'refund', transaction: refund, payload: '{"description":"back"}' }),
    )
    const hold = { hold: uuidV7(Date.now()), source: 7n, target: 2n }
    await submit(ledger, command([{ type: 'hold', ...hold, amount: 500n, expiresAt: Date.UTC(2100, 0) }]))
    await submit(ledger, command([{ type: 'capture', ...hold, amount: 250n }]))
    await submit(ledger, command([{ type: 'change-account', account: 7n, lower: -5000n, status: 'frozen' }]))
  })

  test('for hledger declares its units and accounts, and asserts every balance', async () => {
    const journal = await exported('hledger')
    assert.match(journal, /^commodity 1000\.00 "USD\.public"$/m)
    assert.match(journal, /^commodity 1000\. "JPY\.tokyo-1"$/m)
    assert.match(journal, /^account wallets:us:0830\.1-2_3:USD$/m)
    assert.match(journal, /^\d{4}-\d\d-\d\d \([0-9a-f-]{36}\) payment =HYPERLINK\("x"\) a b, "c" \| d$/m)
    assert.ok(journal.includes(`(${refund}) refund back\n`))
    assert.match(journal, /^ {4}wallets:us:0830\.1-2_3:USD {2}1234567890123\.45 "USD\.public"$/m)
    assert.match(journal, /^ {4}wallets:us:0830\.1-2_3:USD {2}0\.00 "USD\.public" = 1234567890120\.95 "USD\.public"$/m)
    assert.match(journal, /^ {4}accounts:6 {2}0 "JPY\.tokyo-1" = 1500 "JPY\.tokyo-1"$/m)
  })

  test('for hledger is accepted by hledger, which comes to the same balances', {
    skip: !hasHledger && 'hledger is not installed',
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'))
    try {
      const file = join(folder, 'ledger.journal')
      await writeFile(file, await exported('hledger'))
      const check = spawnSync('hledger', ['-f', file, 'check', '--strict'], { encoding: 'utf8' })
      assert.equal(check.stderr, '')
      assert.equal(check.status, 0)
      const balances = spawnSync('hledger', ['-f', file, 'balance', '--flat', '--no-total', '-O', 'csv'], {
        encoding: 'utf8',
      })
      assert.match(balances.stdout, /"accounts:4","1\.234 ""KWD\.public"""/)
      assert.match(balances.stdout, /"wallets:us:0830\.1-2_3:USD","1234567890120\.95 ""USD\.public"""/)
      const wrong = (await exported('hledger'))
        .replace(' 1500 "JPY.tokyo-1"', ' 1501 "JPY.tokyo-1"')
        .replace(' -1500 "JPY', ' -1501 "JPY')
      await writeFile(file, wrong)
      assert.notEqual(spawnSync('hledger', ['-f', file, 'check']).status, 0)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('in CSV has one line an entry, quoted where it must be, and nothing that a spreadsheet would run', async () => {
    const [header, ...lines] = readCsv(await exported('csv'))
    assert.equal(lines.length, 12)
    const records = lines.map((line) => Object.fromEntries((header as string[]).map((name, i) => [name, line[i]])))
    assert.deepEqual(
      records.filter(({ account }) => account === '7').map(({ number, amount, balance }) => [number, amount, balance]),
      [
        ['1', '1234567890123.45', '1234567890123.45'],
        ['2', '-0.01', '1234567890123.44'],
        ['3', '0.01', '1234567890123.45'],
        ['4', '-2.50', '1234567890120.95'],
      ],
    )
    const first = records.find(({ account }) => account === '7')
    assert.equal(first?.description, `'=HYPERLINK("x"); a\nb, "c" | d`)
    assert.equal(first?.wallet, 'us:0830.1-2_3:USD')
    assert.equal(records.find(({ account }) => account === '3')?.kind, "'@kind")
  })

  test('in JSON has one line a transaction, with exact amounts and the payload as it was given', async () => {
    const lines = (await exported('jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const [{ count }] = (await db.query<{ count: bigint }>('select count(*) from transaction')) as [{ count: bigint }]
    assert.equal(lines.length, Number(count))
    const line = lines.find(({ reference }) => reference === refund)
    assert.deepEqual(line.payload, { description: 'back' })
    assert.deepEqual(line.transfers, [
      {
        source: '2',
        source_wallet: null,
        target: '7',
        target_wallet: 'us:0830.1-2_3:USD',
        amount: '0.01',
        currency: 'USD',
        circle: 'public',
      },
    ])
    const ended = lines.find(({ holds_ended }) => holds_ended.length > 0)
    assert.deepEqual([ended.holds_ended[0].status, ended.holds_ended[0].captured], ['captured', '2.50'])
    assert.deepEqual(lines.at(-1).accounts, [
      { account: '7', version: 2, lower: '-50.00', upper: null, status: 'frozen', currency: 'USD', circle: 'public' },
    ])
  })

  for (const format of exportFormats) {
    test(`as ${format} waits for its reader and reports how far it is`, async () => {
      let writing = 0
      const progress: ExportProgress[] = []
      await exportLedger(
        db,
        { format },
        async () => {
          assert.equal(++writing, 1)
          await new Promise((resolve) => setImmediate(resolve))
          writing--
        },
        (each) => progress.push(each),
      )
      const table = format === 'csv' ? 'entry' : 'transaction'
      const [{ count } = { count: 0 }] = await db.query<{ count: number }>(
        `select count(*)::int as count from ${table}`,
      )
      assert.deepEqual(progress.at(-1), { rows: count, ofRows: count })
    })
  }

  test('leaves the books as they are', () => assertAuditClean(db))
})

test('a long export comes in pieces of 64 KiB, and says after every 10,000 rows how far it is', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  await openAccounts(ledger, usd.id, [
    [1n, null, null],
    [2n, null, null],
  ])
  const many = Array.from({ length: 100 }, (_, i) => transfer(1n, 2n, BigInt(i + 1)))
  await Promise.all(Array.from({ length: 51 }, () => submit(ledger, command(many))))
  const pieces: string[] = []
  const progress: ExportProgress[] = []
  await exportLedger(
    db,
    { format: 'csv' },
    (piece) => void pieces.push(piece),
    (each) => progress.push(each),
  )
  const sizes = pieces.map(({ length }) => length)
  const last = sizes.pop() as number
  assert.ok(sizes.length > 10 && sizes.every((size) => size >= 65_536 && size < 70_000), `${sizes}`)
  assert.ok(last > 0 && last < 65_536)
  assert.deepEqual(progress, [
    { rows: 10_000, ofRows: 10_200 },
    { rows: 10_200, ofRows: 10_200 },
  ])
  const [, ...lines] = readCsv(pieces.join(''))
  assert.equal(lines.filter(([account]) => account === '1' || account === '2').length, 10_200)
  await close()
})

/** RFC 4180. */
function readCsv(text: string): string[][] {
  assert.ok(text.endsWith('\r\n'))
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === '\r\n') rows.push([])
  }
  rows.pop()
  return rows
}
