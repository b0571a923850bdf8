import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type HttpAnswer, HttpFailure, type HttpRequest } from '#sdk/protocol/http.ts'
import { createRestCaller, pathSegment, type RestCall, readErrorMember, tokenOf } from '#sdk/protocol/rest-call.ts'
import { object, text } from '#sdk/protocol/shape.ts'

class Failure extends Error {
  readonly code: string
  readonly status: number
  readonly applied: 'no' | 'unknown'

  constructor(code: string, message: string, facts: { status: number; applied: 'no' | 'unknown'; cause?: unknown }) {
    super(message, { cause: facts.cause })
    this.code = code
    this.status = facts.status
    this.applied = facts.applied
  }
}

type Step = HttpFailure | [status: number, body: unknown, wait?: string]
const card = { id: 'c' }
const refusal = { error: 'no-funds', error_description: 'Too little' }

/** Makes one call against what the steps answer; an answer without a body is no JSON. */
async function play(steps: Step[], rest: Partial<RestCall<{ id: string }>> = {}, times = 1) {
  const requests: HttpRequest[] = []
  const call = createRestCaller({
    send: async (request): Promise<HttpAnswer> => {
      requests.push(request)
      const step = steps[requests.length - 1] ?? [200, card]
      if (step instanceof Error) throw step
      const [status, body, wait = null] = step
      return { status, bytes: new TextEncoder().encode(JSON.stringify(body) ?? '<'), header: () => wait }
    },
    policy: { repeat: { times, delay: 1 }, comeBack: { first: 1, next: 1, patience: times } },
    fail: (code, message, facts) => new Failure(code, message, facts),
    readRefusal: readErrorMember,
  })
  const base = {
    method: 'POST',
    url: 'https://x.example/a',
    proof: { headers: {} },
    shape: object({ id: text }),
    again: 'same',
  } as const
  const result = await call<{ id: string }>({ ...base, ...rest }).catch((error: unknown) => error)
  const told = result instanceof Failure ? [result.code, result.status, result.applied] : result
  return { told, result, requests, count: requests.length }
}

describe('a call of a JSON API', () => {
  test('has its body as JSON or as a form, and headers of its own', async () => {
    const [plain] = (await play([], { proof: { headers: { key: 'k' } }, headers: { extra: 'e' } })).requests
    assert.deepEqual(plain, {
      method: 'POST',
      url: 'https://x.example/a',
      headers: { accept: 'application/json', extra: 'e', key: 'k' },
      body: undefined,
    })
    const [json] = (await play([], { body: { form: 'x' } as object })).requests
    assert.deepEqual([json?.headers['content-type'], json?.body], ['application/json', '{"form":"x"}'])
    const [form] = (await play([], { body: { form: new URLSearchParams({ a: 'b c' }) } })).requests
    assert.deepEqual([form?.headers['content-type'], form?.body], ['application/x-www-form-urlencoded', 'a=b+c'])
  })

  test('gives what was answered, whole, where it has its shape', async () => {
    assert.deepEqual((await play([[299, { id: 'a', more: 1 }]])).told, { id: 'a', more: 1 })
    for (const [body, message] of [
      [{ id: 1 }, 'id is not a text'],
      [undefined, 'The answer is not JSON'],
    ] as const) {
      const { told, result, count } = await play([[200, body]])
      assert.deepEqual([told, count], [['answer-malformed', 200, 'unknown'], 1])
      assert.equal((result as Failure).message, message)
    }
    assert.deepEqual((await play([[200, {}]], { again: 'none' })).told, ['answer-malformed', 200, 'no'])
  })

  test('is refused in the words of the API, without an effect', async () => {
    const { told, result, count } = await play([[409, refusal]])
    assert.deepEqual([told, count, (result as Failure).message], [['no-funds', 409, 'no'], 1, 'Too little'])
    const strange = await play([[404, {}]])
    assert.deepEqual(strange.told, ['answer-malformed', 404, 'unknown'])
    assert.equal((strange.result as Failure).message, 'Status 404, and no error of the API')
    assert.deepEqual((await play([[404, {}]], { again: 'none' })).told, ['answer-malformed', 404, 'no'])
  })

  test('is repeated after accidents unless it could have a second effect', async () => {
    const lost = new HttpFailure('network-failure', 'x')
    const unsent = new HttpFailure('network-failure', 'x', { sent: false })
    const late = new HttpFailure('timeout', 'x')
    for (const step of [lost, late, unsent, [500, {}], [503, refusal, '0']] as Step[]) {
      assert.deepEqual([(await play([step])).told, (await play([step])).count], [card, 2])
      assert.deepEqual((await play([step], { again: 'none' })).told, card)
    }
    assert.deepEqual((await play([lost], { again: 'another' })).told, ['network-failure', 0, 'unknown'])
    assert.deepEqual((await play([unsent], { again: 'another' })).told, card)
    assert.deepEqual((await play([[500, {}]], { again: 'another' })).told, ['server-failure', 500, 'unknown'])
    assert.deepEqual((await play([[500, refusal]], { again: 'another' })).told, ['no-funds', 500, 'unknown'])
    assert.deepEqual((await play([lost, [409, refusal]])).told, ['no-funds', 409, 'unknown'])
    assert.deepEqual((await play([lost, unsent])).told, ['network-failure', 0, 'unknown'])
  })

  test('is not repeated where it was given up, sent elsewhere or answered at length', async () => {
    for (const code of ['aborted', 'redirected', 'answer-too-large'] as const) {
      const { told, count } = await play([new HttpFailure(code, 'x', { status: 3 })])
      assert.deepEqual([told, count], [[code, 3, 'unknown'], 1])
    }
  })

  test('comes back when it was too much, which has no effect', async () => {
    assert.deepEqual((await play([[429, {}, '0']], { again: 'another' })).told, card)
    assert.deepEqual((await play([[429, {}]], { again: 'another' })).told, card)
    assert.deepEqual((await play([[429, {}, '5']])).told, ['rate-limited', 429, 'no'])
    assert.deepEqual((await play([[429, refusal, '5']])).told, ['no-funds', 429, 'no'])
  })

  test('passes a defect on as it is', async () => {
    const defect = new RangeError('defect')
    const shape = () => {
      throw defect
    }
    assert.equal((await play([], { shape })).result, defect)
  })
})

test('a token that the server takes no longer is replaced once', async () => {
  const dropped: string[] = []
  let asked = 0
  const tokens = { get: async () => `t${++asked}`, drop: (value: string) => void dropped.push(value) }
  const { told, requests } = await play([[401, refusal]], { proof: { tokens } })
  assert.deepEqual([told, dropped], [card, ['t1']])
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    ['Bearer t1', 'Bearer t2'],
  )
  assert.deepEqual(
    (
      await play(
        [
          [401, refusal],
          [401, refusal],
        ],
        { proof: { tokens } },
      )
    ).told,
    ['no-funds', 401, 'no'],
  )
  assert.deepEqual(dropped, ['t1', 't3', 't4'])
  assert.equal((await play([[401, refusal]])).count, 1)
  assert.equal((await play([[403, refusal]], { proof: { tokens } })).count, 1)
})

test('a refusal is read in either form', () => {
  const cases: [unknown, unknown][] = [
    [refusal, { code: 'no-funds', message: 'Too little' }],
    [
      { error: 'a', message: 'b' },
      { code: 'a', message: 'b' },
    ],
    [{ error: 'a' }, { code: 'a', message: 'The server refuses with a' }],
    [{ error: { type: 'a', message: 'b' } }, { code: 'a', message: 'b' }],
    [{ error: { type: 'a', code: 'c' } }, { code: 'c', message: 'The server refuses with c' }],
    ...[
      { error: '' },
      { error: {} },
      { error: { code: '' } },
      { error: { type: 1 } },
      { error: null },
      {},
      null,
      1,
    ].map((value): [unknown, null] => [value, null]),
  ]
  for (const [value, read] of cases) assert.deepEqual(readErrorMember(value), read)
})

test('a token is good from when it was asked for', () => {
  const token = tokenOf({ access_token: 'a', expires_in: 60 }, 1_000)
  assert.deepEqual(token, { value: 'a', issuedAt: 1_000, expiresAt: 61_000 })
})

test('a segment of a path leads nowhere else', () => {
  assert.deepEqual(['a/b', '...', '.a', 'é'].map(pathSegment), ['a%2Fb', '...', '.a', '%C3%A9'])
  for (const text of ['', '.', '..', '\ud800', 7 as unknown as string])
    assert.throws(() => pathSegment(text), TypeError)
})
