import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createExporter } from '../../src/tracing/exporter.ts'
import type { FinishedSpan } from '../../src/tracing/otlp.ts'
import { startCollector } from './collector.ts'

const span = (name: string): FinishedSpan => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: null,
  name,
  kind: 'internal',
  start: 1_700_000_000_000.25,
  end: 1_700_000_000_001.5,
  attributes: { word: 'a', number: 7, yes: true },
  failed: false,
})

async function start(t: TestContext) {
  const collector = await startCollector()
  t.after(() => collector.stop())
  const warnings: object[] = []
  const exporter = createExporter({
    endpoint: `${collector.url}/`,
    headers: { authorization: 'Bearer key-of-the-collector' },
    service: 'till',
    log: { warn: (fields) => void warnings.push(fields) },
    interval: 20,
  })
  return { collector, exporter, warnings }
}

test('spans leave in batches, as OTLP has them', async (t) => {
  const { collector, exporter } = await start(t)
  for (let i = 0; i < 600; i++) exporter.add(span(`span ${i}`))
  await exporter.close()
  assert.equal(collector.spans.length, 600)
  assert.ok(collector.requests.length <= 3)
  const [{ path, headers } = { path: '', headers: {} }] = collector.requests
  assert.deepEqual(
    [path, headers['content-type'], headers.authorization],
    ['/v1/traces', 'application/json', 'Bearer key-of-the-collector'],
  )
  const [first] = collector.spans
  assert.deepEqual([first?.startTimeUnixNano, first?.endTimeUnixNano], ['1700000000000250000', '1700000000001500000'])
  assert.deepEqual(first?.attributes, { word: 'a', number: '7', yes: 'true' })
})

test('a collector that fails or hangs costs its spans and nothing else, and is complained about once', async (t) => {
  const { collector, exporter, warnings } = await start(t)
  collector.answerWith(503)
  exporter.add(span('lost'))
  await delay(120)
  exporter.add(span('lost too'))
  await delay(120)
  assert.deepEqual([exporter.dropped, warnings.length], [2, 1])
  assert.doesNotMatch(JSON.stringify(warnings), /key-of-the-collector|127\.0\.0\.1/)
  collector.answerWith('never')
  const begun = performance.now()
  for (let i = 0; i < 20_000; i++) exporter.add(span('too many'))
  assert.ok(performance.now() - begun < 500)
  assert.ok(exporter.dropped > 10_000)
  const closing = performance.now()
  await exporter.close()
  assert.ok(performance.now() - closing < 3_500)
})
