import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { facialValuesOf } from '../../../src/protocols/walleo/whole-units.ts'
import { assertRefused, startWalleo, type WalleoServer } from './harness.ts'

let server: WalleoServer
before(async () => {
  server = await startWalleo()
})
after(() => server.stop())

const read = async (path: string) => {
  const answer = await server.call('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

describe('the gift cards', () => {
  it('are a bare list, of which each is read alone by its code', async () => {
    const list = await read('/gift_cards')
    assert.ok(Array.isArray(list))
    const codes = list.map(({ code }: { code: string }) => code)
    assert.deepEqual(codes, ['EMPTYFR', 'IKEAFR', 'TRIOFR'])
    for (const giftCard of list) assert.deepEqual(await read(`/gift_cards/${giftCard.code}`), giftCard)
  })

  it('say all that the documents name', async () => {
    assert.deepEqual(await read('/gift_cards/IKEAFR'), {
      name: 'IKEA France (sandbox)',
      code: 'IKEAFR',
      barcode_symbology: 'code128',
      discount: 5,
      logo_url: 'https://brands.sandbox.example/ikeafr/logo.png',
      logo_square_url: 'https://brands.sandbox.example/ikeafr/square.png',
      online_usable: true,
      offline_usable: true,
      validity_period: 730,
      splittable_online: true,
      splittable_offline: true,
      cumulative_online: true,
      cumulative_online_limit: 5,
      cumulative_offline: true,
      cumulative_offline_limit: 5,
      code_pin: true,
      how_to_use_online: 'Enter the code and the PIN where the shop asks for a gift card.',
      how_to_use_offline: 'Show the barcode at the till.',
      term_of_use: 'A card of the sandbox: it is worth nothing outside.',
      facial_values: { type: 'free', min_amount: 5, max_amount: 500, step_amount: 5 },
    })
    assert.deepEqual((await read('/gift_cards/TRIOFR')).facial_values, { type: 'fixed', amounts: [15, 30, 100] })
  })

  it('are null where nothing is known, and have no discount that the operator keeps', async () => {
    await server.brand('BARE', {
      supply: 'stock',
      discountBp: 333,
      discountKeeper: 'operator',
      texts: { logo_url: 5, online_usable: 'yes', cumulative_online_limit: 1.5, code_pin: false, term_of_use: {} },
    })
    const giftCard = await read('/gift_cards/BARE')
    const { logo_url, online_usable, cumulative_online_limit, term_of_use, code_pin, discount, validity_period } =
      giftCard
    assert.deepEqual(
      [logo_url, online_usable, cumulative_online_limit, term_of_use, code_pin, discount, validity_period],
      [null, null, null, null, false, 0, null],
    )
    await server.brand('SHARE', { discountBp: 333 })
    assert.equal((await read('/gift_cards/SHARE')).discount, 3.33)
  })

  it('offer what can be said in whole units, and sell exactly that', async () => {
    await server.brand('THREES', { values: { type: 'range', min: 100n, max: 1_000n, step: 150n } })
    const { facial_values } = await read('/gift_cards/THREES')
    assert.deepEqual(facial_values, { type: 'free', min_amount: 3, max_amount: 9, step_amount: 3 })
    for (let amount = 0; amount <= 12; amount++) {
      const sold = await server.buy({ amount, gift_card_code: 'THREES' }, `threes-${amount}`)
      assert.equal(sold.status, [3, 6, 9].includes(amount) ? 200 : 422, String(amount))
    }
  })
})

describe('values in whole units', () => {
  it('are exactly those of the brand that are whole, for every range', () => {
    for (const unit of [1n, 100n, 1000n]) {
      for (const [min, max, step] of [
        [1n, 5000n, 1n],
        [250n, 990n, 10n],
        [100n, 1000n, 150n],
        [75n, 10_000n, 75n],
        [999n, 1001n, 7n],
        [1n, 99n, 1n],
      ] as const) {
        const whole: number[] = []
        for (let face = min; face <= max; face++)
          if (face % step === 0n && face % unit === 0n) whole.push(Number(face / unit))
        const values = facialValuesOf({ type: 'range', min, max, step }, unit)
        if (values === null) assert.deepEqual(whole, [])
        else {
          assert.ok(values.type === 'free')
          const told: number[] = []
          for (let amount = values.min_amount; amount <= values.max_amount; amount += values.step_amount)
            told.push(amount)
          assert.deepEqual(told, whole)
        }
      }
    }
  })
})

describe('an inventory', () => {
  it('of what is issued on demand is unlimited', async () => {
    assert.deepEqual(await read('/inventories/IKEAFR'), {
      inventories: {
        gift_card: { code: 'IKEAFR', name: 'IKEA France (sandbox)' },
        end_to_end_api: { enabled: true, available_amount: 'unlimited' },
        stocks: [],
      },
    })
  })

  it('of a stock counts what is left of each value, sold ones no more', async () => {
    const line = (facial_value: number, shared_quantity: number) => ({
      facial_value,
      owned_quantity: 0,
      shared_quantity,
    })
    const { inventories } = await read('/inventories/TRIOFR')
    assert.deepEqual(inventories.end_to_end_api, { enabled: false, available_amount: 0 })
    assert.deepEqual(inventories.stocks, [line(15, 100), line(30, 100), line(100, 100)])
    assert.equal((await server.buy({ amount: 30, gift_card_code: 'TRIOFR' }, 'trio-1')).status, 200)
    assert.deepEqual((await read('/inventories/TRIOFR')).inventories.stocks, [
      line(15, 100),
      line(30, 99),
      line(100, 100),
    ])
    assert.deepEqual((await read('/inventories/EMPTYFR')).inventories.stocks, [line(10, 0), line(25, 0), line(50, 0)])
  })
})

describe('the balance', () => {
  it('is what the float in euros has, and no order holds', async () => {
    const { balance } = await read('/balance')
    assert.equal(balance.currency, 'EUR')
    const { call, float } = await server.partner('saver', 10_000n)
    assert.deepEqual((await call('GET', '/balance')).body, { balance: { amount_cents: 10_000, currency: 'EUR' } })
    await server.db.query('update account set held = 4000 where id = $1', [float])
    assert.deepEqual((await call('GET', '/balance')).body, { balance: { amount_cents: 6_000, currency: 'EUR' } })
    await server.db.query('update account set held = 0 where id = $1', [float])
  })

  it('is that of another currency, when it is asked for', async () => {
    assert.equal((await read('/balance?currency=GBP')).balance.currency, 'GBP')
    for (const query of ['?currency=XXX', '?currency=', '?currency=gbp'])
      assertRefused(await server.call('GET', `/balance${query}`), 422, 'invalid_request')
  })

  it('keeps every digit', async () => {
    const { call, float } = await server.partner('rich', null)
    assert.equal(float, 0n)
    assertRefused(await call('GET', '/balance'), 422, 'invalid_request')
    const rich = await server.partner('richer', 9_007_199_254_740_993n)
    assert.match((await rich.call('GET', '/balance')).text, /"amount_cents":9007199254740993,/)
  })
})

it('the books are clean after all of it', () => server.assertClean())
