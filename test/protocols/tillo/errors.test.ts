import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { tilloErrors } from '../../../sdk/src/tillo/error-codes.ts'
import { giftRefusals } from '../../../src/domain/gift-card.ts'
import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import { explain, refused } from '../../../src/protocols/tillo/errors.ts'
import {
  type Answer,
  assertProblem,
  assertSuccess,
  call,
  issueBody,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

describe('errors of the Tillo API', () => {
  let world: World
  let partner: TestPartner
  before(async () => {
    world = await startWorld()
    // Before the first sale, so that the rule is known at once.
    const limited = await world.brand({ slug: 'limited' })
    await world.db.query(
      `insert into velocity_rule (id, brand_id, subject, period_seconds, max_count) values ($1, $2, 'recipient', 86400, 1)`,
      ['0197b6a0-0000-7000-8000-000000000009', limited.id],
    )
    partner = await world.partner()
    await world.brand({ slug: 'books' })
    await world.brand({ slug: 'fixed', name: 'Gap', values: { type: 'fixed', values: [1000n, 2500n] } })
    await world.brand({ slug: 'resting', status: 'paused' })
    await world.brand({ slug: 'gone', status: 'disabled' })
    await world.brand({ slug: 'code-only', delivery: ['code'] })
    await world.brand({ slug: 'dollars', currency: 'USD' })
    await world.brand({ slug: 'yen', currency: 'JPY', values: { type: 'range', min: 1n, max: 100_000n, step: 1n } })
  })
  after(() => world.stop())

  const issue = (body: object, more?: object) => partner.call('POST', 'digital/issue', body, more)

  test('every code of the documents is answered to a value that spells it, with its status, and moves nothing', async () => {
    const before = await fetchFloats()
    for (const [code, { http }] of Object.entries(tilloErrors)) {
      const amount = `${Number(code.slice(0, 1))}.${code.slice(1)}`
      const body = issueBody('mock-brand', amount)
      const answer = await call(world.url, world.sandboxPartner, 'POST', 'digital/issue', body)
      assertProblem(answer, code === '434' ? 401 : (http[0] as number), code)
    }
    assert.deepEqual(await fetchFloats(), before)
    const whole = issueBody('mock-brand', '10.00')
    assertSuccess(await call(world.url, world.sandboxPartner, 'POST', 'digital/issue', whole))
  })

  test('a live partner’s values spell nothing', async () => {
    const live = await world.partner({ live: true })
    assertSuccess(await live.call('POST', 'digital/issue', issueBody('mock-brand', '7.25')))
  })

  test('each error has its place', async () => {
    const cases: [status: number, code: string, body: object, text?: string][] = [
      [400, '070', issueBody('books', 10, { sector: undefined }), 'Missing parameter [sector]'],
      [400, '070', issueBody('books', 10, { client_request_id: undefined }), 'Missing parameter [client_request_id]'],
      [
        400,
        '070',
        issueBody('books', 10, { face_value: { currency: 'GBP' } }),
        'Missing parameter [face_value.amount]',
      ],
      [400, '722', issueBody('books', 10, { face_value: { amount: 10 } }), 'Missing parameter [face_value.currency]'],
      [400, '714', issueBody('books', 10, { delivery_method: undefined }), 'Missing parameter [delivery_method]'],
      [400, '072', issueBody('abc123', 10), 'The requested brand [abc123] does not exist'],
      [422, '433', issueBody('books', 10, { client_request_id: 'abcd' })],
      [422, '433', issueBody('books', 10, { client_request_id: 'with blank' })],
      [422, '433', issueBody('books', 10, { client_request_id: 'x'.repeat(51) })],
      [422, '433', issueBody('books', 10, { client_request_id: 12345 })],
      [422, '433', issueBody('BOOKS', 10)],
      [422, '433', issueBody('books', 10, { colour: 'blue' })],
      [422, '433', issueBody('books', 10, { face_value: { amount: 10, currency: 'GBP', tip: 1 } })],
      [422, '433', issueBody('books', 10, { tags: ['<script>'] })],
      [422, '433', issueBody('books', 10, { personalisation: { message: 'a\u0000b' } })],
      [422, '433', issueBody('books', true as unknown as number)],
      [400, '704', issueBody('books', 10, { sector: 'gambling' })],
      [400, '704', issueBody('books', '500.01'), 'The face value must be between [1.00] and [500.00]'],
      [400, '704', issueBody('fixed', 5), 'Denomination [5.00] not available for Brand [Gap]'],
      [400, '704', issueBody('yen', '10.50', { face_value: { amount: '10.50', currency: 'JPY' } })],
      [401, '706', issueBody('resting', 10)],
      [404, '709', issueBody('dollars', 10, { face_value: { amount: 10, currency: 'USD' } })],
      [400, '711', issueBody('gone', 10)],
      [404, '712', issueBody('books', 10, { delivery_method: 'pigeon' })],
      [400, '713', issueBody('code-only', 10, { delivery_method: 'url' })],
      [400, '713', issueBody('books', 10, { delivery_method: 'wrapped' })],
      [400, '716', issueBody('books', 10, { personalisation: { message: 'Hi', template: 'fancy' } })],
      [422, '721', issueBody('books', 10, { face_value: { amount: 10, currency: 'XYZ' } })],
      [422, '723', issueBody('books', 10, { face_value: { amount: 10, currency: 'EUR' } })],
    ]
    const before = await partner.balance()
    for (const [status, code, body, text] of cases) {
      const answer = await issue(body)
      assertProblem(answer, status, code)
      if (text) assert.equal(answer.json.message, text)
    }
    const wrong = (await issue(issueBody('books', 10, { sector: undefined, colour: 'blue' }))).json.data
    assert.deepEqual(wrong, { sector: ['Missing parameter [sector]'], colour: ['is not known here'] })
    assert.deepEqual(await partner.balance(), before)
    assert.equal(
      (await world.db.query('select from partner_request where partner_id = $1', [partner.partner.id])).length,
      0,
    )
  })

  test('a member or parameter may have the name of something that every object has, and is not known here', async () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', '__proto__']) {
      const body = JSON.stringify(issueBody('books', 10)).replace('{', `{"${name}":1,`)
      const { client_request_id: id, brand } = JSON.parse(body)
      const parts = [id, brand, 'GBP', '10']
      for (const form of [parts, [id, brand]]) {
        const answer = await issue(undefined as unknown as object, { raw: body, parts: form })
        assert.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status} ${answer.text}`)
        assert.ok(answer.json.code, answer.text)
      }
      const listed = await partner.call('GET', 'brands', undefined, { query: `${name}=1` })
      assert.ok(listed.status < 500, `${name}: ${listed.status} ${listed.text}`)
    }
  })

  test('amounts that are negative, zero, huge, too fine, or no plain decimals are refused, however they are written', async () => {
    const texts = [
      '0',
      '0.00',
      '-10',
      '+10',
      ' 10',
      '10 ',
      '1e1',
      '10.',
      '.5',
      '10.001',
      '10.000',
      '0x10',
      '1,00',
      '10,000.00',
      '',
      'NaN',
      'Infinity',
      '１０',
      '99999999999999999999',
      '9007199254740993',
      '10.0\u0000',
    ]
    for (const amount of texts) {
      const answer = await issue(issueBody('books', amount))
      assert.ok(
        ['704', '433'].includes(answer.json.code) && answer.status < 500,
        `${JSON.stringify(amount)}: ${answer.text}`,
      )
    }
    const numbers = [
      '0',
      '-0',
      '-1',
      '-10.5',
      '1e1',
      '1E1',
      '10e0',
      '1e400',
      '1e-9',
      '10.001',
      '9007199254740993',
      '999999999999999999999',
      'NaN',
      'Infinity',
      '010',
      '+10',
      '0x10',
      '10.',
      '.5',
      'null',
      '[10]',
      '{"a":1}',
    ]
    for (const raw of numbers) {
      const body = issueBody('books', 77)
      const answer = await issue(body, { raw: JSON.stringify(body).replace('"amount":77', `"amount":${raw}`) })
      assert.ok(['704', '433'].includes(answer.json.code) && answer.status < 500, `${raw}: ${answer.text}`)
    }
    assert.equal((await partner.balance()).balance, 100_000n)
    // What they were sent with is not used up.
    const body = issueBody('books', '0')
    assertProblem(await issue(body), 400, '704')
    assertSuccess(await issue({ ...body, face_value: { amount: '010.00', currency: 'GBP' } }))
  })

  test('a body that is no object, or JSON that can be read in two ways, is refused', async () => {
    const body = issueBody('books', 10)
    const text = JSON.stringify(body)
    const raws = [
      '[]',
      '""',
      'null',
      '1',
      '{',
      `${text}x`,
      text.replace('{', '{"brand":"amazon",'),
      text.replace('"amount":10', '"amount":10,"amount":1'),
      text.replace('{', '{"__proto__":{},'),
      '\uFEFF'.concat(text),
      `{"a":${'['.repeat(50)}${']'.repeat(50)}}`,
    ]
    for (const raw of raws) {
      for (const parts of [[body.client_request_id, 'books'], []]) {
        const answer = await issue(body, { raw, parts })
        assert.ok(['433', '434'].includes(answer.json.code), `${raw}: ${answer.text}`)
      }
    }
    assertProblem(await issue(body, { raw: text.replace('{', '{"brand":"amazon",') }), 422, '433')
  })

  test('a limit of the operator is told', async () => {
    const mail = { to_email: 'Ada@example.com', from_name: 'S', from_email: 's@example.com', subject: 'Hi' }
    const body = (to: string) =>
      issueBody('limited', 10, { fulfilment_by: 'rewardcloud', fulfilment_parameters: { ...mail, to_email: to } })
    assertSuccess(await issue(body('Ada@example.com')))
    const answer = await issue(body('ada@EXAMPLE.com'))
    assertProblem(answer, 422, '719')
    assert.match(answer.json.message, /how many/)
    assertSuccess(await issue(body('grace@example.com')))
  })

  test('every refusal of the operations has a code and a status of the documents', () => {
    for (const refusal of giftRefusals) {
      const { code, http } = refused(refusal)
      assert.ok((tilloErrors[code].http as readonly number[]).includes(http), refusal)
    }
  })

  test('a database that is away is told from one whose answer was lost', () => {
    const faults: unknown[] = []
    const of = (unknown: boolean) => explain(new LedgerUnavailable('x', { unknown }), (error) => faults.push(error))
    assert.deepEqual([of(false).code, of(false).http, of(true).code, of(true).http], ['604', 503, '600', 500])
    const other = explain(new Error('a secret'), (error) => faults.push(error))
    assert.deepEqual([other.code, other.message.includes('secret')], ['600', false])
    assert.equal(faults.length, 5)
  })

  const fetchFloats = async (): Promise<Answer['json']> =>
    assertSuccess(await call(world.url, world.sandboxPartner, 'GET', 'check-floats')).floats

  test('none of this was a fault of the server', async () => {
    assert.deepEqual(world.faults, [])
    await world.assertClean()
  })
})
