import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { zip } from '../../../src/protocols/tillo/zip.ts'
import {
  assertProblem,
  assertSuccess,
  call,
  issueBody,
  sign,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

describe('the catalogue and the floats of the Tillo API', () => {
  let world: World
  let partner: TestPartner
  before(async () => {
    world = await startWorld()
    partner = await world.partner()
  })
  after(() => world.stop())

  const get = (path: string, query?: string) =>
    partner.call('GET', path, undefined, query === undefined ? {} : { query })
  const admin = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${world.url}/admin/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${world.sandbox.operator.api_key}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  test('the sandbox’s slugs of the official examples are brands, synchronous and asynchronous', async () => {
    const { brands, last_refreshed_at } = assertSuccess(await get('brands'))
    assert.match(last_refreshed_at, /Z$/)
    const slugs =
      'fixed-sync-uk fixed-sync-us sync-open-code-uk open-sync-eur fixed-async-uk fixed-async-us open-async-eur choiceplus-mock-uk open-loop-uk loop-card-uk mock-brand amazon'
    for (const slug of slugs.split(' ')) {
      assert.equal(brands[slug].slug, slug)
      assert.equal(brands[slug].async_only, slug.includes('async'), slug)
      assert.equal(brands[slug].status.code, 'ENABLED')
    }
    assert.deepEqual(brands['fixed-sync-uk'].denominations, ['5.00', '10.00', '20.00', '25.00', '50.00', '100.00'])
    assert.deepEqual(brands['fixed-sync-uk'].digital_denominations, [5, 10, 20, 25, 50, 100])
    assert.deepEqual(brands.amazon.digital_face_value_limits, { lower: '1.00', upper: '500.00', minor_unit: '0.01' })
    assert.deepEqual(
      [brands['choiceplus-mock-uk'].type, brands['choiceplus-mock-uk'].choices.length],
      ['choice-link', 3],
    )
    assert.deepEqual([brands['fixed-sync-us'].gc_pool, brands.amazon.gc_pool], [true, false])
    assert.ok(brands['loop-card-uk'].transaction_types.includes('physical_activation'))
    assert.ok(!brands.amazon.transaction_types.includes('physical_activation'))
  })

  test('brands are filtered, in detail where that is asked for, and an empty answer is an empty list', async () => {
    const of = async (query: string) => assertSuccess(await get('brands', query)).brands
    assert.deepEqual(Object.keys(await of('brand=amazon')), ['amazon'])
    const euros = Object.values(await of('currency=EUR')) as { currency: string }[]
    assert.ok(euros.length >= 2 && euros.every(({ currency }) => currency === 'EUR'))
    assert.deepEqual(await of('brand=no-such-brand'), [])
    assert.deepEqual(await of('country=ZZ'), [])
    assert.equal((await of('brand=amazon')).amazon.detail, undefined)
    assert.match((await of('brand=amazon&detail=true')).amazon.detail.assets.logo_url, /^https:/)
    assertProblem(await get('brands', 'currency=XXX'), 422, '721')
    assertProblem(await get('brands', 'colour=blue'), 422, '433')
    assertProblem(await get('brands', 'currency=GBP&currency=EUR'), 422, '433')
  })

  test('what is left in stock is told by value, and goes down with a sale', async () => {
    const brand = await world.brand({
      slug: 'pool',
      supply: 'stock',
      values: { type: 'fixed', values: [1000n, 2000n] },
    })
    await world.db.query('insert into stock_value (brand_id, face) values ($1, 1000)', [brand.id])
    await world.stock(brand, 1000n, ['POOL-1001', 'POOL-1002'])
    const stock = async () => assertSuccess(await get('check-stock', 'brand=pool')).pool
    assert.deepEqual(await stock(), { '10.00': '2', '20.00': 'OUT' })
    assertSuccess(await partner.call('POST', 'digital/issue', issueBody('pool', 10)))
    assert.deepEqual(await stock(), { '10.00': '1', '20.00': 'OUT' })
    const all = assertSuccess(await get('check-stock'))
    assert.equal(all['fixed-sync-us']['500.00'], 'OUT')
    assert.ok(Number(all['fixed-sync-us']['10.00']) > 1)
    await world.brand({ slug: 'bare', supply: 'stock' })
    assert.deepEqual(assertSuccess(await get('check-stock', 'brand=bare')), { bare: [] })
    assertProblem(await get('check-stock', 'brand=amazon'), 422, '720')
    assertProblem(await get('check-stock', 'brand=no-such-brand'), 400, '072')
  })

  test('a promotion is shown, changes what the float pays while it runs, and what is taken back', async () => {
    await world.brand({ slug: 'promoted', discountBp: 100, discountKeeper: 'operator' })
    const starts_at = new Date(Date.now() - 1000).toISOString()
    const promotion = { code: 'SUMMER1', name: 'Summer', discount: '7.5', starts_at, priority: 1, restrictions: 'none' }
    assert.equal((await admin('POST', '/brands/promoted/promotions', promotion)).status, 201)
    const coming = { code: 'WINTER1', name: 'Winter', discount: 50, starts_at: '2099-01-01T00:00:00Z' }
    assert.equal((await admin('POST', '/brands/promoted/promotions', coming)).status, 201)
    assert.equal((await admin('POST', '/brands/promoted/promotions', coming)).status, 409)
    const { standard } = assertSuccess(await get('promotions'))
    const [first, second] = standard.promoted
    assert.deepEqual(
      [first.code, first.name, first.discount, first.start_date, first.end_date, first.priority, first.restrictions],
      ['SUMMER1', 'Summer', 7.5, starts_at, null, 1, 'none'],
    )
    assert.equal(second.code, 'WINTER1')
    const body = issueBody('promoted', '100.00')
    const { balance } = await partner.balance()
    const sold = assertSuccess(await partner.call('POST', 'digital/issue', body))
    assert.deepEqual([sold.cost_value.amount, sold.discount], [92.5, 7.5])
    assert.equal((await partner.balance()).balance, balance - 9250n)
    assert.equal((await admin('DELETE', '/brands/promoted/promotions/SUMMER1')).status, 204)
    assert.equal(assertSuccess(await get('promotions')).standard.promoted.length, 1)
    const reverse = {
      client_request_id: 'reverse-promoted',
      original_client_request_id: body.client_request_id,
      brand: 'promoted',
      face_value: body.face_value,
      sector: body.sector,
    }
    assertSuccess(await partner.call('POST', 'digital/reverse', reverse))
    assert.equal((await partner.balance()).balance, balance)
    await world.assertClean()
  })

  test('templates have a version that changes with the brand, and come as an archive that others open', async (t) => {
    await world.brand({ slug: 'worded', texts: { term_of_use: 'Été 2026' } })
    const { templates } = assertSuccess(await get('templates', 'brand=worded'))
    const version = templates.worded.standard
    const file = await fetchFile(`brand=worded&template=standard&version=${version}`)
    assert.equal(file.headers.get('content-type'), 'application/zip')
    assert.equal(file.headers.get('content-disposition'), `attachment; filename="worded-standard-${version}.zip"`)
    assert.deepEqual((await fetchFile('brand=worded')).bytes, file.bytes)
    assertProblem(await get('template', 'brand=worded&version=other'), 400, '716')
    assertProblem(await get('template', 'brand=worded&template=fancy'), 400, '716')
    assertProblem(await get('template', 'template=standard'), 400, '070')
    assertProblem(await get('templates', 'brand=no-such-brand'), 400, '072')
    assert.ok(Object.keys(assertSuccess(await get('templates')).templates).length > 10)
    if (spawnSync('python3', ['--version']).error) return t.skip('there is no python3 to open the archive')
    const folder = mkdtempSync(join(tmpdir(), 'template-'))
    writeFileSync(join(folder, 'a.zip'), file.bytes)
    execFileSync('python3', ['-m', 'zipfile', '-t', 'a.zip'], { cwd: folder })
    execFileSync('python3', ['-m', 'zipfile', '-e', 'a.zip', '.'], { cwd: folder })
    assert.equal(JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')).term_of_use, 'Été 2026')
    assert.match(readFileSync(join(folder, 'template.html'), 'utf8'), /^<!doctype html>/)
  })

  test('an archive of the same files has the same bytes', () => {
    const files = new Map([
      ['é.txt', 'one'],
      ['b', ''],
    ])
    assert.deepEqual(zip(files), zip(files))
    assert.equal(zip(new Map()).length, 22)
  })

  async function fetchFile(query: string) {
    const { apiKey, secret } = partner.credentials
    const timestamp = Date.now()
    const signature = sign(secret, `${apiKey}-GET-template-worded-${timestamp}`)
    const response = await fetch(`${world.url}/api/v2/template?${query}`, {
      headers: { 'api-key': apiKey, signature, timestamp: String(timestamp) },
    })
    assert.equal(response.status, 200)
    return { headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) }
  }

  const ask = (who: TestPartner, more: object) =>
    who.call('POST', 'float/request-payment-transfer', { float: 'universal-float', currency: 'GBP', ...more })

  test('money that is asked for is pending until an operator approves it, which moves it once', async () => {
    const asking = await world.partner({ float: '10.00' })
    const sent = await ask(asking, {
      amount: '100.5',
      payment_reference: 'MAY-2026',
      finance_email: 'finance@example.com',
      proforma_invoice: { company_name: 'Shop Ltd', vat_number: 'GB1' },
    })
    assert.deepEqual(assertSuccess(sent), {
      float: 'universal-float',
      currency: 'GBP',
      amount: '100.50',
      payment_reference: 'MAY-2026',
    })
    const repeat = { amount: 100.5, payment_reference: 'MAY-2026' }
    assert.equal((await ask(asking, repeat)).text, sent.text)
    const floats = async () => assertSuccess(await asking.call('GET', 'check-floats')).floats.GBP['universal-float']
    assert.deepEqual(await floats(), { available_balance: 10, pending_payments: 100.5 })
    const transfers = async (query = '') =>
      assertSuccess(await asking.call('GET', 'float/transfer-requests', undefined, { query }))
    const [pending] = await transfers()
    assert.deepEqual(
      [pending.status, pending.requested, pending.approved],
      ['pending', { currency: 'GBP', amount: '100.50' }, null],
    )
    const { body } = await admin('GET', `/float-requests?partner=${asking.partner.slug}&status=pending`)
    const { id } = body.items[0]
    const approvals = await Promise.all(
      Array.from({ length: 16 }, () => admin('POST', `/float-requests/${id}/approve`, { source: 'bank:tests:GBP' })),
    )
    assert.equal(approvals.filter(({ status }) => status === 200).length, 1)
    for (const { status, body: problem } of approvals) if (status !== 200) assert.equal(problem.code, 'conflict')
    assert.deepEqual(await floats(), { available_balance: 110.5, pending_payments: 0 })
    const [approved] = await transfers('status=approved&payment_reference=MAY-2026')
    assert.deepEqual(approved.approved, { currency: 'GBP', amount: '100.50' })
    assert.deepEqual(await transfers('status=pending'), [])
    // One of each other end.
    const first = assertSuccess(await ask(asking, { amount: 20 })).payment_reference
    const second = assertSuccess(await ask(asking, { amount: 30 })).payment_reference
    assert.match(first, /^BF[A-Z2-9]{12}$/)
    const idOf = async (reference: string) =>
      (await admin('GET', `/float-requests?partner=${asking.partner.slug}`)).body.items.find(
        (item: { payment_reference: string }) => item.payment_reference === reference,
      ).id
    const edit = { source: 'bank:tests:GBP', amount: '15.25' }
    const key = { 'idempotency-key': 'edit-once' }
    const edited = await admin('POST', `/float-requests/${await idOf(first)}/edit`, edit, key)
    assert.deepEqual([edited.body.status, edited.body.approved], ['approved_edited', 15.25])
    assert.deepEqual(await admin('POST', `/float-requests/${await idOf(first)}/edit`, edit, key), edited)
    assert.equal((await admin('POST', `/float-requests/${await idOf(second)}/remove`)).body.status, 'removed')
    assert.equal(
      (await admin('POST', `/float-requests/${await idOf(second)}/approve`, { source: 'bank:tests:GBP' })).status,
      409,
    )
    assert.deepEqual(
      (await transfers()).map((it: { status: string }) => it.status),
      ['removed', 'approved_edited', 'approved'],
    )
    assert.equal((await asking.balance()).balance, 1000n + 10_050n + 1525n)
    await world.assertClean()
  })

  test('a request for money says in its own form what is wrong with it', async () => {
    const asking = await world.partner()
    const wrongFloat = await ask(asking, { float: 'amazon', amount: 1 })
    assertProblem(wrongFloat, 422, '433')
    assert.deepEqual([Array.isArray(wrongFloat.json.messages), 'message' in wrongFloat.json], [true, false])
    assertSuccess(await ask(asking, { amount: '1', payment_reference: 'ONE' }))
    assertProblem(await ask(asking, { amount: '2', payment_reference: 'ONE' }), 422, '433')
    assertProblem(await ask(asking, { amount: 1, currency: 'XXX' }), 422, '721')
    assertProblem(await ask(asking, { amount: 1, currency: 'USD' }), 404, '709')
    assertProblem(await ask(asking, { amount: 1, currency: undefined }), 400, '722')
    assertProblem(await ask(asking, { amount: 1, payment_reference: 'x'.repeat(19) }), 422, '433')
    for (const amount of [0, -1, '0', '0.00', '-1', '1.001', 'x', '', '1e3', '100000000'])
      assertProblem(await ask(asking, { amount }), 400, '704')
    const list = await asking.call('GET', 'float/transfer-requests', undefined, { query: 'status=lost' })
    assertProblem(list, 422, '433')
    assert.ok(Array.isArray(list.json.data))
    const query = 'start_date=2026-99-01'
    assertProblem(await asking.call('GET', 'float/transfer-requests', undefined, { query }), 422, '433')
    const day = new Date().toISOString().slice(0, 10)
    const dated = (from: string, to: string) =>
      asking.call('GET', 'float/transfer-requests', undefined, { query: `start_date=${from}&end_date=${to}` })
    assert.equal(assertSuccess(await dated(day, day)).length, 1)
    assert.equal(assertSuccess(await dated('2020-01-01', '2020-12-31')).length, 0)
  })

  test('floats are told for each currency, without a message, to their own partner', async () => {
    const sandbox = await call(world.url, world.sandboxPartner, 'GET', 'check-floats')
    assert.deepEqual(Object.keys(assertSuccess(sandbox).floats), ['EUR', 'GBP', 'USD'])
    assert.equal('message' in sandbox.json, false)
    assert.deepEqual(assertSuccess(await get('check-floats', 'currency=JPY')).floats, {})
    assertProblem(await get('check-floats', 'currency=XXX'), 422, '721')
  })

  test('a float that may go below zero is spent as credit', async () => {
    const credit = await world.partner({ float: '0', lower: -50 })
    assert.equal(
      assertSuccess(await credit.call('GET', 'check-floats')).floats.GBP['universal-float'].available_balance,
      50,
    )
    assertSuccess(await credit.call('POST', 'digital/issue', issueBody('amazon', '50.00')))
    assertProblem(await credit.call('POST', 'digital/issue', issueBody('amazon', '50.00')), 403, '615')
    await world.assertClean()
  })

  test('none of this was a fault of the server', () => assert.deepEqual(world.faults, []))
})
