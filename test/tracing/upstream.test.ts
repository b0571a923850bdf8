import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import type { FinishedSpan } from '../../src/tracing/otlp.ts'
import { createTracer } from '../../src/tracing/tracer.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'

test('calls of upstreams pass the trace on, with their bodies as they were, and are spans', async (t) => {
  const heard: { trace: string | undefined; body: string; key: string | undefined }[] = []
  const upstream = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      heard.push({ trace: req.headers.traceparent as string | undefined, body, key: req.headers['x-key'] as string })
      res.writeHead(body === 'fail' ? 500 : 200).end('{}')
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  t.after(() => upstream.close())
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/cards`
  const spans: FinishedSpan[] = []
  const tracer = createTracer({ add: (span) => void spans.push(span), dropped: 0, close: async () => {} })
  const options = (body: string) => ({ method: 'POST', body, headers: { 'x-key': 'k' } })

  await tracer.fetch(url, options('outside'))
  const span = tracer.request(`00-${TRACE}-b7ad6b7169203331-01`)
  assert.ok(span)
  await tracer.within(span, () => tracer.fetch(url, options('inside')))
  await tracer.within(span, () => tracer.fetch(url, options('fail')))
  await assert.rejects(tracer.within(span, () => tracer.fetch('http://127.0.0.1:9/', { method: 'GET' })))

  assert.deepEqual(
    heard.map(({ body, key }) => [body, key]),
    [
      ['outside', 'k'],
      ['inside', 'k'],
      ['fail', 'k'],
    ],
  )
  assert.equal(heard[0]?.trace, undefined)
  assert.match(heard[1]?.trace ?? '', new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  assert.deepEqual(
    spans.map(({ name, parentSpanId, failed, attributes }) => [
      name,
      parentSpanId,
      failed,
      attributes['http.response.status_code'],
    ]),
    [
      ['upstream call', span.context.spanId, false, 200],
      ['upstream call', span.context.spanId, true, 500],
      ['upstream call', span.context.spanId, true, undefined],
    ],
  )
  await tracer.close()
})
