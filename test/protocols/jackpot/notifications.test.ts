import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { changeBrand } from '../../../src/operations/gift-cards/change-brand.ts'
import { changeJackpotAccount } from '../../../src/operations/jackpot/jackpot-account.ts'
import { readings } from '../../../src/operations/jackpot/readings.ts'
import { send } from '../../support/wallet-client.ts'
import { type JackpotServer, startJackpot } from './harness.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a receiver gets is looked at member by member
type Got = { path: string; headers: Record<string, unknown>; body: any }
let server: JackpotServer
let machine: string
const got: Got[] = []
let answers: number[] = []
const receiver = createServer((req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    got.push({ path: req.url ?? '', headers: req.headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
    res.writeHead(answers.shift() ?? 200).end('ok')
  })
})

before(async () => {
  server = await startJackpot()
  machine = await server.machine()
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
after(async () => {
  receiver.close()
  await server.assertClean().finally(() => server.stop())
})

const address = (path: string) => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${path}`
const change = (input: Parameters<typeof changeJackpotAccount>[2]) =>
  changeJackpotAccount({ db: server.db, config: server.assembly.config }, 'sandbox', input)
const put = async (id: unknown, what: string) =>
  (await server.call('PUT', `/v2/voucher/${id}/${what}`, undefined, server.bearer(machine))).body

async function arrived(count: number, what: (one: Got) => boolean = () => true): Promise<Got[]> {
  const until = Date.now() + 20_000
  while (got.filter(what).length < count && Date.now() < until) await delay(50)
  return got.filter(what)
}

test('all attempts of a notification are over within five minutes', () => {
  const total = readings.pauses.reduce((a, b) => a + b, 0)
  assert.ok(total < 300_000 && total > 120_000)
  for (const [i, pause] of readings.pauses.entries()) assert.ok(i === 0 || pause > (readings.pauses[i - 1] as number))
})

test('a partner is told each step of a voucher in its order, and can verify it by asking', async () => {
  await change({ notificationUrl: address('/notices') })
  // The first one is not heard at once.
  answers = [500]
  const { body: voucher } = await server.reserve(100)
  await put(voucher.id, 'confirm')
  await put(voucher.id, 'refund')
  const notices = await arrived(5)
  assert.deepEqual(
    notices.map(({ body }) => body.event),
    ['coupon/reserved', 'coupon/reserved', 'coupon/confirmed', 'coupon/ready', 'coupon/refunded'],
  )
  assert.equal(notices[0]?.body.id, notices[1]?.body.id)
  const [, reserved, confirmed, ready, refunded] = notices.map(({ body }) => body)
  const { notificationKey, couponId, data } = reserved.message
  assert.equal(couponId, voucher.couponId)
  assert.match(notificationKey, /^n-/)
  assert.deepEqual(data, voucher)
  assert.deepEqual([confirmed.message.data.state, ready.message.data.state], ['CONFIRMED', 'READY'])
  assert.equal(refunded.message.data.state, 'REFUNDED')
  assert.ok(Date.parse(reserved.createdAt) <= Date.parse(ready.createdAt))
  const { body: asked } = await server.call('GET', `/v2/voucher/${voucher.id}`, undefined, server.bearer(machine))
  assert.deepEqual(asked, refunded.message.data)
  for (const { headers, path } of notices) {
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(path, '/notices')
  }
})

test('the address of a card is made when it is sent, and kept nowhere', async () => {
  got.length = 0
  const { body: voucher } = await server.reserve(50)
  await put(voucher.id, 'confirm')
  const [ready] = await arrived(1, ({ body }) => body.event === 'coupon/ready')
  const { signedUrl } = ready?.body.message.data ?? {}
  const { pathname, search } = new URL(signedUrl)
  assert.equal((await send(server.url, pathname + search)).status, 200)
  const rows = await server.db.query<{ body: string }>('select body from delivery')
  assert.ok(rows.length > 3)
  assert.ok(rows.every(({ body }) => !body.includes('signature')))
})

test('a callback is off unless it is asked for, and its 200 confirms nothing', async () => {
  got.length = 0
  await change({ callbackUrl: address('/callback?shop=1'), notificationUrl: null })
  const { body: voucher } = await server.reserve(40)
  const [call] = await arrived(1)
  const url = new URL(call?.path ?? '', 'http://x')
  assert.deepEqual([url.pathname, url.searchParams.get('shop')], ['/callback', '1'])
  assert.match(url.searchParams.get('notificationKey') ?? '', /^n-/)
  const { initialAmount, url: card, state, paymentState, backUrl } = call?.body ?? {}
  assert.deepEqual([initialAmount, card, state, paymentState, backUrl], [40, null, 'RESERVED', null, null])
  assert.equal('price' in (call?.body ?? {}), false)
  await delay(300)
  const look = async () =>
    (await server.call('GET', `/v2/voucher/${voucher.id}`, undefined, server.bearer(machine))).body.state
  assert.equal(await look(), 'RESERVED')
  await put(voucher.id, 'confirm')
  const calls = await arrived(2)
  assert.equal(calls[1]?.body.state, 'READY')
  assert.match(calls[1]?.body.url, /\/vouchers\/.*signature=/)
  await change({ callbackUrl: null })
  got.length = 0
  await server.reserve(40)
  await delay(400)
  assert.deepEqual(got, [])
})

test('partners are told of stores', async () => {
  got.length = 0
  await change({ notificationUrl: address('/stores') })
  const update = (input: Parameters<typeof changeBrand>[2]) =>
    server.db.transaction((db) => changeBrand({ ...server.assembly, db }, 'maison-verte', input))
  await update({ status: 'paused' })
  await update({ status: 'enabled' })
  await update({ discount: 5 })
  const notices = await arrived(3)
  assert.deepEqual(
    notices.map(({ body }) => body.event),
    ['store/update', 'store/enabled', 'store/update'],
  )
  const { storeId, data } = notices[1]?.body.message ?? {}
  assert.deepEqual([storeId, data.slug, data.offers.length], [(await server.store()).storeId, 'maison-verte', 1])
  assert.deepEqual(Object.keys(notices[2]?.body.message), ['storeId'])
  // A change that is taken back tells nobody.
  const undone = server.db.transaction(async (db) => {
    await changeBrand({ ...server.assembly, db }, 'maison-verte', { discount: 6 })
    throw new Error('no')
  })
  await assert.rejects(undone)
  await delay(300)
  assert.equal(got.length, 3)
  assert.deepEqual(server.faults, [])
})
