import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createEndpoint } from '../../src/operations/webhooks/create-endpoint.ts'
import { give, paymentTo } from '../protocols/webwallet/money.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { send } from '../support/wallet-client.ts'
import { startCollector } from './collector.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`

/** A receiver of notifications that keeps their headers. */
async function startEar() {
  const heard: { trace: string | undefined; body: string }[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      heard.push({ trace: req.headers.traceparent as string | undefined, body })
      res.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 150 && !what(); i++) await delay(100)
  assert.ok(what(), 'it did not happen in time')
}

describe('traces', { timeout: 120_000 }, () => {
  let server: SandboxServer
  let collector: Awaited<ReturnType<typeof startCollector>>
  let ear: Awaited<ReturnType<typeof startEar>>
  before(async () => {
    collector = await startCollector()
    ear = await startEar()
    server = await startSandboxServer({
      config: { tracing: { endpoint: collector.url, service: 'billfold-test', interval: 100 } },
    })
  })
  after(async () => {
    await server.assertClean()
    await server.stop()
    await collector.stop()
    await ear.stop()
  })

  test('a payment with a traceparent is spans of that trace: request, ledger, delivery', async () => {
    const shop = await server.client(['desk:trace:USD', 'desk:other:USD'])
    await give(server, 'desk:trace:USD', '10.00')
    await server.db.transaction((sql) =>
      createEndpoint(
        { ...server.assembly, db: sql },
        { partyId: shop.partyId, url: ear.url, topics: ['wallet.debited'] },
      ),
    )
    const answer = await shop.post('/desk:trace:USD/payments', paymentTo('desk:other:USD', '1.00'), { traceparent })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['x-trace-id'], TRACE)
    await until(() => ear.heard.length > 0)
    const passed = ear.heard[0]?.trace ?? ''
    assert.match(passed, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
    assert.notEqual(passed, traceparent)
    await until(() => collector.spans.filter(({ traceId }) => traceId === TRACE).length >= 3)
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE)
    const request = spans.find(({ name }) => name === 'request')
    assert.equal(request?.parentSpanId, 'b7ad6b7169203331')
    assert.deepEqual(
      [request?.kind, request?.attributes['http.route'], request?.attributes['http.response.status_code']],
      [2, '/:walletID/payments', '200'],
    )
    const submit = spans.find(({ name }) => name === 'ledger submit')
    assert.deepEqual([submit?.parentSpanId, submit?.attributes['billfold.outcome']], [request?.spanId, 'accepted'])
    const attempt = spans.find(({ name }) => name === 'delivery attempt')
    assert.equal(passed.split('-')[2], attempt?.spanId)
    // Nothing of whom or how much.
    assert.doesNotMatch(JSON.stringify(collector.spans), /desk:|1\.00/)
  })

  test('jobs are traces of their own, and a request without a traceparent begins one', async () => {
    const answer = await send(server.url, '/healthz')
    assert.match(String(answer.headers['x-trace-id']), /^[0-9a-f]{32}$/)
    await until(() => collector.spans.some(({ name }) => name === 'job'))
    await until(() => collector.spans.some(({ traceId }) => traceId === answer.headers['x-trace-id']))
  })

  test('a caller that does not record its trace is not recorded here either', async () => {
    const unsampled = `00-${'ab'.repeat(16)}-b7ad6b7169203331-00`
    const answer = await send(server.url, '/healthz', { headers: { traceparent: unsampled } })
    assert.equal(answer.headers['x-trace-id'], 'ab'.repeat(16))
    await send(server.url, '/healthz', { headers: { traceparent } })
    await until(
      () => collector.spans.filter(({ traceId, name }) => traceId === TRACE && name === 'request').length >= 2,
    )
    assert.ok(!collector.spans.some(({ traceId }) => traceId === 'ab'.repeat(16)))
  })

  test('payments go on while the collector hangs', async () => {
    collector.answerWith('never')
    const shop = await server.client(['desk:hang:USD', 'desk:hung:USD'])
    await give(server, 'desk:hang:USD', '10.00')
    const begun = performance.now()
    await Promise.all(
      Array.from({ length: 100 }, () => shop.done('/desk:hang:USD/payments', paymentTo('desk:hung:USD', '0.01'))),
    )
    assert.ok(performance.now() - begun < 5_000)
    collector.answerWith(200)
  })
})

test('without a collector traces are passed on as they came, and a request outside of one says nothing', async (t) => {
  const server = await startSandboxServer()
  const ear = await startEar()
  t.after(async () => {
    await server.stop()
    await ear.stop()
  })
  const shop = await server.client(['desk:pass:USD', 'desk:on:USD'])
  await give(server, 'desk:pass:USD', '10.00')
  await server.db.transaction((sql) =>
    createEndpoint(
      { ...server.assembly, db: sql },
      { partyId: shop.partyId, url: ear.url, topics: ['wallet.debited'] },
    ),
  )
  const plain = await shop.post('/desk:pass:USD/payments', paymentTo('desk:on:USD', '1.00'))
  assert.equal(plain.headers['x-trace-id'], undefined)
  await until(() => ear.heard.length === 1)
  assert.equal(ear.heard[0]?.trace, undefined)
  const traced = await shop.post('/desk:pass:USD/payments', paymentTo('desk:on:USD', '2.00'), { traceparent })
  assert.equal(traced.headers['x-trace-id'], TRACE)
  await until(() => ear.heard.length === 2)
  assert.equal(ear.heard[1]?.trace, traceparent)
})
