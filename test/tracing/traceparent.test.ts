import assert from 'node:assert/strict'
import test from 'node:test'
import { formatTraceparent, parseTraceparent } from '../../src/tracing/traceparent.ts'

// The examples and rules of W3C Trace Context, sections 3.2 and 4.3.
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

test('a traceparent is read and written', () => {
  const context = { traceId: TRACE, spanId: SPAN, sampled: true }
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), context)
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-00`), { ...context, sampled: false })
  assert.equal(formatTraceparent(context), `00-${TRACE}-${SPAN}-01`)
  // A later version may say more.
  assert.deepEqual(parseTraceparent(`01-${TRACE}-${SPAN}-01-what-the-future-will-be-like`), context)
})

test('anything else is as if nothing had come', () => {
  const wrong = [
    undefined,
    '',
    'hello',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  ]
  for (const text of wrong) assert.equal(parseTraceparent(text), null, text)
})
