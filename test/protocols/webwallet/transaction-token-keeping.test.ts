import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TRANSACTION_TOKEN_MAX_LENGTH } from '../../../src/credentials/transaction-token.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, canonical, mac, refused, send } from '../../support/wallet-client.ts'
import { chargeOf, give, many, refusal } from './money.ts'

let server: SandboxServer
let shop: Caller
let owner: Caller

before(async () => {
  server = await startSandboxServer()
  shop = await server.client(['stall:one:USD'])
  owner = await server.client(['own:one:USD'])
  await give(server, 'own:one:USD', 1_000)
})
after(() => server.stop())

const asking = (more: object = {}) => ({
  endpoint: 'transactions',
  operation: 'charges',
  source: 'own:one:USD',
  target: 'stall:one:USD',
  amount: 5,
  currency: 'USD',
  expiry: new Date(Date.now() + 60_000).toISOString(),
  ...more,
})
const issue = (payload: object) => owner.done('/own:one:USD/transactions', payload)
const charge = (more: object) => shop.post('/own:one:USD/charges', chargeOf('own:one:USD', 'stall:one:USD', 5, more))

describe('an answer with a transaction token', () => {
  it('is kept under its key so that no table holds the token, and repeated byte for byte', async () => {
    const request = asking({ nonce: 'kept-1' })
    const first = await owner.post('/own:one:USD/transactions', request)
    const { token } = first.body.payload
    const [, , signature] = token.split('.')
    const tables = ['idempotency', 'transaction', 'transaction_token', 'journal']
    for (const table of tables) {
      const rows = await server.db.query(`select from ${table} t where strpos(t::text, $1) > 0`, [signature])
      assert.equal(rows.length, 0, `${table} holds the token`)
    }
    const again = await many(() => owner.post('/own:one:USD/transactions', request), 16)
    for (const { status, text } of again) assert.deepEqual([status, text], [200, first.text])
    // The ledger of another process, which remembers nothing, has the same bytes.
    const { assembly } = server
    const [row] = await server.db.query<{ answer: string }>(
      'select answer from idempotency where transaction_id = $1::uuid and status = 200',
      [first.body.payload.reference],
    )
    const context = `wallet-answer:client:${owner.id}:kept-1`
    assert.equal(assembly.keyring.open(Buffer.from(row?.answer ?? '', 'base64'), context), first.text)
    assert.equal((await charge({ token })).status, 200)
  })

  it('and its refusals are as those of other requests, under a key and without', async () => {
    const past = asking({ nonce: 'kept-2', expiry: '2001-01-01T00:00:00Z' })
    const answers = await many(() => owner.post('/own:one:USD/transactions', past), 16)
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    assert.equal(refused(answers[0] as never, owner.signingSecret), '422 expiry-passed')
    assert.equal(
      await refusal(server, owner, '/own:one:USD/transactions', { ...past, nonce: 'kept-1' }),
      '409 idempotency-conflict',
    )
    await issue(asking())
  })
})

describe('a transaction token', () => {
  it('is no larger than what can be handed in', async () => {
    const sized = (length: number) => asking({ metadata: { note: 'x'.repeat(length) } })
    let [fits, exceeds] = [1, 60_000]
    while (exceeds - fits > 1) {
      const middle = (fits + exceeds) >> 1
      const answer = await owner.post('/own:one:USD/transactions', sized(middle))
      if (answer.status === 200) fits = middle
      else exceeds = middle
    }
    assert.equal(await refusal(server, owner, '/own:one:USD/transactions', sized(exceeds)), '422 token-too-large')
    const { token, metadata } = await issue(sized(fits))
    assert.ok(token.length <= TRANSACTION_TOKEN_MAX_LENGTH && token.length > TRANSACTION_TOKEN_MAX_LENGTH - 8)
    assert.equal((await present(token, { metadata })).status, 200)
  })

  it('as the bearer is part of the request that a key stands for', async () => {
    const tokens = [(await issue(asking())).token, (await issue(asking())).token]
    const one = await present(tokens[0], { nonce: 'bearer-1' })
    assert.equal(one.status, 200)
    const two = await present(tokens[1], { nonce: 'bearer-1' })
    assert.equal(refused(two, shop.signingSecret), '409 idempotency-conflict')
    assert.equal((await present(tokens[0], { nonce: 'bearer-1' })).text, one.text)
    assert.equal((await present(tokens[1], { nonce: 'bearer-2' })).status, 200)
  })
})

/** The token as the bearer, in an envelope that the shop signs. */
function present(token: string, more: object) {
  const payload = chargeOf('own:one:USD', 'stall:one:USD', 5, more)
  const header = { alg: 'hs256', kid: shop.id }
  const body = JSON.stringify({ header, payload, signature: mac(shop.signingSecret as string, canonical(payload)) })
  return send(server.url, '/own:one:USD/charges', {
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
}

describe('a moment', () => {
  it('that the database or a clock does not have is refused, and harms nobody else', async () => {
    const moments = [
      '0000-01-01T00:00:00Z',
      '0000-12-31T00:00:00+10:00',
      '1970-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-23:59',
    ]
    for (const moment of moments) {
      const asked = { endpoint: 'invoices', target: 'own:one:USD', amount: 5, currency: 'USD', expiry: moment }
      const refusals = [
        refusal(server, shop, '/own:one:USD/invoices', asked),
        refusal(server, owner, '/own:one:USD/transactions', asking({ expiry: moment })),
        refusal(server, owner, '/own:one:USD/transactions', asking({ active: moment })),
      ]
      assert.deepEqual(await Promise.all(refusals), Array(3).fill('400 payload-invalid'), moment)
    }
    const last = { endpoint: 'invoices', target: 'own:one:USD', amount: 5, currency: 'USD' }
    assert.equal((await shop.post('/own:one:USD/invoices', { ...last, expiry: '9999-12-31T23:59:59Z' })).status, 200)
    assert.equal(
      await refusal(server, shop, '/own:one:USD/invoices', { ...last, expiry: '1970-01-01T00:00:00Z' }),
      '422 expiry-passed',
    )
    assert.deepEqual(server.faults, [])
  })
})

it('the books are clean after all of it', () => server.assertClean())
