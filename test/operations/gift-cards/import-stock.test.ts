import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { importStock } from '../../../src/operations/gift-cards/import-stock.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { UploadConflict } from '../../../src/operations/gift-cards/stock-upload.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { listStockRefusals } from '../../../src/storage/stock-imports.ts'
import { listNotices } from '../../../src/storage/stock-levels.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

let world: GiftWorld
const warned: object[] = []
before(async () => {
  world = await createGiftWorld()
})
after(() => world.stop())

const log = { warn: (fields: object) => void warned.push(fields) }

async function* pieces(text: string | Buffer, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

type Options = { key?: string; name?: string; deps?: GiftWorld['deps']; actor?: string }

async function upload(brand: Brand, source: string | Buffer | AsyncIterable<Uint8Array>, options: Options = {}) {
  const { deps = world.deps, name = 'codes.csv', actor = 'test', key } = options
  const bytes = typeof source === 'string' || Buffer.isBuffer(source) ? pieces(source, 50_000) : source
  const { report, repeated } = await importStock(
    { ...deps, log },
    { brand, name, actor, source: bytes, ...(key !== undefined && { key }) },
  )
  const refused = await listStockRefusals(world.db, { importId: report.id, limit: 1_000_000 })
  const { lines, added, in_file, in_stock, malformed } = report
  return { report, repeated, refused, counts: { lines, added, in_file, in_stock, malformed } }
}

const stockBrand = (slug: string, more: Partial<Parameters<GiftWorld['brand']>[0]> = {}) =>
  world.brand({ slug, supply: 'stock', ...more })

const codesOf = async (brand: Brand) =>
  Number(
    (await world.db.query<{ n: bigint }>('select count(*) as n from stock_code where brand_id = $1', [brand.id]))[0]?.n,
  )

const csv = (codes: string[], value = '5') => `code,value\n${codes.map((code) => `${code},${value}\n`).join('')}`
const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(7, '0')}`)

describe('an upload of codes', () => {
  test('tells of each line what became of it, by its number, and of a code no more than its mask', async () => {
    const brand = await stockBrand('report')
    await upload(brand, csv(['HERE-BEFORE-0001']))
    const file = [
      '\ufeffcode,pin,value',
      'FIRST-CODE-00001,1,5',
      '',
      'HERE-BEFORE-0001,2,5',
      'FIRST-CODE-00001,3,10',
      'SECOND-CODE-0002,4,7',
      '  ',
      'THIRD-CODE-00003,5',
      'FOURTH-CODE-0004,6,10.00',
    ].join('\r\n')
    const { counts, refused, report } = await upload(brand, pieces(file))
    assert.deepEqual(counts, { lines: 6, added: 2, in_file: 1, in_stock: 1, malformed: 2 })
    assert.deepEqual(refused, [
      { line: 4, reason: 'in-stock', detail: null, mask: '••••0001' },
      { line: 5, reason: 'in-file', detail: null, mask: '••••0001' },
      { line: 6, reason: 'malformed', detail: 'the brand does not sell 7.00', mask: null },
      { line: 8, reason: 'malformed', detail: 'the line has 2 fields, the header row 3', mask: null },
    ])
    assert.equal(report.status, 'done')
  })

  test('is for sale at once, with its PIN and its day, and sealed where it lies', async () => {
    const brand = await stockBrand('sealed')
    await upload(brand, 'code,pin,value,expires_on,serial\nSEALED-0001,7777,5,2099-12-31,S-1\n')
    const [row] = await world.db.query<{ code: Buffer; code_hash: Buffer }>(
      'select * from stock_code where brand_id = $1',
      [brand.id],
    )
    for (const secret of ['SEALED-0001', '7777']) assert.equal(row?.code.includes(secret), false)
    assert.deepEqual(row?.code_hash, world.deps.cardHasher.ofBrand(brand.id, 'SEALED-0001'))
    const bought = await placeOrder(world.deps, world.wish(brand, 500n, 'sealed-1'))
    assert.ok(!('refusal' in bought))
    assert.deepEqual(bought.card?.secrets, { code: 'SEALED-0001', pin: '7777', serial: 'S-1' })
    assert.equal(bought.card?.row.expires_at?.toISOString(), '2099-12-31T23:59:59.999Z')
    // A code that was sold is in stock for ever.
    assert.equal((await upload(brand, csv(['SEALED-0001']))).counts.in_stock, 1)
  })

  test('of addresses finds those again, too', async () => {
    const brand = await stockBrand('addresses')
    const file = 'url,value\nhttps://cards.example/a,5\nhttps://cards.example/a,5\n'
    assert.equal((await upload(brand, file)).counts.in_file, 1)
    const bought = await placeOrder(world.deps, world.wish(brand, 500n, 'addresses-1'))
    assert.ok(!('refusal' in bought))
    assert.equal(bought.card?.secrets.url, 'https://cards.example/a')
  })

  test('without a good header row, or for a brand without stock, is refused whole', async () => {
    const brand = await stockBrand('headers')
    const own = await world.brand({ slug: 'headers-own' })
    for (const [to, file, message] of [
      [brand, '', /is empty/],
      [brand, '\n\n', /is empty/],
      [brand, 'ABCD,5\n', /none of code, pin/],
      [brand, `${'x'.repeat(5000)}\n`, /too long/],
      [own, csv(['X-1']), /is not stock/],
    ] as const)
      await assert.rejects(upload(to, file, { key: 'headers' }), message)
    // None of them used the key up.
    assert.equal((await upload(brand, csv(['X-1']), { key: 'headers' })).counts.added, 1)
  })

  test('with huge lines, bytes that are no text and no line end is read to its end', async () => {
    const brand = await stockBrand('monsters')
    async function* monster() {
      yield Buffer.from('code,value\nGOOD-0001,5\n"')
      for (let i = 0; i < 400; i++) yield Buffer.alloc(65_536, 'x')
      yield Buffer.from('\nGOOD-0002,5\n')
      yield Buffer.from([0x41, 0xff, 0xfe, 0x2c, 0x35, 0x0a])
      yield Buffer.from('NUL\u0000-0003,5\n')
      yield Buffer.from('GOOD-0004,5')
    }
    const before = process.memoryUsage().rss
    const { counts, refused } = await upload(brand, monster())
    assert.deepEqual(counts, { lines: 6, added: 3, in_file: 0, in_stock: 0, malformed: 3 })
    assert.deepEqual(
      refused.map(({ line, detail }) => [line, detail]),
      [
        [3, 'the line is longer than 4096'],
        [5, 'the line is no UTF-8'],
        [6, 'the code has a character that no code has, or is longer than 110'],
      ],
    )
    assert.ok(process.memoryUsage().rss - before < 100e6)
  })

  test('races another of the same codes: each code is added once, whoever comes first', async () => {
    const brand = await stockBrand('raced')
    const codes = many(6_000, 'RACE')
    const other = await world.openDeps()
    const results = await Promise.all([
      upload(brand, csv(codes), { name: 'a' }),
      upload(brand, csv(codes.toReversed()), { name: 'b', deps: other }),
      upload(brand, csv([...codes.slice(3_000), ...codes.slice(0, 3_000)]), { name: 'c' }),
    ])
    const sum = (name: 'added' | 'in_stock' | 'in_file') => results.reduce((all, { counts }) => all + counts[name], 0)
    assert.deepEqual([sum('added'), sum('in_stock'), sum('in_file')], [6_000, 12_000, 0])
    assert.equal(await codesOf(brand), 6_000)
  })

  test('sent 16 times at once under one key is one upload, and all are told the same', async () => {
    const brand = await stockBrand('keyed')
    const file = csv([...many(3_000, 'KEYED'), 'KEYED-0000001'])
    const other = await world.openDeps()
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, i) => upload(brand, file, { key: 'one', deps: i % 2 ? other : world.deps })),
    )
    for (const { report } of results) assert.deepEqual(report, results[0]?.report)
    assert.equal(results.filter(({ repeated }) => !repeated).length, 1)
    assert.deepEqual([results[0]?.counts.added, results[0]?.counts.in_file, await codesOf(brand)], [3_000, 1, 3_000])
    const again = await upload(brand, file, { key: 'one' })
    assert.deepEqual([again.repeated, again.report], [true, results[0]?.report])
  })

  test('under a key that was used for another one is refused, and adds nothing', async () => {
    const brand = await stockBrand('conflicts')
    const other = await stockBrand('conflicts-other')
    await upload(brand, csv(['ONE-1']), { key: 'used' })
    await assert.rejects(upload(brand, csv(['ONE-2']), { key: 'used' }), UploadConflict)
    await assert.rejects(upload(brand, csv(['ONE-1', 'ONE-2']), { key: 'used' }), UploadConflict)
    await assert.rejects(upload(brand, csv(['ONE-1']), { key: 'used', name: 'other.csv' }), UploadConflict)
    await assert.rejects(upload(other, csv(['ONE-1']), { key: 'used' }), UploadConflict)
    assert.deepEqual([await codesOf(brand), await codesOf(other)], [1, 0])
    // Another caller's keys are its own.
    assert.equal((await upload(other, csv(['ONE-1']), { key: 'used', actor: 'else' })).counts.added, 1)
  })

  test('that was cut off goes on under its key, and is told as if nothing had happened', async () => {
    const brand = await stockBrand('cut')
    const file = csv([...many(7_000, 'CUT'), 'CUT-0000000', 'bad\u0007'])
    async function* cutOff() {
      yield Buffer.from(file.slice(0, 90_000))
      throw new Error('the line is dead')
    }
    await assert.rejects(upload(brand, cutOff(), { key: 'cut' }), /the line is dead/)
    const half = await codesOf(brand)
    assert.ok(half > 0 && half < 7_000, `${half}`)
    const { counts, repeated } = await upload(brand, file, { key: 'cut' })
    assert.deepEqual([counts, repeated], [{ lines: 7_002, added: 7_000, in_file: 1, in_stock: 0, malformed: 1 }, false])
    // What was begun with other content is not mixed with this one.
    await assert.rejects(upload(brand, cutOff(), { key: 'mixed' }), /the line is dead/)
    await assert.rejects(upload(brand, file.replaceAll('CUT', 'MIX'), { key: 'mixed' }), UploadConflict)
    assert.equal(await codesOf(brand), 7_000)
  })

  test('of 100,000 codes takes little memory, and lets others have their turn', async () => {
    const brand = await stockBrand('bulk')
    async function* bulk() {
      yield Buffer.from('code,pin,value,expires_on\n')
      for (let i = 0; i < 100_000; i += 500)
        yield Buffer.from(Array.from({ length: 500 }, (_, j) => `BULK-${i + j},${j},5.00,2099-01-01\n`).join(''))
    }
    const before = process.memoryUsage().rss
    let most = before
    let turns = 0
    const watch = setInterval(() => {
      turns++
      most = Math.max(most, process.memoryUsage().rss)
    }, 10)
    const { counts } = await upload(brand, bulk())
    clearInterval(watch)
    assert.equal(counts.added, 100_000)
    assert.ok(most - before < 250e6, `${(most - before) / 1e6} MB`)
    assert.ok(turns > 50, `${turns} turns`)
  })
})

describe('stock that runs low', () => {
  const notices = (brand: Brand) => listNotices(world.db, { brandId: brand.id, limit: 100 })

  test('is told once, each time that a value falls below the mark', async () => {
    const brand = await stockBrand('low', { lowStock: 3 })
    const other = await world.openDeps()
    warned.length = 0
    await upload(brand, csv(['LOW-1', 'LOW-2', 'LOW-3', 'LOW-4']))
    assert.deepEqual(await notices(brand), [])
    await placeOrder(world.deps, world.wish(brand, 500n, 'low-1'))
    const { noticeLowStock } = await import('../../../src/operations/gift-cards/low-stock.ts')
    const look = (deps: GiftWorld['deps']) => noticeLowStock({ ...deps, log }, { brandId: brand.id, face: 500n })
    assert.deepEqual(await look(world.deps), [])
    await placeOrder(world.deps, world.wish(brand, 500n, 'low-2'))
    const told = await Promise.all(Array.from({ length: 16 }, (_, i) => look(i % 2 ? world.deps : other)))
    assert.equal(told.flat().length, 1)
    await placeOrder(world.deps, world.wish(brand, 500n, 'low-3'))
    assert.deepEqual(await look(world.deps), [])
    const [notice] = await notices(brand)
    assert.deepEqual([notice?.face, notice?.remaining, notice?.low_stock, notice?.brand], [500n, 2, 3, 'low'])
    assert.equal(warned.length, 1)
    // More codes end it, and the next fall is told again.
    await upload(brand, csv(['LOW-5', 'LOW-6', 'LOW-7']))
    assert.equal((await notices(brand)).length, 1)
    await placeOrder(world.deps, world.wish(brand, 500n, 'low-4'))
    await placeOrder(world.deps, world.wish(brand, 500n, 'low-5'))
    await look(world.deps)
    assert.equal((await notices(brand)).length, 2)
  })

  test('is told of an upload that does not bring enough, of each value by itself', async () => {
    const brand = await stockBrand('few', { lowStock: 2 })
    await upload(brand, 'code,value\nFEW-1,5\nFEW-2,5\nFEW-3,10\n')
    assert.deepEqual(
      (await notices(brand)).map(({ face, remaining }) => [face, remaining]),
      [[1000n, 1]],
    )
    await upload(brand, 'code,value\nFEW-4,10\nFEW-5,15\n')
    assert.deepEqual(
      (await notices(brand)).map(({ face, remaining }) => [face, remaining]),
      [
        [1500n, 1],
        [1000n, 1],
      ],
    )
  })

  test('is what a sale leaves to the worker to look at', async () => {
    const { createSoldStock } = await import('../../../src/operations/gift-cards/low-stock.ts')
    const brand = await stockBrand('watched', { lowStock: 1 })
    await upload(brand, csv(['WATCH-1', 'WATCH-2']))
    const soldStock = createSoldStock()
    await placeOrder({ ...world.deps, soldStock }, world.wish(brand, 500n, 'watched-1'))
    await placeOrder({ ...world.deps, soldStock }, world.wish(brand, 500n, 'watched-2'))
    assert.deepEqual(soldStock.take(), [{ brandId: brand.id, face: 500n }])
    assert.deepEqual(soldStock.take(), [])
  })
})

test('after all of it the books are clean', () => world.assertClean())
