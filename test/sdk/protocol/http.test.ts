import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSend, HttpFailure, type HttpOptions, readJson, waitAsked } from '#sdk/protocol/http.ts'

const request = { method: 'POST', url: 'https://shop.example/a/b?secret=1', headers: { x: 'y' } }
const answering = (answer: () => Response | Promise<Response>, rest: Partial<HttpOptions> = {}) =>
  createSend({ fetch: async () => answer(), timeout: 1_000, ...rest })

async function failureOf(work: Promise<unknown>): Promise<HttpFailure> {
  const error = await work.then(
    () => assert.fail('it was answered'),
    (reason) => reason,
  )
  assert.ok(error instanceof HttpFailure)
  assert.equal(error.name, 'HttpFailure')
  return error
}

describe('a request', () => {
  test('is sent as it is, follows nobody, and is kept nowhere', async () => {
    const seen: [unknown, RequestInit | undefined][] = []
    const send = createSend({
      timeout: 1_000,
      fetch: async (input, init) => {
        seen.push([input, init])
        return new Response('x')
      },
    })
    await send(request)
    await send({ ...request, body: 'text' }, new AbortController().signal)
    const [[url, first], [, second]] = seen as [[unknown, RequestInit], [unknown, RequestInit]]
    assert.equal(url, request.url)
    const { signal: _, ...rest } = first
    assert.deepEqual(rest, { method: 'POST', headers: { x: 'y' }, redirect: 'manual', cache: 'no-store' })
    assert.equal(second.body, 'text')
  })

  test('that was given up before is not sent', async () => {
    const send = answering(() => assert.fail('it was sent'))
    const { code, sent, status, message } = await failureOf(send(request, AbortSignal.abort()))
    assert.deepEqual([code, sent, status], ['aborted', false, 0])
    assert.equal(message, 'POST /a/b was given up before it was sent')
  })
})

describe('an answer', () => {
  test('is given whole, with its status and headers', async () => {
    const parts = new ReadableStream({
      start(controller) {
        for (const part of ['on', '', 'e two']) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    })
    const send = answering(() => new Response(parts, { status: 404, headers: { 'x-id': '7' } }))
    const answer = await send(request)
    assert.deepEqual([answer.status, answer.header('X-Id'), answer.header('none')], [404, '7', null])
    assert.equal(new TextDecoder().decode(answer.bytes), 'one two')
    const empty = await answering(() => new Response(null, { status: 204 }))(request)
    assert.deepEqual([empty.status, empty.bytes.length], [204, 0])
  })

  test('has up to as many bytes as were allowed', async () => {
    const send = answering(() => new Response('12345'), { largestAnswer: 5 })
    assert.equal((await send(request)).bytes.length, 5)
    const failure = await failureOf(answering(() => new Response('123456'), { largestAnswer: 5 })(request))
    assert.deepEqual([failure.code, failure.status, failure.sent], ['answer-too-large', 200, true])
  })

  test('that leads elsewhere is none', async () => {
    for (const status of [300, 302, 399]) {
      const failure = await failureOf(answering(() => new Response('x', { status }))(request))
      assert.deepEqual([failure.code, failure.status, failure.sent], ['redirected', status, true])
    }
    assert.equal((await answering(() => new Response('x', { status: 299 }))(request)).status, 299)
    assert.equal((await answering(() => new Response('x', { status: 400 }))(request)).status, 400)
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' })
    assert.equal((await failureOf(answering(() => opaque)(request))).code, 'redirected')
  })

  test('that does not come is a broken network, a timeout or the caller’s own wish', async () => {
    const cause = new TypeError('broken')
    const broken = await failureOf(
      answering(() => {
        throw cause
      })(request),
    )
    assert.deepEqual([broken.code, broken.sent, broken.status, broken.cause], ['network-failure', true, 0, cause])
    const never = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_, failed) => init?.signal?.addEventListener('abort', () => failed(init.signal?.reason)))
    // Nothing else keeps the process up while the platform's timer, which does not, runs.
    const alive = setInterval(() => {}, 50)
    assert.equal((await failureOf(createSend({ fetch: never, timeout: 10 })(request))).code, 'timeout')
    assert.equal(
      (await failureOf(createSend({ fetch: never, timeout: 10 })(request, new AbortController().signal))).code,
      'timeout',
    )
    clearInterval(alive)
    const wish = new AbortController()
    const given = failureOf(createSend({ fetch: never, timeout: 5_000 })(request, wish.signal))
    wish.abort()
    assert.deepEqual([(await given).code, (await given).sent], ['aborted', true])
  })
})

const answerOf = (bytes: Uint8Array<ArrayBuffer>, wait: string | null = null) => ({
  status: 200,
  bytes,
  header: (name: string) => (name === 'retry-after' ? wait : null),
})

test('JSON is read from UTF-8, and what is none is undefined', () => {
  const read = (text: string) => readJson(answerOf(new TextEncoder().encode(text)))
  assert.deepEqual(read('{"a":["é"]}'), { a: ['é'] })
  assert.equal(read('null'), null)
  assert.equal(read('{'), undefined)
  assert.equal(readJson(answerOf(new Uint8Array([34, 0xff, 34]))), undefined)
})

test('a wait is asked for in whole seconds', () => {
  const asked = (text: string | null) => waitAsked(answerOf(new Uint8Array(), text))
  assert.deepEqual([asked('0'), asked('7'), asked('999999')], [0, 7_000, 999_999_000])
  for (const text of [null, '', '1.5', '-1', '7x', 'x7', '1000000', 'Sun, 22 Nov 2026 00:00:00 GMT']) {
    assert.equal(asked(text), undefined, String(text))
  }
})
