import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RefillPolicyInput, setRefillPolicy, showRefillPolicy } from '../../../src/operations/set-refill-policy.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened } from '../../support/wallet-client.ts'
import { CALLERS, give, granted, many, refusal, tally } from './money.ts'

let server: SandboxServer
let home: Caller & { partyId: string }

before(async () => {
  server = await startSandboxServer()
  const partyId = await server.party('Moreno family')
  await server.open(partyId, { id: 'home:main:USD' })
  home = await server.client(
    [
      'home:orphan:USD',
      { id: 'home:kid:USD', parent: 'home:main:USD', upper: '60.00' },
      { id: 'home:free:USD', parent: 'home:main:USD' },
    ],
    { partyId },
  )
  await give(server, 'home:main:USD', 1_000)
})
after(() => server.stop())

const DAY = 86_400
const policy = (id: string, input: RefillPolicyInput | null) => setRefillPolicy(server.assembly, 'test', id, input)
const refillOf = (target: string, amount: number | string, more: object = {}) => ({
  endpoint: 'refills',
  target,
  amount,
  currency: 'USD',
  ...more,
})
const refill = (target: string, amount: number | string, more: object = {}) =>
  home.post(`/${target}/refills`, refillOf(target, amount, more))
const refuse = (target: string, amount: number | string, more: object = {}) =>
  refusal(server, home, `/${target}/refills`, refillOf(target, amount, more))

describe('a refill', () => {
  it('comes from the parent, under the policy', async () => {
    await policy('home:kid:USD', { perRefill: 10, perPeriod: 30, periodSeconds: DAY })
    const { timestamp, reference, success, ...echo } = await home.done(
      '/home:kid:USD/refills',
      refillOf('home:kid:USD', '9.50'),
    )
    assert.deepEqual(echo, refillOf('home:kid:USD', '9.50'))
    assert.ok(success && timestamp)
    assert.equal(await server.balance('home:kid:USD'), 950n)
    assert.equal(await server.balance('home:main:USD'), 99_050n)
    const seen = opened(await home.get(`/home:main:USD/transactions/${reference}`), home.signingSecret).transaction
    assert.deepEqual([seen.endpoint, seen.source, seen.target], ['refills', 'home:main:USD', 'home:kid:USD'])
    const shown = await showRefillPolicy(server.assembly, 'home:kid:USD')
    assert.deepEqual([shown.parent, shown.policy?.used, shown.policy?.per_period], ['home:main:USD', 9.5, 30])
  })

  it('is refused without a parent, and without a policy', async () => {
    assert.equal(await refuse('home:orphan:USD', 1), '422 parent-missing')
    assert.equal(await refuse('home:free:USD', 1), '422 refill-policy-missing')
    await policy('home:orphan:USD', { perRefill: 10, perPeriod: 30, periodSeconds: DAY })
    assert.equal(await refuse('home:orphan:USD', 1), '422 parent-missing')
    await policy('home:free:USD', { perRefill: 10, perPeriod: 30, periodSeconds: DAY })
    assert.equal((await refill('home:free:USD', 10)).status, 200)
    await policy('home:free:USD', null)
    assert.equal(await refuse('home:free:USD', 1), '422 refill-policy-missing')
  })

  it('keeps both caps, at the edge', async () => {
    assert.equal(await refuse('home:kid:USD', '10.01'), '422 refill-cap-exceeded')
    assert.equal((await refill('home:kid:USD', 10)).status, 200)
    assert.equal((await refill('home:kid:USD', 10)).status, 200)
    assert.equal(await refuse('home:kid:USD', '0.51'), '422 refill-cap-reached')
    assert.equal((await refill('home:kid:USD', '0.50')).status, 200)
    assert.equal(await refuse('home:kid:USD', '0.01'), '422 refill-cap-reached')
  })

  it('counts what was drawn before when the policy changes, and begins anew with the next period', async () => {
    await policy('home:kid:USD', { perRefill: 10, perPeriod: 32, periodSeconds: DAY })
    assert.equal((await refill('home:kid:USD', 2)).status, 200)
    assert.equal(await refuse('home:kid:USD', '0.01'), '422 refill-cap-reached')
    await policy('home:kid:USD', { perRefill: 10, perPeriod: 20, periodSeconds: DAY })
    assert.equal(await refuse('home:kid:USD', '0.01'), '422 refill-cap-reached')
    await policy('home:kid:USD', { perRefill: 10, perPeriod: 35, periodSeconds: DAY })
    assert.equal(await refuse('home:kid:USD', 10), '422 refill-cap-reached')
    // As if it had been drawn the day before.
    const kid = "wallet_id = (select id from wallet where number = 'kid')"
    await server.db.query(`update refill_use set starts_at = starts_at - interval '1 day' where ${kid}`)
    assert.equal((await refill('home:kid:USD', 10)).status, 200)
    await policy('home:kid:USD', { perRefill: 10, perPeriod: 100, periodSeconds: DAY })
    assert.equal((await refill('home:kid:USD', 1)).status, 200)
    await server.db.query(`delete from refill_use where ${kid} and used = 3200`)
    await server.db.query(`update refill_use set used = used + 3200 where ${kid}`)
  })

  it('draws on the parent whose owner has agreed, and on no other', async () => {
    await server.open(await server.party(), { id: 'home:rich:USD' })
    await give(server, 'home:rich:USD', 500)
    await server.open(await server.party(), { id: 'home:poor:USD' })
    const kid = await server.client([{ id: 'home:moved:USD', parent: 'home:poor:USD' }])
    const moved = (amount: number) =>
      refusal(server, kid, '/home:moved:USD/refills', refillOf('home:moved:USD', amount))
    await policy('home:moved:USD', { perRefill: 10, perPeriod: 10, periodSeconds: DAY })
    await server.change('home:moved:USD', { parent: 'home:rich:USD' })
    assert.equal(await moved(1), '422 refill-policy-missing')
    assert.equal((await showRefillPolicy(server.assembly, 'home:moved:USD')).policy, null)
    await policy('home:moved:USD', { perRefill: 10, perPeriod: 10, periodSeconds: DAY })
    await kid.done('/home:moved:USD/refills', refillOf('home:moved:USD', 4))
    assert.equal(await server.balance('home:rich:USD'), 49_600n)
    // Back at the first one, the other's consent is none, and what was drawn counts on.
    await server.change('home:moved:USD', { parent: 'home:poor:USD' })
    assert.equal(await moved(1), '422 refill-policy-missing')
    await policy('home:moved:USD', { perRefill: 10, perPeriod: 10, periodSeconds: DAY })
    assert.equal(await moved(7), '422 refill-cap-reached')
  })

  it('keeps the limits of both wallets', async () => {
    await policy('home:kid:USD', { perRefill: 5_000, perPeriod: 5_000, periodSeconds: DAY })
    const left = 6_000n - (await server.balance('home:kid:USD'))
    assert.equal(
      await refuse('home:kid:USD', `${left / 100n}.${String((left % 100n) + 1n).padStart(2, '0')}`),
      '422 unreceivable-funds',
    )
    await policy('home:free:USD', { perRefill: 5_000, perPeriod: 5_000, periodSeconds: DAY })
    assert.equal(await refuse('home:free:USD', 4_000), '422 unavailable-funds')
  })

  it('needs a token that reaches the wallet, the scope, and the wallet of the route', async () => {
    assert.equal(
      await refusal(server, server.merchant, '/home:kid:USD/refills', refillOf('home:kid:USD', 1)),
      '403 wallet-not-allowed',
    )
    assert.equal(
      await refusal(server, server.merchant, '/home:nobody:USD/refills', refillOf('home:nobody:USD', 1)),
      '404 wallet-not-found',
    )
    const narrow = await granted(server, home, home.partyId, ['home:kid:USD'], ['payments', 'funds', 'charges'])
    assert.equal(
      await refusal(server, narrow, '/home:kid:USD/refills', refillOf('home:kid:USD', 1)),
      '403 insufficient-scope',
    )
    assert.equal(
      await refusal(server, home, '/home:free:USD/refills', refillOf('home:kid:USD', 1)),
      '422 route-mismatch',
    )
    for (const more of [{ description: 'x' }, { source: 'home:main:USD' }, { details: {} }, { metadata: {} }])
      assert.equal(await refuse('home:kid:USD', 1, more), '400 payload-member-unknown')
    await home.done('/home/free/refills', { ...refillOf('home:free:USD', 1), target: undefined })
    assert.equal(await refusal(server, home, '/home/free/refills', refillOf('home:kid:USD', 1)), '422 route-mismatch')
  })
})

describe('many refills at once', () => {
  it(`by ${CALLERS} callers never exceed the cap of the period`, async () => {
    for (let round = 0; round < 3; round++) {
      const id = `home:race${round}:USD`
      await server.open(home.partyId, { id, parent: 'home:main:USD' })
      await policy(id, { perRefill: 1, perPeriod: 10, periodSeconds: DAY })
      const fresh = await granted(server, home, home.partyId, [id])
      const cents = Array.from({ length: CALLERS }, () => 20 + Math.floor(Math.random() * 80))
      const answers = await many((i) =>
        fresh.post(
          `/${id}/refills`,
          refillOf(id, (cents[i] as number) / 100, i % 2 ? { nonce: `race-${round}-${i}` } : {}),
        ),
      )
      const counts = tally(answers, fresh.signingSecret)
      assert.equal((counts['200 true'] ?? 0) + (counts['422 refill-cap-reached'] ?? 0), CALLERS, JSON.stringify(counts))
      const sum = cents.reduce((total, each, i) => total + (answers[i]?.status === 200 ? each : 0), 0)
      assert.ok(sum <= 1_000 && sum > 900, String(sum))
      assert.equal(await server.balance(id), BigInt(sum))
    }
  })

  it('under one key are one; a refusal of the books is kept too', async () => {
    const id = 'home:key:USD'
    await server.open(home.partyId, { id, parent: 'home:main:USD' })
    await policy(id, { perRefill: 5, perPeriod: 8, periodSeconds: DAY })
    const fresh = await granted(server, home, home.partyId, [id])
    const post = (nonce: string, amount: number) => fresh.post(`/${id}/refills`, refillOf(id, amount, { nonce }))
    const answers = await many(() => post('once', 5))
    assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
    assert.equal(await server.balance(id), 500n)
    await policy(id, null)
    assert.equal((await post('once', 5)).text, answers[0]?.text)
    assert.equal(
      await refusal(server, fresh, `/${id}/refills`, refillOf(id, 4, { nonce: 'once' })),
      '409 idempotency-conflict',
    )
  })

  it('while the policy is set by many operators, each version is one of theirs', async () => {
    const id = 'home:set:USD'
    await server.open(home.partyId, { id, parent: 'home:main:USD' })
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, (_, i) => policy(id, { perRefill: i + 1, perPeriod: 20, periodSeconds: DAY })),
    )
    const done = results.filter(({ status }) => status === 'fulfilled').length
    assert.ok(done >= 1)
    const [row] = await server.db.query<{ n: bigint; most: number }>(
      'select count(*) as n, max(version) as most from refill_policy where wallet_id = (select id from wallet where number = $1)',
      ['set'],
    )
    assert.deepEqual([Number(row?.n), row?.most], [done, done])
  })
})

it('the books are clean after all of it', () => server.assertClean())
