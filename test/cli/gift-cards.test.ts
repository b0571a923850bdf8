import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createCardHasher } from '../../src/credentials/card-codes.ts'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { loadServerKey } from '../../src/credentials/server-key.ts'
import { audit } from '../../src/ledger/audit.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { createGiftDeps } from '../../src/operations/gift-cards/gift-deps.ts'
import { type PlacedOrder, placeOrder } from '../../src/operations/gift-cards/place-order.ts'
import { type Brand, findBrand } from '../../src/storage/brands.ts'
import { findPartner, type Partner } from '../../src/storage/partners.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl, type RunOptions } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let env: Record<string, string>
const key = randomBytes(32)
const keyring = createKeyring([key])
const folder = mkdtempSync(join(tmpdir(), 'billfold-cli-cards-'))
let partyId: string

before(async () => {
  database = await createTestDatabase()
  env = {
    BILLFOLD_HOME: join(folder, 'home'),
    BILLFOLD_KEY: key.toString('hex'),
    DATABASE_URL: databaseUrl(database.db.connection),
  }
  partyId = (await done(['party', 'create', '--kind', 'business', '--name', 'Cards and more'])).id
})
after(() => database.drop())

/** Runs a command that must succeed; its answer as JSON. */
async function done(args: string[], options: RunOptions & { status?: number } = {}) {
  const ran = await billfold([...args, '--json'], { ...options, env: { ...env, ...options.env } })
  assert.equal(ran.status, options.status ?? 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

async function failed(args: string[], status: number, message: RegExp) {
  const ran = await billfold(args, { env })
  assert.equal(ran.status, status, ran.stderr)
  assert.match(ran.stderr, message)
  assert.doesNotMatch(ran.stderr, /\n {4}at /)
}

/** Buys a card as a server would. */
async function buy(slug: string, requestId: string): Promise<PlacedOrder> {
  const { db } = database
  const journalKey = await loadJournalKey({ db, keyring })
  const connect = () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 30_000 })
  const ledger = createCommitter(await openPostgresStore({ connect, journalKey }))
  const cardKey = await loadServerKey({ db, keyring }, 'card-key')
  const deps = createGiftDeps({ db, ledger, keyring, clock: Date.now, cardKey })
  const result = await placeOrder(deps, {
    partner: (await findPartner(db, { slug: 'acme' })) as Partner,
    protocol: 'walleo',
    scope: 'walleo',
    requestId,
    operation: 'card',
    content: slug,
    brand: (await findBrand(db, { slug })) as Brand,
    face: 500n,
    delivery: 'code',
    later: false,
  })
  await ledger.close()
  assert.ok(
    !('refusal' in result),
    JSON.stringify(result, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  )
  return result
}

describe('billfold partner', () => {
  test('makes a partner with credentials that are shown once', async () => {
    const partner = await done(['partner', 'create', '--party', partyId, '--slug', 'acme'])
    assert.deepEqual([partner.slug, partner.live], ['acme', false])
    assert.deepEqual(await done(['partner', 'show', 'acme']), partner)
    assert.deepEqual((await done(['partner', 'list'])).items, [partner])
    const made = await done(['partner', 'credential', 'acme', '--protocol', 'walleo', '--address', '192.0.2.0/24'])
    assert.match(made.secret, /^[0-9a-f]{64}$/)
    const bound = await done(['partner', 'addresses', 'acme', made.id, '--address', '::1'])
    assert.deepEqual(bound.addresses, ['::1'])
    await done(['partner', 'revoke', 'acme', made.id])
    const listed = await done(['partner', 'credentials', 'acme'])
    assert.match(listed.items[0].revoked_at, /Z$/)
    assert.doesNotMatch(JSON.stringify(listed), new RegExp(made.secret))
  })

  test('opens floats and puts money into them, once under a key', async () => {
    await done(['wallet', 'open', 'bank:gateway:EUR', '--party', partyId, '--lower', 'none', '--upper', '0'])
    const opened = await done(['partner', 'float', 'acme', '--currency', 'EUR'])
    assert.deepEqual([opened.wallet, opened.available], ['float:acme:EUR', 0])
    const fund = [
      'partner',
      'fund',
      'acme',
      '--currency',
      'EUR',
      '--from',
      'bank:gateway:EUR',
      '--amount',
      '100',
      '--key',
      'may',
    ]
    const first = await done(fund)
    assert.deepEqual([first.amount, first.target], [100, 'float:acme:EUR'])
    assert.deepEqual(await done(fund), first)
    await failed([...fund.slice(0, -3), '200', '--key', 'may'], 1, /key: the key was used before for something else/)
    assert.equal((await done(['partner', 'floats', 'acme'])).items[0].balance, 100)
    await failed(
      ['partner', 'fund', 'acme', '--currency', 'USD', '--from', 'bank:gateway:EUR', '--amount', '1'],
      1,
      /no float in USD/,
    )
  })

  test('limits what may be bought', async () => {
    const rule = await done([
      'partner',
      'limit',
      '--partner',
      'acme',
      '--subject',
      'partner',
      '--period',
      '3600',
      '--count',
      '50',
    ])
    assert.deepEqual([rule.partner, rule.max_count], ['acme', 50])
    assert.equal((await done(['partner', 'limits'])).items.length, 1)
    await done(['partner', 'unlimit', rule.id])
    assert.deepEqual((await done(['partner', 'limits'])).items, [])
    await failed(['partner', 'limit', '--subject', 'moon', '--period', '1', '--count', '1'], 2, /--subject is partner/)
  })
})

describe('billfold brand and stock', () => {
  test('make a brand, change it, and fill its stock with a report of every refused line', async () => {
    const texts = join(folder, 'texts.json')
    writeFileSync(texts, '{"term_of_use": "Be nice."}')
    const made = await done([
      'brand',
      'create',
      '--slug',
      'rio',
      '--name',
      'Café Río',
      '--party',
      partyId,
      '--currency',
      'EUR',
      '--supply',
      'stock',
      '--value',
      '5',
      '--value',
      '10',
      '--discount',
      '4.5',
      '--code',
      'walleo=RIOFR',
      '--texts-file',
      texts,
      '--low-stock',
      '2',
    ])
    assert.deepEqual(
      [made.values.values, made.discount, made.codes.walleo, made.texts],
      [[5, 10], 4.5, 'RIOFR', { term_of_use: 'Be nice.' }],
    )
    const changed = await done([
      'brand',
      'change',
      'rio',
      '--status',
      'paused',
      '--reason',
      'Holidays',
      '--code',
      'walleo=',
    ])
    assert.deepEqual([changed.status, changed.status_reason, changed.codes], ['paused', 'Holidays', {}])
    assert.equal(
      (await done(['brand', 'change', 'rio', '--status', 'enabled', '--cancellable', 'on'])).status_reason,
      null,
    )
    assert.equal((await done(['brand', 'show', 'rio'])).cancellable, true)
    assert.equal((await done(['brand', 'list'])).items[0].slug, 'rio')

    const file = join(folder, 'codes.csv')
    writeFileSync(file, 'code,pin,value\nRIO-CODE-0001,1,5\nRIO-CODE-0001,1,5\nRIO-CODE-0002,2,7\nRIO-CODE-0003,3,10\n')
    const report = await done(['stock', 'import', 'rio', file, '--key', 'may'], { status: 1 })
    assert.deepEqual(
      [report.name, report.lines, report.added, report.refused],
      ['codes.csv', 4, 2, { in_file: 1, in_stock: 0, malformed: 1 }],
    )
    assert.deepEqual(
      report.refusals.map((it: { line: number; reason: string }) => [it.line, it.reason]),
      [
        [3, 'in-file'],
        [4, 'malformed'],
      ],
    )
    assert.deepEqual(await done(['stock', 'import', 'rio', file, '--key', 'may'], { status: 1 }), report)
    const plain = await billfold(['stock', 'import', 'rio', '-', '--name', 'more'], {
      env,
      input: 'value;code\n5;RIO-CODE-0004\n5;RIO-CODE-0001\n',
    })
    assert.equal(plain.status, 1)
    assert.match(plain.stdout, /^added +1$/m)
    assert.match(plain.stdout, /^line 3: in-stock ••••001$/m)
    assert.doesNotMatch(plain.stdout + plain.stderr, /RIO-CODE/)
    assert.deepEqual(
      (await done(['stock', 'show', 'rio'])).items.map((it: { value: number; remaining: number; low: boolean }) => [
        it.value,
        it.remaining,
        it.low,
      ]),
      [
        [5, 2, false],
        [10, 1, true],
      ],
    )
    assert.equal((await done(['stock', 'imports', 'rio'])).items.length, 2)
    assert.equal((await done(['stock', 'refusals', 'rio', report.id, '--limit', '1'])).next, '3')
    assert.ok((await done(['stock', 'notices', '--brand', 'rio'])).items.length > 0)
  })

  test('say plainly what is wrong', async () => {
    const empty = join(folder, 'empty.csv')
    writeFileSync(empty, '')
    await failed(['stock', 'import', 'rio', empty], 1, /file: the file is empty\n$/)
    await failed(['stock', 'import', 'rio', join(folder, 'nowhere.csv')], 1, /cannot be read/)
    await failed(['stock', 'import', 'rio', folder], 1, /EISDIR/)
    await failed(['stock', 'import', 'nothing', empty], 1, /there is no such brand/)
    await failed(['brand', 'change', 'rio'], 2, /say what to change/)
    await failed(['brand', 'change', 'rio', '--min', '5'], 2, /a range has --min/)
    await failed(['brand', 'change', 'rio', '--code', 'pledg=x'], 2, /--code is walleo, tillo, jackpot/)
    const secret = join(folder, 'upstream.json')
    writeFileSync(secret, '{"protocol":"walleo","api_key":"HUSH"}')
    const ran = await billfold(['brand', 'change', 'rio', '--upstream-file', secret], { env })
    assert.match(ran.stderr, /url is missing/)
    assert.doesNotMatch(ran.stderr, /HUSH/)
  })
})

describe('billfold order and card', () => {
  test('show what was bought, masked, reveal it to who says why, and take it back', async () => {
    const { order, card } = await buy('rio', 'request-1')
    const code = card?.secrets.code as string
    const listed = await done(['order', 'list', '--partner', 'acme', '--request', 'request-1'])
    assert.deepEqual(
      listed.items.map((it: { id: string }) => it.id),
      [order.id],
    )
    const table = await billfold(['order', 'show', order.id], { env })
    assert.match(table.stdout, /^status +succeeded$/m)
    assert.match(table.stdout, /requested/)
    assert.doesNotMatch(table.stdout, new RegExp(code))
    const found = await done(['card', 'find'], { env: { BILLFOLD_CARD_CODE: code } })
    assert.equal(found.order_id, order.id)
    const file = join(folder, 'code.txt')
    writeFileSync(file, `${code}\n`)
    assert.deepEqual(await done(['card', 'find', '--code-file', file]), found)
    assert.deepEqual(await done(['card', 'show', found.id]), found)
    assert.equal((await done(['card', 'block', found.id, '--reason', 'Lost'])).status, 'blocked')
    assert.equal((await done(['card', 'unblock', found.id])).status, 'active')
    await failed(['card', 'reveal', found.id], 2, /--reason is missing/)
    assert.equal((await done(['card', 'reveal', found.id, '--reason', 'A call'])).code, code)
    const cancelled = await done(['order', 'cancel', order.id])
    assert.equal(cancelled.status, 'cancelled')
    assert.deepEqual(
      cancelled.timeline.map((it: { what: string }) => it.what),
      ['requested', 'succeeded', 'blocked', 'unblocked', 'revealed', 'cancelled'],
    )
    assert.equal((await done(['card', 'cancel', found.id])).status, 'ended')
    assert.equal((await done(['partner', 'floats', 'acme'])).items[0].balance, 100)
    await failed(['order', 'resend', order.id], 1, /not delivered by mail/)
  })

  test('add up to reports', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const sales = await done(['brand', 'report', 'sales', '--from', today, '--to', today])
    assert.deepEqual(
      sales.items.map((it: { brand: string; orders: number; cancelled: number }) => [
        it.brand,
        it.orders,
        it.cancelled,
      ]),
      [['rio', 1, 1]],
    )
    assert.deepEqual((await done(['brand', 'report', 'liability'])).items, [])
    assert.deepEqual((await done(['brand', 'report', 'breakage', '--from', '2026-01-01T00:00:00Z'])).items, [])
    await failed(['brand', 'report', 'sales', '--from', 'May', '--to', today], 2, /--from reads 2026-01-31/)
  })
})

test('after all of it the books are clean', async () => {
  const { db } = database
  const report = await audit(db, { journalKey: await loadJournalKey({ db, keyring }) })
  assert.deepEqual(report.findings, [])
  assert.ok(createCardHasher(await loadServerKey({ db, keyring }, 'card-key')))
})
