import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attempt, sleep, untilSettled } from '#sdk/protocol/repeat.ts'
import { createTokenCache } from '#sdk/protocol/token-cache.ts'

type Outcome = Omit<Extract<Attempt<never>, { done: false }>, 'done' | 'error'> & { applied?: 'no' | 'unknown' }

/** Makes the outcomes one after the other, then succeeds; tells what each attempt knew of those before it. */
async function play(
  outcomes: Outcome[],
  policy: { times?: number; delay?: number; first?: number; next?: number; patience?: number },
) {
  const { times = 2, delay = 1, first = 1, next = 2, patience = 100 } = policy
  const earlier: string[] = []
  const from = performance.now()
  const result = await untilSettled<string>(
    async ({ applied }) => {
      earlier.push(applied)
      const outcome = outcomes[earlier.length - 1]
      if (!outcome) return { done: true, value: 'done' }
      const error = Object.assign(new Error(`attempt ${earlier.length}`), { applied: outcome.applied ?? 'no' })
      return { done: false, error, repeat: outcome.repeat, wait: outcome.wait }
    },
    { repeat: { times, delay }, comeBack: { first, next, patience } },
  ).catch((error: Error) => error.message)
  return { result, earlier, took: performance.now() - from }
}

describe('a call', () => {
  test('is repeated after accidents as often as allowed, and not more', async () => {
    const soon: Outcome = { repeat: 'soon' }
    assert.equal((await play([soon, soon], {})).result, 'done')
    assert.equal((await play([soon, soon, soon], {})).result, 'attempt 3')
    assert.equal((await play([soon], { times: 0 })).result, 'attempt 1')
  })

  test('that is settled is not repeated', async () => {
    assert.equal((await play([{ repeat: 'never' }], {})).result, 'attempt 1')
    assert.deepEqual((await play([], {})).earlier, ['no'])
  })

  test('remembers that an earlier attempt may have had its effect', async () => {
    const outcomes: Outcome[] = [{ repeat: 'soon' }, { repeat: 'soon', applied: 'unknown' }, { repeat: 'later' }]
    assert.deepEqual((await play(outcomes, {})).earlier, ['no', 'no', 'unknown', 'unknown'])
  })

  test('comes back to a busy server until its patience is used up', async () => {
    const later: Outcome = { repeat: 'later' }
    assert.equal((await play([later, later, later], { first: 2, next: 4, patience: 10 })).result, 'done')
    assert.equal((await play([later, later, later], { first: 2, next: 4, patience: 9 })).result, 'attempt 3')
    assert.equal((await play([later], { patience: 0 })).result, 'attempt 1')
    // Accidents and returns are counted apart.
    const mixed: Outcome[] = [{ repeat: 'soon' }, later, { repeat: 'soon' }, later]
    assert.equal((await play(mixed, { times: 2, patience: 3 })).result, 'done')
  })

  test('waits as long as the server asks, of its own accord in halves and doubles', async () => {
    assert.ok((await play([{ repeat: 'soon', wait: 30 }], {})).took >= 28)
    assert.ok((await play([{ repeat: 'later', wait: 30 }], { first: 0 })).took >= 28)
    assert.equal((await play([{ repeat: 'later', wait: 101 }], {})).result, 'attempt 1')
    // At the least half of 10, 20, 40 and 80 ms.
    const soon = Array.from({ length: 4 }, (): Outcome => ({ repeat: 'soon' }))
    assert.ok((await play(soon, { times: 4, delay: 10 })).took >= 71)
  })
})

describe('a pause', () => {
  test('lasts as long as it should, and ends early with the signal', async () => {
    const from = performance.now()
    await sleep(20)
    assert.ok(performance.now() - from >= 18)
    await sleep(60_000, AbortSignal.abort())
    const wish = new AbortController()
    const pause = sleep(60_000, wish.signal)
    wish.abort()
    await pause
    assert.ok(performance.now() - from < 30_000)
  })
})

describe('a kept token', () => {
  const setUp = (life = 100_000) => {
    const world = { now: 1_000_000, asked: 0 }
    const cache = createTokenCache(
      async () => {
        world.asked++
        return { value: `token ${world.asked}`, issuedAt: world.now, expiresAt: world.now + life }
      },
      () => world.now,
    )
    return { world, cache }
  }

  test('is asked for once by all who arrive together', async () => {
    const { world, cache } = setUp()
    assert.deepEqual(await Promise.all([cache.get(), cache.get()]), ['token 1', 'token 1'])
    assert.equal(await cache.get(), 'token 1')
    assert.equal(world.asked, 1)
  })

  test('is replaced when a tenth of its life is left, or half a minute', async () => {
    for (const [life, fresh] of [
      [100_000, 89_999],
      [3_600_000, 3_569_999],
    ] as const) {
      const { world, cache } = setUp(life)
      await cache.get()
      world.now += fresh
      assert.equal(await cache.get(), 'token 1')
      world.now += 1
      assert.equal(await cache.get(), 'token 2')
    }
  })

  test('is forgotten when the server takes it no longer, but not for another one', async () => {
    const { cache } = setUp()
    cache.drop('token 1')
    await cache.get()
    cache.drop('token 0')
    assert.equal(await cache.get(), 'token 1')
    cache.drop('token 1')
    assert.equal(await cache.get(), 'token 2')
  })

  test('that could not be had is asked for again', async () => {
    let asked = 0
    const cache = createTokenCache(
      async () => {
        if (++asked === 1) throw new Error('not now')
        return { value: 'token', issuedAt: 0, expiresAt: 10 }
      },
      () => 0,
    )
    await assert.rejects(cache.get(), /not now/)
    assert.equal(await cache.get(), 'token')
  })
})
