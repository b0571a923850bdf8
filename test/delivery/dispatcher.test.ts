import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from '../../src/storage/database.ts'
import { claimDeliveries } from '../../src/storage/delivery-queue.ts'
import { eventually } from '../support/eventually.ts'
import { createDeliveryWorld, plainForm, startReceiver } from './world.ts'

const receiverOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

describe('the delivery job', { timeout: 150_000 }, () => {
  let world: Awaited<ReturnType<typeof createDeliveryWorld>>
  before(async () => {
    world = await createDeliveryWorld()
  })
  after(() => world.close())
  let stops: (() => Promise<void>)[] = []
  beforeEach(async () => {
    await world.db.query('truncate delivery, delivery_attempt')
  })
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()))
    stops = []
    assert.deepEqual(world.faults.splice(0), [])
  })
  const start = (...args: Parameters<typeof world.start>) => {
    const stop = world.start(...args)
    stops.push(stop)
    return stop
  }

  test('what is queued is sent once, and logged', async (t) => {
    const receiver = await startReceiver()
    t.after(receiver.close)
    const id = await world.queue({ url: `${receiver.url}/hook`, body: '{"a":1}' })
    start()
    await eventually(async () => (await world.rows())[0]?.status === 'delivered')
    await delay(100)
    assert.deepEqual(
      receiver.received.map(({ path, body, headers }) => [path, body, headers['x-id'], headers['x-attempt']]),
      [['/hook', '{"a":1}', id, '1']],
    )
    const [attempt, ...more] = await world.attempts()
    assert.deepEqual(
      [attempt?.number, attempt?.status, attempt?.error, attempt?.excerpt, more],
      [1, 204, null, null, []],
    )
  })

  test('64 claimers on one queue send everything once', async (t) => {
    const receiver = await startReceiver()
    t.after(receiver.close)
    for (let i = 0; i < 200; i++) await world.queue({ url: receiver.url, receiver: receiverOf(i % 5), body: String(i) })
    const now = Date.now()
    const claims = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        claimDeliveries(world.db, {
          receiver: receiverOf(i % 5),
          now: new Date(now),
          leaseEnds: new Date(now + 60_000),
          atMost: 5,
        }),
      ),
    )
    const ids = claims.flatMap(({ claimed }) => claimed).map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    await world.db.query('update delivery set attempts = 0, next_attempt_at = created_at')
    // Far from what a busy machine takes: a time-out would rightly send again.
    for (let i = 0; i < 16; i++) start({ timeout: 30_000 })
    await eventually(async () => (await world.rows()).every(({ status }) => status === 'delivered'))
    assert.equal(receiver.received.length, 200)
    assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 200)
  })

  test('what a killed process had in hand is sent by another when its lease is over, and not before', async (t) => {
    const receiver = await startReceiver()
    t.after(receiver.close)
    const id = await world.queue({ url: receiver.url })
    const now = Date.now()
    const of = { receiver: receiverOf(1), now: new Date(now), leaseEnds: new Date(now + 600), atMost: 4 }
    assert.equal((await claimDeliveries(world.db, of)).claimed.length, 1)
    start()
    await eventually(() => receiver.received.length > 0)
    assert.ok(Date.now() - now >= 590)
    await eventually(async () => (await world.rows())[0]?.status === 'delivered')
    assert.deepEqual([receiver.received.length, receiver.received[0]?.headers['x-id']], [1, id])
  })

  test('a process that stops gives back what it had in hand', async (t) => {
    const receiver = await startReceiver((one, res) => one.headers['x-attempt'] === '2' && res.writeHead(200).end())
    t.after(receiver.close)
    await world.queue({ url: receiver.url })
    const stop = start({ timeout: 30_000 })
    await eventually(() => receiver.received.length === 1)
    const asked = Date.now()
    await stop()
    assert.ok(Date.now() - asked < 2_000)
    const [row] = await world.rows()
    assert.deepEqual([row?.status, row?.attempts], ['waiting', 0])
    assert.ok(row && row.next_attempt_at.getTime() <= Date.now())
  })

  test('a receiver that fails is tried again by its schedule, and given up at its end', async (t) => {
    const receiver = await startReceiver((_, res) =>
      res.writeHead(500, { 'content-type': 'text/plain' }).end('no\u0007 luck'),
    )
    t.after(receiver.close)
    await world.queue({ url: receiver.url })
    start({ forms: [plainForm({ pauses: [100, 200] })] })
    const started = Date.now()
    await eventually(async () => (await world.rows())[0]?.status === 'failed')
    assert.ok(Date.now() - started > 250)
    assert.equal(receiver.received.length, 3)
    assert.deepEqual(
      (await world.attempts()).map(({ number, status, error, excerpt }) => [number, status, error, excerpt]),
      [1, 2, 3].map((n) => [n, 500, 'answered 500', 'no  luck'.replace('  ', '  ')]),
    )
  })

  test('a redirect is a failure, and nobody follows it', async (t) => {
    const receiver = await startReceiver((_, res) =>
      res.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
    )
    t.after(receiver.close)
    const dialled: string[] = []
    await world.queue({ url: receiver.url })
    const { connect } = await import('node:net')
    start({
      forms: [plainForm({ pauses: [] })],
      connect: (address, port) => {
        dialled.push(address)
        return connect({ host: '127.0.0.1', port })
      },
    })
    await eventually(async () => (await world.rows())[0]?.status === 'failed')
    assert.deepEqual(dialled, ['127.0.0.1'])
    assert.deepEqual([receiver.received.length, (await world.attempts())[0]?.status], [1, 302])
  })

  test('410 ends what waits for the receiver, and tells its form', async (t) => {
    const receiver = await startReceiver((_, res) => res.writeHead(410).end())
    t.after(receiver.close)
    for (let i = 0; i < 10; i++) await world.queue({ url: receiver.url, object: `thing:${i % 2}` })
    const other = await world.queue({ url: receiver.url, receiver: receiverOf(2) })
    const disabled: string[] = []
    start({
      forms: [plainForm({ disable: async (id) => void disabled.push(id), pauses: [] })],
      perReceiver: 1,
    })
    await eventually(async () => (await world.rows()).every(({ status }) => status === 'failed'))
    assert.deepEqual([...new Set(disabled)].sort(), [receiverOf(1), receiverOf(2)])
    assert.equal(receiver.received.length, 2)
    assert.ok(receiver.received.some(({ headers }) => headers['x-id'] === other))
  })

  test('a receiver that hangs does not delay others, and is cut off', async (t) => {
    const hanging = await startReceiver(() => {})
    const receiver = await startReceiver()
    t.after(hanging.close)
    t.after(receiver.close)
    for (let i = 0; i < 50; i++) await world.queue({ url: hanging.url, receiver: receiverOf(1) })
    for (let i = 0; i < 50; i++) await world.queue({ url: receiver.url, receiver: receiverOf(2) })
    const started = Date.now()
    start({ timeout: 3_000, forms: [plainForm({ pauses: [60_000] })] })
    await eventually(() => receiver.received.length === 50)
    assert.ok(Date.now() - started < 3_000, 'the others were there before the first one was cut off')
    assert.equal(hanging.received.length, 4)
    await eventually(async () => (await world.attempts()).some(({ error }) => error === 'no answer within 3 s'))
    await eventually(() => hanging.received.length > 4)
    await delay(300)
    assert.equal(hanging.received.length, 5, 'after a failure it gets one at a time')
  })

  test('the status counts, however long or slow the rest of the answer is', async (t) => {
    const huge = await startReceiver((_, res) => {
      res.writeHead(200)
      const more = () => !res.destroyed && res.write(Buffer.alloc(65_536, 'x'), more)
      more()
    })
    const dripping = await startReceiver((_, res) => {
      res.writeHead(200)
      const timer = setInterval(() => res.write('x'), 20)
      res.on('close', () => clearInterval(timer))
    })
    t.after(huge.close)
    t.after(dripping.close)
    await world.queue({ url: huge.url })
    await world.queue({ url: dripping.url, receiver: receiverOf(2) })
    start({ timeout: 10_000 })
    await eventually(async () => (await world.rows()).every(({ status }) => status === 'delivered'))
    assert.ok((await world.attempts()).every(({ ms }) => ms < 4_000))
  })

  test('a receiver that drips its headers is cut off', async (t) => {
    const { createServer } = await import('node:net')
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x-more: 1\r\n'), 50)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => new Promise((resolve) => server.close(resolve)))
    const { port } = server.address() as { port: number }
    await world.queue({ url: `http://127.0.0.1:${port}` })
    start({ forms: [plainForm({ pauses: [] })] })
    await eventually(async () => (await world.rows())[0]?.status === 'failed')
    assert.equal((await world.attempts())[0]?.error, 'no answer within 1 s')
  })

  test('what is told of one object goes out in its order, whatever fails on the way', async (t) => {
    let failures = 0
    const receiver = await startReceiver((_, res) => res.writeHead(Math.random() < 0.3 && ++failures ? 500 : 204).end())
    t.after(receiver.close)
    const sent: Record<string, number[]> = {}
    for (let i = 0; i < 60; i++) {
      const object = `thing:${i % 3}`
      sent[object] = [...(sent[object] ?? []), i]
      await world.queue({ url: receiver.url, object, body: JSON.stringify({ object, i }) })
    }
    const forms = [plainForm({ pauses: Array(50).fill(10) })]
    for (let i = 0; i < 4; i++) start({ forms })
    await eventually(async () => (await world.rows()).every(({ status }) => status === 'delivered'))
    assert.ok(failures > 0)
    const arrived: Record<string, number[]> = {}
    for (const { body } of receiver.received) {
      const { object, i } = JSON.parse(body)
      if (arrived[object]?.at(-1) !== i) arrived[object] = [...(arrived[object] ?? []), i]
    }
    assert.deepEqual(arrived, sent)
  })

  // What autovacuum may do at any moment, or not yet have done: statistics that know nothing of what waits now.
  const histories: Record<string, (queue: (count: number, sql?: Sql) => Promise<unknown>) => Promise<unknown>> = {
    'without statistics': (queue) => queue(10_000),
    'with statistics of a few': async (queue) => {
      await queue(2_000)
      await world.db.query('delete from delivery')
      await queue(3)
      await world.db.query('analyze delivery')
      await queue(9_997)
    },
    'with statistics of a table that was just being filled': (queue) =>
      world.db.transaction(async (sql) => {
        await queue(10_000, sql)
        await world.db.query('analyze delivery')
      }),
  }
  for (const [name, fill] of Object.entries(histories)) {
    test(`10,000 deliveries of one object hold up neither another object nor the claims, ${name}`, async (t) => {
      const receiver = await startReceiver((one, res) => (one.body === 'other' ? res.writeHead(204).end() : undefined))
      t.after(receiver.close)
      const queueMany = (count: number, sql: Sql = world.db) =>
        sql.query(
          `insert into delivery (id, form, receiver, url, object, topic, body, created_at, next_attempt_at)
           select gen_random_uuid(), 'webhook', $1, $2, 'thing:hot', 'thing.done', '{}', now(), now()
           from generate_series(1, $3::int)`,
          [receiverOf(1), receiver.url, count],
        )
      await fill(queueMany)
      await world.queue({ url: receiver.url, body: 'other' })
      const started = Date.now()
      start({ timeout: 30_000, interval: 500 })
      await eventually(() => receiver.received.some(({ body }) => body === 'other'))
      assert.ok(Date.now() - started < 10_000)
      assert.equal(receiver.received.length, 2)
    })
  }

  test('an address is checked at every attempt, and one that has moved inside is not called', async (t) => {
    const receiver = await startReceiver((_, res) => res.writeHead(500).end())
    t.after(receiver.close)
    const { createAddressRules } = await import('../../src/delivery/address-rules.ts')
    const { connect } = await import('node:net')
    const answers = [['127.0.0.1'], ['127.0.0.9']]
    const dialled: string[] = []
    await world.queue({ url: `http://moving.example:${receiver.port}/` })
    start({
      forms: [plainForm({ pauses: [20] })],
      rules: createAddressRules(['127.0.0.1']),
      resolve: async () => answers.shift() as string[],
      connect: (address, port) => {
        dialled.push(address)
        return connect({ host: '127.0.0.1', port })
      },
    })
    await eventually(async () => (await world.rows())[0]?.status === 'failed')
    assert.deepEqual(dialled, ['127.0.0.1'])
    assert.equal(receiver.received[0]?.headers.host, `moving.example:${receiver.port}`)
    assert.deepEqual(
      (await world.attempts()).map(({ error }) => error),
      ['answered 500', 'the host is at an address that is not called'],
    )
  })

  test('a delivery for which nobody is there any more fails with the reason', async () => {
    await world.queue({ receiver: randomUUID() })
    start({ forms: [plainForm({ prepare: async () => ({ gone: 'the merchant left' }) })] })
    await eventually(async () => (await world.rows())[0]?.status === 'failed')
    assert.equal((await world.attempts())[0]?.error, 'the merchant left')
  })
})
