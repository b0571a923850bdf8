import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import { findCredential } from '../../../src/storage/partners.ts'
import { createGiftShop, type GiftShop } from './gift-cards.ts'
import { type Answer, type Body, createHarness, type Harness, type Send } from './harness.ts'

let harness: Harness
let send: Send
let shop: GiftShop
before(async () => {
  harness = await createHarness()
  send = harness.send
  shop = await createGiftShop(harness)
})
after(() => harness.close())

const nobody = '00000000-0000-4000-8000-000000000000'
const keyed = (key: string) => ({ 'idempotency-key': key })
const refusal = ({ status, body }: Answer) => [status, body?.code, body?.field]

/** 16 at once, half of them to another server process. */
const race = (path: string, body: unknown, key: string): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 ? send : harness.sendToOther)('POST', path, body, keyed(key))),
  )

function assertOneAnswer(answers: Answer[], status: number): Body {
  for (const answer of answers) assert.equal(answer.status, status, answer.text)
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1)
  assert.equal(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null).length, 1)
  return answers[0]?.body
}

describe('partners', () => {
  test('are created, shown by slug and id, listed, and ended for good', async () => {
    const made = await shop.made('/partners', { party_id: shop.party.id, slug: 'brief', live: true })
    assert.deepEqual([made.slug, made.live, made.disabled_at], ['brief', true, null])
    assert.deepEqual((await send('GET', '/partners/brief')).body, made)
    assert.deepEqual((await send('GET', `/partners/${made.id}`)).body, made)
    const { body } = await send('GET', '/partners')
    assert.deepEqual(
      body.items.map((it: Body) => it.slug),
      ['acme', 'brief'],
    )
    const credential = await shop.made('/partners/brief/credentials', { protocol: 'tillo' })
    assert.ok(await findCredential(harness.db, 'tillo', hashSecret(credential.api_key)))
    const disabled = await send('POST', '/partners/brief/disable')
    assert.match(disabled.body.disabled_at, /Z$/)
    assert.deepEqual((await send('POST', '/partners/brief/disable')).body, disabled.body)
    assert.equal(await findCredential(harness.db, 'tillo', hashSecret(credential.api_key)), undefined)
    const late = await send('POST', '/partners/brief/credentials', { protocol: 'tillo' })
    assert.deepEqual(refusal(late), [409, 'conflict', 'partner'])
  })

  test('have credentials that are shown once, bound to addresses, and revoked', async () => {
    const made = await shop.made('/partners/acme/credentials', { protocol: 'walleo', addresses: ['192.0.2.0/24'] })
    assert.match(made.api_key, /^test_walleo_/)
    assert.match(made.secret, /^[0-9a-f]{64}$/)
    assert.match(made.identifier, /^[0-9a-f-]{36}$/)
    const listed = await send('GET', '/partners/acme/credentials')
    assert.doesNotMatch(listed.text, new RegExp(`${made.secret}|test_walleo_`))
    const path = `/partners/acme/credentials/${made.id}`
    assert.deepEqual((await send('PATCH', path, { addresses: ['2001:db8::/32', '10.1.2.3'] })).body.addresses, [
      '2001:db8::/32',
      '10.1.2.3',
    ])
    for (const wrong of ['10.0.0.0/33', '10.0.0', '::/129', '10.0.0.0/8/8', 'host.example', ''])
      assert.deepEqual(
        refusal(await send('PATCH', path, { addresses: [wrong] })),
        [422, 'invalid-input', 'addresses'],
        wrong,
      )
    assert.equal((await send('DELETE', path)).status, 204)
    assert.equal((await send('DELETE', path)).status, 204)
    assert.equal(await findCredential(harness.db, 'walleo', hashSecret(made.api_key)), undefined)
    assert.deepEqual(refusal(await send('PATCH', path, { addresses: [] })), [409, 'conflict', 'credential_id'])
  })

  test('have nothing of one another', async () => {
    await shop.made('/partners', { party_id: shop.party.id, slug: 'stranger' })
    const theirs = await shop.made('/partners/acme/credentials', { protocol: 'tillo' })
    for (const [method, body] of [
      ['PATCH', { addresses: [] }],
      ['DELETE', undefined],
    ] as const)
      assert.deepEqual(refusal(await send(method, `/partners/stranger/credentials/${theirs.id}`, body)), [
        404,
        'not-found',
        'credential_id',
      ])
    assert.ok(await findCredential(harness.db, 'tillo', hashSecret(theirs.api_key)))
    assert.deepEqual((await send('GET', '/partners/stranger/floats')).body.items, [])
    assert.deepEqual((await send('GET', '/partners/stranger/credentials')).body.items, [])
  })
})

describe('floats', () => {
  test('are opened once, and funded from a wallet of their currency', async () => {
    const opened = await shop.made('/partners/acme/floats', { currency: 'JPY', lower: -1000, upper: 50_000 })
    assert.deepEqual(opened, {
      wallet: 'float:acme:JPY',
      currency: 'JPY',
      circle: 'public',
      balance: 0,
      held: 0,
      available: 1000,
    })
    assert.deepEqual(refusal(await send('POST', '/partners/acme/floats', { currency: 'JPY' })).slice(0, 2), [
      409,
      'already-exists',
    ])
    const { body } = await send('GET', '/partners/acme/floats')
    assert.deepEqual(
      body.items.map((it: Body) => [it.currency, it.available]),
      [
        ['EUR', 1000],
        ['JPY', 1000],
      ],
    )
    await shop.made('/wallets', { id: 'bank:yen:JPY', party_id: shop.party.id, lower: null, upper: 0 })
    const fund = '/partners/acme/floats/JPY/fund'
    const funded = await shop.made(fund, { source: 'bank:yen:JPY', amount: 500, description: 'May' })
    assert.deepEqual([funded.amount, funded.target], [500, 'float:acme:JPY'])
    for (const [input, expected] of [
      [{ source: 'bank:acme:EUR', amount: 1 }, [422, 'invalid-input', 'source']],
      [{ source: 'bank:none:JPY', amount: 1 }, [404, 'not-found', 'source']],
      [{ source: 'no id', amount: 1 }, [404, 'not-found', 'source']],
      [{ source: 'float:acme:JPY', amount: 1 }, [409, 'conflict', 'source']],
      [{ source: 'bank:yen:JPY', amount: 0 }, [422, 'invalid-input', 'amount']],
      [{ source: 'bank:yen:JPY', amount: -5 }, [422, 'invalid-input', 'amount']],
      [{ source: 'bank:yen:JPY', amount: 0.5 }, [422, 'invalid-input', 'amount']],
      [{ source: 'bank:yen:JPY', amount: '1e3' }, [422, 'invalid-input', 'amount']],
      [{ source: 'bank:yen:JPY', amount: 49_501 }, [409, 'conflict', 'amount']],
      [{ source: 'bank:yen:JPY', amount: 5, memo: 'x' }, [422, 'invalid-input', 'memo']],
    ] as const)
      assert.deepEqual(refusal(await send('POST', fund, input)), expected, JSON.stringify(input))
    assert.deepEqual(
      refusal(await send('POST', '/partners/acme/floats/USD/fund', { source: 'bank:yen:JPY', amount: 1 })),
      [404, 'not-found', 'currency'],
    )
  })

  test('are opened and funded once under a key, by 16 requests alike in two processes', async () => {
    await shop.made('/partners', { party_id: shop.party.id, slug: 'raced' })
    assertOneAnswer(await race('/partners/raced/floats', { currency: 'EUR' }, 'float'), 201)
    const input = { source: shop.bank, amount: '12.34' }
    const { reference } = assertOneAnswer(await race('/partners/raced/floats/EUR/fund', input, 'fund'), 201)
    const { body } = await send('GET', '/partners/raced/floats')
    assert.equal(body.items[0].balance, 12.34)
    const again = await send('POST', '/partners/raced/floats/EUR/fund', { ...input, amount: 12.34 }, keyed('fund'))
    assert.deepEqual([again.body.code, again.status], ['idempotency-conflict', 409], 'a text is not a number')
    const kept = await harness.db.query('select principal from transaction where id = $1', [reference])
    assert.match((kept[0] as { principal: string }).principal, /^api-key:/)
    await shop.assertClean()
  })
})

describe('brands', () => {
  const texts = { term_of_use: 'Be nice.', tillo: { type: 'gift-card' } }

  test('are created with their accounts in one transaction, shown, listed and changed', async () => {
    const made = await shop.brand({
      slug: 'rio',
      name: 'Café Río',
      values: { type: 'fixed', values: [5, '10.50', 20] },
      discount: '4.25',
      countries: ['FR', 'BE'],
      categories: ['Food, "drinks" \\ more'],
      codes: { walleo: 'RIOFR', tillo: 'rio' },
      texts,
    })
    assert.deepEqual(
      [made.values, made.discount, made.countries, made.categories, made.codes, made.texts, made.status],
      [
        { type: 'fixed', values: [5, 10.5, 20] },
        4.25,
        ['FR', 'BE'],
        ['Food, "drinks" \\ more'],
        { walleo: 'RIOFR', tillo: 'rio' },
        texts,
        'enabled',
      ],
    )
    const shown = (await send('GET', '/brands/rio')).body
    assert.deepEqual(shown, { ...made, upstream: null })
    assert.deepEqual((await send('GET', `/brands/${made.id}`)).body, shown)
    assert.ok((await send('GET', '/brands')).body.items.some((it: Body) => it.id === made.id))
    assert.equal((await send('GET', '/wallets/settlement:rio:EUR')).body.lower, null)
    assert.equal((await send('GET', '/wallets/breakage:rio:EUR')).body.lower, 0)

    const paused = await send('PATCH', '/brands/rio', { status: 'paused', status_reason: 'Strike' })
    assert.deepEqual([paused.body.status, paused.body.status_reason], ['paused', 'Strike'])
    const changed = await send('PATCH', '/brands/rio', {
      status: 'enabled',
      discount: 5,
      discount_keeper: 'operator',
      values: { type: 'range', min: 1, max: 50, step: '0.50' },
      texts: { term_of_use: null, logo_url: 'https://rio.example/logo.png' },
      codes: { walleo: 'RIO2', tillo: null },
      cancellable: true,
      validity_days: 90,
    })
    assert.equal(changed.status, 200, changed.text)
    const { status_reason, discount, discount_keeper, values, texts: now, codes, cancellable } = changed.body
    assert.deepEqual(
      [status_reason, discount, discount_keeper, values, now, codes, cancellable],
      [
        null,
        5,
        'operator',
        { type: 'range', min: 1, max: 50, step: 0.5 },
        { tillo: { type: 'gift-card' }, logo_url: 'https://rio.example/logo.png' },
        { walleo: 'RIO2' },
        true,
      ],
    )
    assert.deepEqual((await send('GET', '/brands/rio')).body, changed.body)
  })

  test('never show what they are bought with', async () => {
    const upstream = {
      protocol: 'tillo',
      url: 'https://up.example/api/v2',
      api_key: 'KEY-1',
      secret: 'SECRET-1',
      brand: 'x',
      sector: 'gift-card-mall',
    }
    const made = await send('POST', '/brands', {
      slug: 'bought',
      name: 'Bought',
      party_id: shop.party.id,
      currency: 'EUR',
      supply: 'upstream',
      values: { type: 'fixed', values: [10] },
      upstream,
    })
    assert.equal(made.status, 201, made.text)
    const shown = await send('GET', '/brands/bought')
    assert.deepEqual(shown.body.upstream, { protocol: 'tillo', url: 'https://up.example/api/v2', code: 'x' })
    const next = {
      protocol: 'walleo',
      url: 'http://127.0.0.1:8080/partners/v1',
      api_key: 'KEY-2',
      identifier: 'ID-2',
      shared_key: 'ab'.repeat(16),
      code: 'Y',
    }
    const changed = await send('PATCH', '/brands/bought', { upstream: next })
    assert.deepEqual(changed.body.upstream, { protocol: 'walleo', url: next.url, code: 'Y' })
    for (const { text } of [made, shown, changed]) assert.doesNotMatch(text, /KEY-|SECRET-|ID-2|abab/)
    const [row] = await harness.db.query<{ upstream: Buffer }>(`select upstream from brand where slug = 'bought'`)
    assert.equal(row?.upstream.includes('KEY-2'), false)
    assert.deepEqual(refusal(await send('PATCH', '/brands/rio', { upstream: next })), [409, 'conflict', 'upstream'])
  })

  test('are refused for what is wrong with them, and then nothing of them is there', async () => {
    const right = {
      slug: 'wrong',
      name: 'x',
      party_id: shop.party.id,
      currency: 'EUR',
      supply: 'own',
      values: { type: 'fixed', values: [5] },
    }
    const before = await harness.db.query('select from account')
    for (const [change, expected] of [
      [{ slug: 'Wrong' }, [422, 'invalid-input', 'slug']],
      [{ currency: 'EURO1' }, [422, 'invalid-input', 'currency']],
      [{ party_id: nobody }, [404, 'not-found', 'party_id']],
      [{ values: { type: 'fixed', values: [] } }, [422, 'invalid-input', 'values.values']],
      [{ values: { type: 'fixed', values: [10, 5] } }, [422, 'invalid-input', 'values']],
      [{ values: { type: 'fixed', values: [0] } }, [422, 'invalid-input', 'values']],
      [{ values: { type: 'fixed', values: [0.001] } }, [422, 'invalid-input', 'values']],
      [{ values: { type: 'range', min: 10, max: 5, step: 1 } }, [422, 'invalid-input', 'values']],
      [{ values: { type: 'range', min: 1, max: 5, step: 0 } }, [422, 'invalid-input', 'values']],
      [{ values: { type: 'any' } }, [422, 'invalid-input', 'values.type']],
      [{ discount: 100.5 }, [422, 'invalid-input', 'discount']],
      [{ discount: -1 }, [422, 'invalid-input', 'discount']],
      [{ discount: '4.255' }, [422, 'invalid-input', 'discount']],
      [{ supply: 'magic' }, [422, 'invalid-input', 'supply']],
      [{ supply: 'upstream' }, [422, 'invalid-input', 'upstream']],
      [{ codes: { pledg: 'x' } }, [422, 'invalid-input', 'codes.pledg']],
      [{ codes: { walleo: 'RIO2' } }, [409, 'already-exists', 'codes']],
      [{ slug: 'rio' }, [409, 'already-exists', 'slug']],
      [{ countries: ['France'] }, [422, 'invalid-input', 'countries.0']],
      [{ validity_days: 0 }, [422, 'invalid-input', 'validity_days']],
      [{ delivery: ['pigeon'] }, [422, 'invalid-input', 'delivery.0']],
      [{ color: 'red' }, [422, 'invalid-input', 'color']],
    ] as const)
      assert.deepEqual(
        refusal(await send('POST', '/brands', { ...right, ...change })),
        expected,
        JSON.stringify(change),
      )
    assert.equal((await harness.db.query('select from account')).length, before.length)
    for (const [change, expected] of [
      [{}, [422, 'invalid-input', undefined]],
      [{ supply: 'stock' }, [422, 'invalid-input', 'supply']],
      [{ values: { type: 'fixed', values: [3, 2] } }, [422, 'invalid-input', 'values']],
      [{ codes: { walleo: '' } }, [422, 'invalid-input', 'codes.walleo']],
    ] as const)
      assert.deepEqual(refusal(await send('PATCH', '/brands/rio', change)), expected, JSON.stringify(change))
    await shop.brand({ slug: 'taker', codes: { tillo: 'taken' } })
    const taken = await send('PATCH', '/brands/rio', { codes: { tillo: 'taken' }, discount: 50 })
    assert.deepEqual(refusal(taken), [409, 'already-exists', 'codes'])
    assert.equal((await send('GET', '/brands/rio')).body.discount, 5, 'a change is made whole or not at all')
  })
})

test('of 16 requests alike under one key one makes each thing, and all are told the same', async () => {
  const party_id = shop.party.id
  const values = { type: 'fixed', values: [5] }
  for (const [path, body, status] of [
    ['/partners', { party_id, slug: 'once' }, 201],
    ['/partners/once/credentials', { protocol: 'tillo' }, 201],
    [
      '/brands',
      { slug: 'once', name: 'Once', party_id, currency: 'EUR', supply: 'own', values, codes: { tillo: 'once' } },
      201,
    ],
    ['/velocity-rules', { partner: 'once', subject: 'partner', period_seconds: 60, max_count: 5 }, 201],
  ] as const)
    assertOneAnswer(await race(path, body, `once ${path}`.replaceAll(' ', '')), status)
  const count = async (sql: string) => (await harness.db.query(sql)).length
  assert.equal(await count(`select from partner where slug = 'once'`), 1)
  assert.equal(
    await count(`select from partner_credential c join partner p on p.id = c.partner_id where p.slug = 'once'`),
    1,
  )
  assert.equal(await count(`select from brand where slug = 'once'`), 1)
  assert.equal(await count(`select from wallet where number = 'once'`), 3)
  assert.equal(await count('select from velocity_rule'), 1)
  const first = await send('PATCH', '/brands/once', { discount: 3 }, keyed('patch'))
  await send('PATCH', '/brands/once', { discount: 7 })
  const again = await send('PATCH', '/brands/once', { discount: 3 }, keyed('patch'))
  assert.deepEqual([again.text, again.headers.get('idempotency-replayed')], [first.text, 'true'])
  assert.equal((await send('GET', '/brands/once')).body.discount, 7)
})

test('velocity rules are made, listed and ended', async () => {
  const made = await shop.made('/velocity-rules', {
    partner: 'acme',
    brand: 'rio',
    subject: 'recipient',
    period_seconds: 86_400,
    max_amount: '50.00',
    currency: 'EUR',
  })
  assert.deepEqual([made.max_amount, made.max_count, made.currency, made.brand], [50, null, 'EUR', 'rio'])
  assert.ok((await send('GET', '/velocity-rules')).body.items.some((it: Body) => it.id === made.id))
  assert.equal((await send('DELETE', `/velocity-rules/${made.id}`)).status, 204)
  assert.equal((await send('DELETE', `/velocity-rules/${made.id}`)).status, 204)
  assert.ok(!(await send('GET', '/velocity-rules')).body.items.some((it: Body) => it.id === made.id))
  const rule = { subject: 'partner', period_seconds: 60 }
  for (const [input, expected] of [
    [rule, [422, 'invalid-input', 'max_count']],
    [{ ...rule, max_amount: 5 }, [422, 'invalid-input', 'currency']],
    [{ ...rule, max_count: 5, currency: 'EUR' }, [422, 'invalid-input', 'currency']],
    [{ ...rule, max_count: 0 }, [422, 'invalid-input', 'max_count']],
    [{ ...rule, max_count: 5, partner: 'nobody' }, [404, 'not-found', 'partner']],
    [{ ...rule, max_amount: 5, currency: 'USD', brand: 'rio' }, [422, 'invalid-input', 'currency']],
    [{ ...rule, max_count: 5, period_seconds: 1e9 }, [422, 'invalid-input', 'period_seconds']],
  ] as const)
    assert.deepEqual(refusal(await send('POST', '/velocity-rules', input)), expected, JSON.stringify(input))
})

test('what is not there is a 404 that names what is meant', async () => {
  for (const [method, path, body, field] of [
    ['GET', '/partners/nobody', undefined, 'partner'],
    ['GET', `/partners/${nobody}`, undefined, 'partner'],
    ['GET', '/partners/%00', undefined, 'partner'],
    ['GET', '/partners/nobody/floats', undefined, 'partner'],
    ['POST', '/partners/nobody/floats', { currency: 'EUR' }, 'partner'],
    ['DELETE', `/partners/acme/credentials/${nobody}`, undefined, 'credential_id'],
    ['DELETE', '/partners/acme/credentials/x', undefined, 'credential_id'],
    ['GET', '/brands/nothing', undefined, 'brand'],
    ['GET', '/brands/%00', undefined, 'brand'],
    ['PATCH', '/brands/nothing', { discount: 1 }, 'brand'],
    ['GET', '/brands/nothing/stock', undefined, 'brand'],
    ['GET', `/brands/rio/stock/imports/${nobody}`, undefined, 'import_id'],
    ['GET', '/stock-notices?brand=nothing', undefined, 'brand'],
    ['GET', `/orders/${nobody}`, undefined, 'order_id'],
    ['POST', `/orders/${nobody}/cancel`, undefined, 'order_id'],
    ['POST', `/orders/${nobody}/resend`, undefined, 'order_id'],
    ['GET', '/orders?partner=nobody', undefined, 'partner'],
    ['GET', `/cards/${nobody}`, undefined, 'card_id'],
    ['POST', '/cards/x/block', {}, 'card_id'],
    ['POST', `/cards/${nobody}/cancel`, undefined, 'card_id'],
    ['POST', `/cards/${nobody}/reveal`, { reason: 'x' }, 'card_id'],
    ['POST', '/cards/find', { code: 'NO-SUCH-CODE' }, 'code'],
    ['DELETE', '/velocity-rules/x', undefined, 'rule_id'],
    ['GET', '/reports/sales?from=2026-01-01&to=2026-01-31&brand=nothing', undefined, 'brand'],
  ] as const)
    assert.deepEqual(refusal(await send(method, path, body)), [404, 'not-found', field], `${method} ${path}`)
})

test('no fault of ours was met, and the books are clean', async () => {
  assert.deepEqual(harness.logged, [])
  await shop.assertClean()
})
