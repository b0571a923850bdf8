import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { createGiftShop, type GiftShop } from './gift-cards.ts'
import { type Answer, type Body, createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let shop: GiftShop
before(async () => {
  harness = await createHarness()
  send = harness.send
  shop = await createGiftShop(harness)
  await shop.brand({ slug: 'shelf', supply: 'stock', low_stock: 2 })
  await shop.brand({ slug: 'other', supply: 'stock' })
})
after(() => harness.close())

const refusal = ({ status, body }: Answer) => [status, body?.code, body?.field]

test('an upload is answered with what became of its lines, and the refused ones are listed', async () => {
  const csv = `code,value\n${Array.from({ length: 150 }, (_, i) => `DOUBLE-${String(i % 10).padStart(4, '0')},5\n`).join('')}`
  const { status, body } = await shop.upload('shelf', csv, {}, '?name=may.csv')
  assert.equal(status, 201)
  assert.deepEqual(
    [body.brand, body.name, body.lines, body.added, body.refused, body.status],
    ['shelf', 'may.csv', 150, 10, { in_file: 140, in_stock: 0, malformed: 0 }, 'done'],
  )
  assert.match(body.by, /^api-key:/)
  const path = `/brands/shelf/stock/imports/${body.id}`
  assert.deepEqual((await send('GET', path)).body, body)
  assert.deepEqual((await send('GET', '/brands/shelf/stock/imports')).body.items, [body])
  const lines: number[] = []
  let cursor: string | null = null
  do {
    const answer: Body = (await send('GET', `${path}/refusals?limit=100${cursor ? `&cursor=${cursor}` : ''}`)).body
    lines.push(...answer.items.map(({ line }: Body) => line))
    cursor = answer.next
  } while (cursor)
  assert.deepEqual(
    lines,
    Array.from({ length: 140 }, (_, i) => i + 12),
  )
  const stock = (await send('GET', '/brands/shelf/stock')).body
  assert.deepEqual(stock, { brand: 'shelf', currency: 'EUR', items: [{ value: 5, remaining: 10, low: false }] })
})

test('an upload of another brand is not there', async () => {
  const { body } = await shop.upload('shelf', 'code,value\nMINE-0001,5\n')
  for (const path of ['', '/refusals'])
    assert.deepEqual(refusal(await send('GET', `/brands/other/stock/imports/${body.id}${path}`)), [
      404,
      'not-found',
      'import_id',
    ])
  assert.deepEqual((await send('GET', '/brands/other/stock/imports')).body.items, [])
})

test('an upload that is none is refused by what is wrong with it, and nothing of it is repeated', async () => {
  await shop.brand({ slug: 'not-stock' })
  for (const [brand, csv, headers, expected] of [
    [
      'shelf',
      'code,value\nX-1,5\n',
      { 'content-type': 'application/json' },
      [415, 'unsupported-media-type', undefined],
    ],
    ['shelf', 'code,value\nX-1,5\n', { 'content-length': String(2 ** 40) }, [413, 'body-too-large', undefined]],
    ['shelf', '', {}, [422, 'invalid-input', 'file']],
    ['shelf', 'SECRET-1,5\n', {}, [422, 'invalid-input', 'file']],
    ['not-stock', 'code,value\nX-1,5\n', {}, [409, 'conflict', 'brand']],
    ['nothing', 'code,value\nX-1,5\n', {}, [404, 'not-found', 'brand']],
    ['shelf', 'code,value\nX-1,5\n', { 'idempotency-key': 'a b' }, [400, 'idempotency-key-malformed', undefined]],
  ] as const) {
    const answer = await shop.upload(brand, csv, headers as Record<string, string>)
    assert.deepEqual(refusal(answer), expected, csv)
    assert.doesNotMatch(answer.text, /SECRET/)
  }
  const authorization = `Bearer ${await harness.key(['stock:read', 'brands:write'])}`
  assert.equal((await shop.upload('shelf', 'code,value\nX-1,5\n', { authorization })).status, 403)
})

test('an upload sent again under its key gets the first answer, and another one is refused', async () => {
  const key = { 'idempotency-key': 'upload-1' }
  const first = await shop.upload('other', 'code,value\nKEY-0001,5\nKEY-0001,5\n', key)
  assert.deepEqual([first.status, first.body.added, first.body.refused.in_file], [201, 1, 1])
  const again = await shop.upload('other', 'code,value\nKEY-0001,5\nKEY-0001,5\n', key)
  assert.deepEqual([again.status, again.text, again.headers.get('idempotency-replayed')], [201, first.text, 'true'])
  const changed = await shop.upload('other', 'code,value\nKEY-0002,5\nKEY-0001,5\n', key)
  assert.deepEqual(refusal(changed), [409, 'idempotency-conflict', undefined])
  const without = await shop.upload('other', 'code,value\nKEY-0001,5\nKEY-0001,5\n')
  assert.deepEqual([without.body.added, without.body.refused.in_stock], [0, 2])
})

test('an upload that is cut off on its way goes on when it is sent again under its key', async () => {
  const url = await harness.listen()
  const lines = Array.from({ length: 12_000 }, (_, i) => `CUT-OFF-${String(i).padStart(6, '0')},5\n`)
  const listed = async () => (await send('GET', '/brands/other/stock/imports')).body.items[0]
  /** @param cut resolves when the connection is to be cut; the upload is not ended then */
  const post = (chunks: string[], cut?: () => Promise<unknown>) =>
    new Promise<{ status: number; body: Body }>((resolve) => {
      const req = request(`${url}/admin/v1/brands/other/stock/imports?name=cut.csv`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${harness.operatorKey}`,
          'content-type': 'text/csv; charset=utf-8',
          'idempotency-key': 'cut',
        },
      })
      req.on('error', () => resolve({ status: 0, body: null }))
      req.on('response', async (res) => {
        let text = ''
        for await (const chunk of res) text += chunk
        resolve({ status: res.statusCode ?? 0, body: JSON.parse(text) })
      })
      for (const chunk of chunks) req.write(chunk)
      if (cut) void cut().then(() => req.destroy())
      else req.end()
    })
  const head = 'code,value\n'
  const someAdded = async () => {
    for (let i = 0; i < 200 && ((await listed())?.name !== 'cut.csv' || (await listed()).added < 5_000); i++)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.equal((await post([head, ...lines.slice(0, 8_000)], someAdded)).status, 0)
  const half = await listed()
  assert.equal(half.status, 'running')
  assert.ok(half.added > 0 && half.added < 8_000, `${half.added}`)
  const whole = await post([head, ...lines])
  assert.deepEqual([whole.status, whole.body.added, whole.body.status, whole.body.id], [201, 12_000, 'done', half.id])
})

test('what runs low is listed, and said to whoever reads the log', async () => {
  await shop.brand({ slug: 'low', supply: 'stock', low_stock: 3 })
  await shop.upload('low', 'code,value\nLOW-1,5\nLOW-2,5\nLOW-3,5\nLOW-4,10\n')
  const { body } = await send('GET', '/stock-notices?brand=low')
  assert.deepEqual(
    body.items.map((it: Body) => [it.brand, it.value, it.remaining, it.low_stock]),
    [['low', 10, 1, 3]],
  )
  assert.equal((await send('GET', '/brands/low/stock')).body.items[1].low, true)
  assert.ok(harness.warned.length > 0)
  // A change of the mark is looked at, too.
  await send('PATCH', '/brands/low', { low_stock: 4 })
  assert.deepEqual(
    (await send('GET', '/stock-notices?brand=low&limit=1')).body.items.map((it: Body) => it.value),
    [5],
  )
  assert.ok((await send('GET', '/stock-notices')).body.items.length >= 2)
})

test('no fault of ours was met', () => assert.deepEqual(harness.logged, []))
