import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { opaqueWalletId } from '../../../src/domain/wallet-id.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, createCaller, refused } from '../../support/wallet-client.ts'

let server: SandboxServer
/** two wallets in dollars, one in yen, one in points of a circle of its own */
let till: Caller

before(async () => {
  server = await startSandboxServer()
  till = await server.client([
    { id: 'desk:one:USD', lower: '-10.00', upper: '20.00' },
    { id: 'desk:two:USD' },
    { id: 'desk:one:JPY', lower: null },
    { id: 'desk:one:PTS', circle: 'bazaar', exponent: 0, lower: null },
  ])
  await server.client(['other:one:USD', { id: 'other:capped:USD', upper: '5.00' }])
})
after(() => server.stop())

const payment = (target: string, amount: number | string = 1, more: object = {}) => ({
  endpoint: 'payments',
  target,
  amount,
  currency: target.split(':')[2] ?? 'USD',
  ...more,
})
const funding = (source: string, target: string, amount: number | string = 1, more: object = {}) => ({
  endpoint: 'funds',
  source,
  target,
  amount,
  currency: 'USD',
  ...more,
})

async function entries(): Promise<bigint> {
  const [row] = await server.db.query<{ count: bigint }>('select count(*) from entry')
  return (row as { count: bigint }).count
}

/** The refusal, and that nothing moved. */
async function refusal(caller: Caller, path: string, payload: object): Promise<string> {
  const before = await entries()
  const answer = await caller.post(path, payload)
  assert.equal(await entries(), before)
  return refused(answer, caller.signingSecret)
}

describe('who pays', () => {
  it('is the wallet of the route when it is not the target', async () => {
    await till.done('/desk:one:USD/payments', payment('desk:two:USD', 4))
    assert.equal(await server.balance('desk:one:USD'), -400n)
    assert.equal(await server.balance('desk:two:USD'), 400n)
  })

  it('is the only wallet of the token in that unit when the route is the target', async () => {
    const { merchant, gateway } = server
    await gateway.done('/shop:corner-cafe:USD/funds', funding('bank:gateway:USD', 'shop:corner-cafe:USD', 50))
    await merchant.done('/other:one:USD/payments', payment('other:one:USD', 3))
    assert.equal(await server.balance('shop:corner-cafe:USD'), 4_700n)
    assert.equal(await server.balance('other:one:USD'), 300n)
  })

  it('is the other one of two own wallets when the route is one of them', async () => {
    await till.done('/desk:one:USD/payments', payment('desk:one:USD', 4))
    assert.equal(await server.balance('desk:one:USD'), 0n)
    assert.equal(await server.balance('desk:two:USD'), 0n)
  })

  it('is refused as ambiguous when the token has several in that unit', async () => {
    assert.equal(await refusal(till, '/other:one:USD/payments', payment('other:one:USD')), '422 payer-ambiguous')
  })

  it('is refused as missing when the token has none in that unit, circle included', async () => {
    const target = 'jp:01234567890:PTS'
    assert.equal(await refusal(till, `/${target}/payments`, payment(target)), '422 payer-missing')
    assert.equal(await refusal(till, '/co:3123456789:COP/payments', payment('co:3123456789:COP')), '422 payer-missing')
  })

  it('is the only open one: wallets that are closed do not count', async () => {
    const mover = await server.client([{ id: 'mover:new:USD', lower: '-5.00' }, 'mover:old:USD'])
    const pay = () => mover.post('/other:one:USD/payments', payment('other:one:USD'))
    assert.equal(refused(await pay(), mover.signingSecret), '422 payer-ambiguous')
    await server.change('mover:old:USD', { status: 'closed' })
    const token = server.token({ clientId: mover.id, subject: mover.partyId })
    const later = createCaller(server.url, { ...mover, token })
    await later.done('/other:one:USD/payments', payment('other:one:USD'))
    assert.equal(await server.balance('mover:new:USD'), -100n)
  })

  it('may not be the wallet of someone else, nor one that is not there, which answer alike', async () => {
    const messages = new Set<string>()
    for (const payer of ['other:one:USD', 'other:nobody:USD', opaqueWalletId('other:one:USD'), '1'.repeat(24)]) {
      const answer = await till.post(`/${payer}/payments`, payment('desk:two:USD'))
      assert.equal(refused(answer, till.signingSecret), '403 wallet-not-allowed')
      messages.add(answer.text)
    }
    assert.equal(messages.size, 1)
  })

  it('cannot be named in the payload', async () => {
    const payload = payment('other:one:USD', 1, { source: 'desk:two:USD' })
    assert.equal(await refusal(till, '/desk:one:USD/payments', payload), '400 payload-member-unknown')
  })
})

describe('funds', () => {
  it('come only from a source that the token reaches', async () => {
    for (const source of ['bank:gateway:USD', 'other:one:USD', 'other:nobody:USD']) {
      const payload = funding(source, 'desk:two:USD')
      assert.equal(await refusal(till, '/desk:two:USD/funds', payload), '403 wallet-not-allowed')
    }
  })

  it('go to the wallet of the route and to no other', async () => {
    const { gateway } = server
    const payload = funding('bank:gateway:USD', 'desk:one:USD')
    assert.equal(await refusal(gateway, '/desk:two:USD/funds', payload), '422 route-mismatch')
    assert.equal(await refusal(gateway, '/bank:gateway:USD/funds', payload), '422 route-mismatch')
    assert.equal(await refusal(gateway, '/desk:nobody:USD/funds', payload), '404 wallet-not-found')
    const nobody = funding('bank:gateway:USD', 'desk:nobody:USD')
    assert.equal(await refusal(gateway, '/desk:one:USD/funds', nobody), '404 wallet-not-found')
  })

  it('need two wallets', async () => {
    const payload = funding('desk:two:USD', 'desk:two:USD')
    assert.equal(await refusal(till, '/desk:two:USD/funds', payload), '422 same-wallet')
  })
})

describe('units of account', () => {
  it('do not mix: neither currencies nor circles of one code', async () => {
    const yen = payment('desk:one:JPY')
    assert.equal(await refusal(till, '/desk:two:USD/payments', yen), '422 currency-mismatch')
    const wrong = payment('other:one:USD', 1, { currency: 'JPY' })
    assert.equal(await refusal(till, '/desk:two:USD/payments', wrong), '422 currency-mismatch')
    assert.equal(
      await refusal(till, '/desk:two:USD/payments', payment('other:one:USD', 1, { currency: 'usd' })),
      '422 currency-mismatch',
    )
    const points = payment('jp:01234567890:PTS')
    assert.equal(await refusal(till, '/desk:one:PTS/payments', points), '422 circle-mismatch')
  })
})

describe('limits', () => {
  it('of the payer hold exactly at the edge', async () => {
    assert.equal(
      await refusal(till, '/desk:one:USD/payments', payment('other:one:USD', '10.01')),
      '422 unavailable-funds',
    )
    await till.done('/desk:one:USD/payments', payment('other:one:USD', '10.00'))
    assert.equal(await server.balance('desk:one:USD'), -1_000n)
    assert.equal(
      await refusal(till, '/desk:one:USD/payments', payment('other:one:USD', '0.01')),
      '422 unavailable-funds',
    )
  })

  it('of the payee hold exactly at the edge', async () => {
    const { gateway } = server
    const give = (amount: string) => funding('bank:gateway:USD', 'other:capped:USD', amount)
    assert.equal(await refusal(gateway, '/other:capped:USD/funds', give('5.01')), '422 unreceivable-funds')
    await gateway.done('/other:capped:USD/funds', give('5.00'))
    assert.equal(await refusal(gateway, '/other:capped:USD/funds', give('0.01')), '422 unreceivable-funds')
    const payload = payment('other:capped:USD', '0.01')
    await gateway.done('/desk:two:USD/funds', funding('bank:gateway:USD', 'desk:two:USD', 5))
    assert.equal(await refusal(till, '/desk:two:USD/payments', payload), '422 unreceivable-funds')
  })

  it('of both sides broken: the payer is told of its own', async () => {
    const payload = payment('other:capped:USD', '50.00')
    assert.equal(await refusal(till, '/desk:two:USD/payments', payload), '422 unavailable-funds')
  })
})

describe('a wallet that is not open', () => {
  it('when frozen receives and does not pay; open again it pays', async () => {
    const { gateway } = server
    const ice = await server.client(['ice:one:USD'])
    await gateway.done('/ice:one:USD/funds', funding('bank:gateway:USD', 'ice:one:USD', 3))
    await server.change('ice:one:USD', { status: 'frozen' })
    assert.equal(await refusal(ice, '/ice:one:USD/payments', payment('other:one:USD')), '422 wallet-frozen')
    await gateway.done('/ice:one:USD/funds', funding('bank:gateway:USD', 'ice:one:USD', 2))
    await server.change('ice:one:USD', { status: 'open' })
    await ice.done('/ice:one:USD/payments', payment('other:one:USD', 5))
  })

  it('when closed neither pays nor receives, and still shows its history', async () => {
    const { gateway } = server
    const gone = await server.client([{ id: 'gone:one:USD', lower: '-5.00' }, 'gone:two:USD'])
    await gone.done('/gone:one:USD/payments', payment('gone:two:USD'))
    await gone.done('/gone:two:USD/payments', payment('gone:one:USD'))
    await server.change('gone:one:USD', { status: 'closed' })
    assert.equal(await refusal(gone, '/gone:one:USD/payments', payment('other:one:USD')), '422 wallet-closed')
    const give = funding('bank:gateway:USD', 'gone:one:USD')
    assert.equal(await refusal(gateway, '/gone:one:USD/funds', give), '422 wallet-closed')
    const history = await gone.get('/gone:one:USD/transactions')
    assert.equal(history.body.payload.transactions.length, 2)
  })
})

describe('a payload', () => {
  it('is refused by name for any member that its endpoint does not know', async () => {
    for (const more of [
      { sourc: 'x' },
      { toString: 'x' },
      { constructor: {} },
      { Amount: 1 },
      { success: true },
      { transaction: 'x' },
    ]) {
      const before = await entries()
      const answer = await till.post('/desk:two:USD/payments', payment('other:one:USD', 1, more))
      assert.equal(refused(answer, till.signingSecret), '400 payload-member-unknown')
      assert.ok(answer.body.payload.error.message.includes(Object.keys(more)[0]))
      assert.equal(await entries(), before)
    }
  })

  it('must name the endpoint that is called', async () => {
    for (const endpoint of ['payments', 'Funds', 'charges', '', 1, null, ['funds'], undefined]) {
      const payload = funding('desk:two:USD', 'other:one:USD', 1, { endpoint })
      assert.equal(await refusal(till, '/other:one:USD/funds', payload), '422 endpoint-mismatch')
    }
  })

  it('must have every member in its type', async () => {
    const wrong: [object, string][] = [
      [{ target: undefined }, '400 payload-invalid'],
      [{ target: 7 }, '400 payload-invalid'],
      [{ target: ['other:one:USD'] }, '400 payload-invalid'],
      [{ target: 'other:one' }, '400 wallet-id-malformed'],
      [{ target: '' }, '400 wallet-id-malformed'],
      [{ target: "other:one:USD' or 1=1" }, '400 wallet-id-malformed'],
      [{ target: ' other:one:USD' }, '400 wallet-id-malformed'],
      [{ target: 'other:one:USD\n' }, '400 wallet-id-malformed'],
      [{ target: 'x'.repeat(129) }, '400 payload-invalid'],
      [{ target: '../other:one:USD' }, '400 wallet-id-malformed'],
      [{ currency: undefined }, '400 payload-invalid'],
      [{ currency: null }, '400 payload-invalid'],
      [{ amount: undefined }, '400 payload-invalid'],
      [{ amount: null }, '400 payload-invalid'],
      [{ amount: [1] }, '400 payload-invalid'],
      [{ description: 5 }, '400 payload-invalid'],
      [{ description: 'x'.repeat(1001) }, '400 payload-invalid'],
      [{ metadata: [] }, '400 payload-invalid'],
      [{ metadata: 'x' }, '400 payload-invalid'],
      [{ metadata: null }, '400 payload-invalid'],
      [{ nonce: '' }, '400 payload-invalid'],
      [{ nonce: 'a b' }, '400 payload-invalid'],
      [{ nonce: 'ü' }, '400 payload-invalid'],
      [{ nonce: 'a\u001fb' }, '400 payload-invalid'],
      [{ nonce: 'x'.repeat(201) }, '400 payload-invalid'],
      [{ nonce: 5 }, '400 payload-invalid'],
    ]
    for (const [more, expected] of wrong) {
      const payload = payment('other:one:USD', 1, more)
      assert.equal(await refusal(till, '/desk:two:USD/payments', payload), expected, JSON.stringify(more))
    }
  })

  it('has details that add up to the amount exactly, or none', async () => {
    const right: [number | string, object][] = [
      ['0.30', { subtotal: 0.1, taxes: 0.2 }],
      [0.3, { subtotal: '0.1', taxes: '0.1', fees: '0.1', other: 0 }],
      [1, { other: 1 }],
    ]
    for (const [amount, details] of right) {
      await till.done('/desk:two:USD/payments', payment('other:one:USD', amount, { details }))
    }
    const wrong: [unknown, string][] = [
      [{ subtotal: 0.99 }, '422 details-sum-differs'],
      [{ subtotal: 1.01 }, '422 details-sum-differs'],
      [{}, '422 details-sum-differs'],
      [{ subtotal: 2, other: -1 }, '422 details-part-invalid'],
      [{ subtotal: '1.000', taxes: '0.001' }, '422 details-part-invalid'],
      [{ subtotal: null }, '422 details-part-invalid'],
      [{ subtotal: 1, tips: 0 }, '422 details-unknown-member'],
      [{ subtotal: 1, toString: 0 }, '422 details-unknown-member'],
      [[1], '422 details-malformed'],
      ['1', '422 details-malformed'],
      [null, '422 details-malformed'],
    ]
    for (const [details, expected] of wrong) {
      const payload = payment('other:one:USD', 1, { details })
      assert.equal(await refusal(till, '/desk:two:USD/payments', payload), expected, JSON.stringify(details))
    }
  })

  it('keeps hostile remarks as they are', async () => {
    const remarks = {
      description: 'a\u001fb\u001ec\r\nx-evil: 1 \u2028 \\ "} 😀 <script>',
      metadata: { constructor: { prototype: 1 }, toString: 'x', '': 'empty', 'a\u001fb': [[[]]], hasOwnProperty: null },
    }
    const done = await till.done('/desk:two:USD/payments', payment('other:one:USD', '0.01', remarks))
    assert.deepEqual(done.metadata, remarks.metadata)
    const { body } = await till.get(`/desk:two:USD/transactions/${done.reference}`)
    assert.equal(body.payload.transaction.description, remarks.description)
    assert.deepEqual(body.payload.transaction.metadata, remarks.metadata)
  })
})

it('the books are clean after all of it', () => server.assertClean())
