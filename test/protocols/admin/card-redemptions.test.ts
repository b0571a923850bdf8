import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { makeCardCode } from '../../../src/credentials/card-codes.ts'
import { createTill, type Till } from './card-use.ts'
import { type Answer, createHarness, type Harness } from './harness.ts'

let harness: Harness
let till: Till

before(async () => {
  harness = await createHarness()
  till = await createTill(harness, 'meubles')
})
after(async () => {
  await till.assertClean().finally(harness.close)
  const secret = /[0-9A-HJKMNP-TV-Z]{20}/
  for (const { path, answer } of harness.answers) assert.ok(!secret.test(path + answer.text), `${path}: ${answer.text}`)
  assert.deepEqual(harness.logged, [])
})

const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))
const outcome = ({ status, body }: Answer) => (status < 300 ? status : body.code)
const codeOf = async (answer: Promise<Answer>) => outcome(await answer)
const balance = async (wallet: string) => (await harness.send('GET', `/wallets/${wallet}`)).body.balance

test('a merchant’s key sees a card, redeems it in parts, and sees its redemptions', async () => {
  const code = await till.sell()
  const typed = code.toLowerCase().replace(/(.{5})/g, '$1-')
  const card = await till.card(typed)
  assert.deepEqual([card.balance, card.available, card.usable, card.brand_name], [50, 50, true, 'Meubles'])
  assert.equal(card.code, `••••${code.slice(-4)}`)
  const had = await balance(till.wallet)
  const first = await till.redeem(typed, '12.50', { note: 'Receipt 4711' })
  assert.equal(first.status, 201, first.text)
  assert.deepEqual([first.body.amount, first.body.balance, first.body.note], [12.5, 37.5, 'Receipt 4711'])
  const second = await till.redeem(code, 37.5)
  assert.equal(second.body.balance, 0)
  assert.equal(await balance(till.wallet), had + 50)
  const listed = (await till.send('GET', '/card-redemptions?limit=2')).body
  assert.deepEqual(
    listed.items.map(({ id }: { id: string }) => id),
    [second.body.id, first.body.id],
  )
  assert.equal((await till.send('GET', `/card-redemptions/${first.body.id}`)).body.refunded, 0)
})

test('a key is answered once, also by another server and at 32 at once; another request under it is a conflict', async () => {
  const code = await till.sell()
  const body = { code, wallet: till.wallet, amount: 10 }
  const headers = { 'idempotency-key': 'receipt-1' }
  const answers = await many(32, (i) =>
    (i % 2 ? till.send : till.sendToOther)('POST', '/card-redemptions', body, headers),
  )
  assert.deepEqual([...new Set(answers.map(({ text }) => text))].length, 1)
  assert.equal(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null).length, 1)
  assert.equal((await till.card(code)).balance, 40)
  const other = await till.send('POST', '/card-redemptions', { ...body, amount: 11 }, headers)
  assert.deepEqual([other.status, other.body.code], [409, 'idempotency-conflict'])
  const without = await harness.send('POST', '/card-redemptions', body, { authorization: `Bearer ${till.apiKey}` })
  assert.deepEqual([without.status, without.body.code], [400, 'idempotency-key-missing'])
})

test('two tills with 16 requests each at one card of 10.00 spend 10.00', async () => {
  const code = await till.sell(1000n)
  const answers = await many(32, (i) =>
    (i % 2 ? till.send : till.sendToOther)('POST', '/card-redemptions', { code, wallet: till.wallet, amount: 1 }),
  )
  assert.deepEqual(answers.map(outcome).sort(), [...Array(10).fill(201), ...Array(22).fill('insufficient-balance')])
  assert.equal((await till.card(code)).balance, 0)
})

test('refunds go back onto the card, never above what was spent; cancelling gives the rest', async () => {
  const code = await till.sell()
  const { id } = (await till.redeem(code, 30)).body
  const refund = (amount: unknown) => till.send('POST', `/card-redemptions/${id}/refunds`, { amount })
  assert.deepEqual(
    [(await refund('10.00')).body.balance, await codeOf(refund('20.01'))],
    [30, 'refund-exceeds-redemption'],
  )
  const rest = await till.send('POST', `/card-redemptions/${id}/cancel`)
  assert.deepEqual([rest.body.amount, rest.body.balance, rest.body.redemption_id], [20, 50, id])
  assert.equal(await codeOf(till.send('POST', `/card-redemptions/${id}/cancel`)), 'refund-exceeds-redemption')
  assert.equal((await till.send('GET', `/card-redemptions/${id}`)).body.refunded, 30)
})

test('a hold is captured in part or released, once', async () => {
  const code = await till.sell()
  const hold = async (amount: number) =>
    (await till.send('POST', '/card-holds', { code, wallet: till.wallet, amount })).body
  const one = await hold(40)
  assert.deepEqual([one.status, one.amount, one.captured], ['open', 40, 0])
  assert.deepEqual(
    [(await till.card(code)).available, await codeOf(till.redeem(code, 10.01))],
    [10, 'insufficient-balance'],
  )
  const capture = (amount?: number) =>
    till.send('POST', `/card-holds/${one.id}/capture`, amount === undefined ? {} : { amount })
  assert.equal(await codeOf(capture(40.01)), 'capture-exceeds-hold')
  const captured = await capture(25)
  assert.deepEqual([captured.body.amount, captured.body.hold_id, captured.body.balance], [25, one.id, 25])
  assert.equal(await codeOf(capture()), 'hold-ended')
  const two = await hold(25)
  const released = await till.send('POST', `/card-holds/${two.id}/release`)
  assert.deepEqual([released.status, released.body.status], [200, 'released'])
  assert.equal((await till.card(code)).available, 25)
})

test('a top-up goes from the wallet onto the card, to the brand’s greatest value and no further', async () => {
  const code = await till.sell(49_500n)
  await till.redeem(await till.sell(), 50)
  const topUp = (amount: number) => till.send('POST', '/card-top-ups', { code, wallet: till.wallet, amount })
  const done = await topUp(5)
  assert.deepEqual([done.status, done.body.balance, done.body.redemption_id], [201, 500, null])
  assert.equal(await codeOf(topUp(0.01)), 'card-full')
  const only = till.as(await harness.key(['cards:redeem'], till.merchant.id))
  assert.equal(
    await codeOf(only('POST', '/card-top-ups', { code, wallet: till.wallet, amount: 1 })),
    'insufficient-scope',
  )
})

test('a key reaches its own party’s wallets, redemptions and holds and no others, an operator’s key too', async () => {
  const code = await till.sell()
  const other = await createTill(harness, 'autres')
  for (const wallet of [other.wallet, 'settlement:meubles:EUR', 'shop:nowhere:EUR']) {
    const answer = await till.redeem(code, 1, { wallet })
    assert.deepEqual([answer.status, answer.body.field], [404, 'wallet'], wallet)
  }
  assert.equal(await codeOf(other.redeem(code, 1)), 'brand-not-accepted')
  const { id } = (await till.redeem(code, 1)).body
  const hold = (await till.send('POST', '/card-holds', { code, wallet: till.wallet, amount: 1 })).body.id
  for (const stranger of [other.send, till.as(harness.operatorKey)]) {
    assert.equal(await codeOf(stranger('GET', `/card-redemptions/${id}`)), 'not-found')
    assert.equal(await codeOf(stranger('POST', `/card-redemptions/${id}/cancel`)), 'not-found')
    assert.equal(await codeOf(stranger('POST', `/card-holds/${hold}/capture`, {})), 'not-found')
    assert.equal(
      await codeOf(stranger('POST', '/card-redemptions', { code, wallet: till.wallet, amount: 1 })),
      'not-found',
    )
    const { items } = (await stranger('GET', '/card-redemptions')).body
    assert.ok(!items.some((item: { id: string }) => item.id === id))
  }
  for (const [method, path] of [
    ['GET', '/parties'],
    ['GET', `/wallets/${till.wallet}`],
    ['POST', '/cards/find'],
    ['GET', '/brands/meubles/merchants'],
  ] as const)
    assert.equal(
      await codeOf(till.send(method, path, method === 'POST' ? { code } : undefined)),
      'operator-required',
      path,
    )
})

test('amounts that are no amounts, other currencies and unknown members are refused, and nothing moves', async () => {
  const code = await till.sell()
  for (const amount of [0, -1, 0.001, '1e2', '12,50', 1e16, 'NaN', '', true, null])
    assert.equal(await codeOf(till.redeem(code, amount)), 'invalid-input', String(amount))
  assert.equal(await codeOf(till.redeem(code, 1, { pin: '1234' })), 'invalid-input')
  assert.equal(await codeOf(till.send('POST', `/card-balances?code=${'x'.repeat(20)}`, { code })), 'invalid-input')
  await till.made('/wallets', { id: 'shop:meubles:USD', party_id: till.merchant.id })
  assert.equal(await codeOf(till.redeem(code, 1, { wallet: 'shop:meubles:USD' })), 'currency-differs')
  assert.equal((await till.card(code)).balance, 50)
})

test('a blocked, a cancelled and an expired card are refused for their own reason', async () => {
  const [blocked, cancelled, expired] = [await till.sell(), await till.sell(), await till.sell()]
  const id = async (code: string) => (await harness.send('POST', '/cards/find', { code })).body.id
  await harness.send('POST', `/cards/${await id(blocked)}/block`, {})
  await harness.send('POST', `/cards/${await id(cancelled)}/cancel`)
  await harness.db.query("update card set expires_at = clock_timestamp() - interval '1 second' where id = $1", [
    await id(expired),
  ])
  for (const [code, reason] of [
    [blocked, 'card-blocked'],
    [cancelled, 'card-ended'],
    [expired, 'card-expired'],
  ] as const) {
    assert.equal(await codeOf(till.redeem(code, 1)), reason)
    assert.equal(await codeOf(till.send('POST', '/card-holds', { code, wallet: till.wallet, amount: 1 })), reason)
    assert.equal(await codeOf(till.send('POST', '/card-top-ups', { code, wallet: till.wallet, amount: 1 })), reason)
    const card = await till.card(code)
    assert.deepEqual([card.usable, card.reason, card.available], [false, reason, 0])
  }
  await harness.send('POST', `/cards/${await id(blocked)}/unblock`, {})
  assert.equal(await codeOf(till.redeem(blocked, 1)), 201)
})

test('unknown codes are throttled, and mistyped ones are not', async () => {
  const code = await till.sell()
  const scopes = ['cards:redeem']
  const guesser = till.as(await harness.key(scopes, till.merchant.id))
  const guess = (guessed: string) => guesser('POST', '/card-balances', { code: guessed })
  for (let i = 0; i < 25; i++) assert.equal(await codeOf(guess('0000 0000 0000 0000 0001')), 'not-found')
  assert.equal(await codeOf(guess(code)), 200)
  let refused: Answer | undefined
  for (let i = 0; i < 30 && !refused; i++) {
    const answer = await guess(makeCardCode())
    if (answer.status === 429) refused = answer
  }
  assert.equal(refused?.body.code, 'too-many-attempts')
  assert.ok(Number(refused?.headers.get('retry-after')) >= 1)
  // Not even a right one is looked up meanwhile.
  assert.equal(await codeOf(guess(code)), 'too-many-attempts')
})

test('the calls at the till of docs/admin.md work as they stand', async (t) => {
  if (spawnSync('curl', ['--version']).error) return t.skip('there is no curl')
  const document = readFileSync(new URL('../../../docs/admin.md', import.meta.url), 'utf8')
  const [, script = ''] = /## Gift cards at the till[\s\S]*?```sh\n([\s\S]*?)```/.exec(document) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'billfold-till-'))
  const env = {
    PATH: process.env.PATH,
    BILLFOLD_URL: await harness.listen(),
    MERCHANT_API_KEY: till.apiKey,
    CARD_CODE: await till.sell(),
    WALLET: till.wallet,
  }
  const curl = `curl() { command curl --fail-with-body -w '\\n' "$@"; }\nset -euo pipefail\n`
  const { stdout } = await promisify(execFile)('bash', ['-c', curl + script], { cwd: folder, env })
  rmSync(folder, { recursive: true })
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    answers.map(({ balance, amount }) => [balance, amount]),
    [
      [50, undefined],
      [37.5, 12.5],
      [42.5, 5],
      [50, 7.5],
    ],
  )
})
