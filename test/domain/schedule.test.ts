import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { shareCredit } from '../../src/domain/purchase.ts'
import {
  addMonths,
  dayAt,
  isDay,
  ScheduleError,
  type ScheduleErrorCode,
  scheduleRules,
  simulateSchedule,
  splitEvenly,
} from '../../src/domain/schedule.ts'

const plain = (input: Parameters<typeof simulateSchedule>[0]) =>
  simulateSchedule(input).map(({ amount, due }) => [amount, due])
const parts = (count: number) => ({ kind: 'instalments', parts: count }) as const

test('what would be due later than 12 months is merged into the last part in time, as Pledg’s own example has it', () => {
  const input = { amount: 50_000n, terms: parts(5), created: '2020-01-01', second: '2020-11-15' }
  assert.deepEqual(plain(input), [
    [10_000n, '2020-01-01'],
    [10_000n, '2020-11-15'],
    [30_000n, '2020-12-15'],
  ])
  assert.deepEqual(plain({ ...input, second: '2020-12-01' }).at(-1), [30_000n, '2021-01-01'], 'the last day is in time')
  assert.deepEqual(plain({ ...input, second: '2020-12-02' }).at(-1), [40_000n, '2020-12-02'])
})

test('the minor units that do not divide are in the first part, of the amount and of the fee', () => {
  assert.deepEqual(simulateSchedule({ amount: 10_001n, terms: parts(3), created: '2024-03-15', feeBp: 99 }), [
    { amount: 3_335n, fee: 33n, due: '2024-03-15' },
    { amount: 3_333n, fee: 33n, due: '2024-04-15' },
    { amount: 3_333n, fee: 33n, due: '2024-05-15' },
  ])
})

test('instalments keep their day, and fall on the last one of a month that does not have it', () => {
  const due = (created: string, second?: string) =>
    simulateSchedule({ amount: 400n, terms: parts(4), created, second }).map((part) => part.due)
  assert.deepEqual(due('2024-01-31'), ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30'])
  assert.deepEqual(due('2023-01-31'), ['2023-01-31', '2023-02-28', '2023-03-31', '2023-04-30'])
  assert.deepEqual(due('2023-11-02', '2023-12-31'), ['2023-11-02', '2023-12-31', '2024-01-31', '2024-02-29'])
})

test('deferred is all of it, days later; now is all of it, now', () => {
  const amount = 1_234n
  assert.deepEqual(
    simulateSchedule({ amount, terms: { kind: 'deferred', days: 30 }, created: '2024-12-15', feeBp: 150 }),
    [{ amount, fee: 19n, due: '2025-01-14' }],
  )
  assert.deepEqual(plain({ amount, terms: { kind: 'now' }, created: '2024-12-15' }), [[amount, '2024-12-15']])
})

test('what is no schedule is refused by name', () => {
  const base = { amount: 100n, terms: parts(3), created: '2024-01-31' }
  const wrong: [Partial<Parameters<typeof simulateSchedule>[0]>, ScheduleErrorCode][] = [
    [{ amount: 0n }, 'amount-too-small'],
    [{ amount: -5n }, 'amount-too-small'],
    [{ amount: 2n }, 'amount-too-small'],
    [{ second: '2024-01-31' }, 'second-date-invalid'],
    [{ second: '2023-12-31' }, 'second-date-invalid'],
    [{ second: '2025-02-01' }, 'second-date-invalid'],
    [{ second: '2024-02-30' }, 'second-date-invalid'],
    [{ second: 'soon' }, 'second-date-invalid'],
    [{ terms: parts(1) }, 'terms-invalid'],
    [{ terms: parts(2.5) }, 'terms-invalid'],
    [{ terms: parts(scheduleRules.mostParts + 1) }, 'terms-invalid'],
    [{ terms: { kind: 'deferred', days: 0 } }, 'terms-invalid'],
    [{ terms: { kind: 'deferred', days: 367 } }, 'terms-invalid'],
    [{ feeBp: -1 }, 'terms-invalid'],
    [{ feeBp: 1.5 }, 'terms-invalid'],
  ]
  for (const [more, code] of wrong) {
    assert.throws(
      () => simulateSchedule({ ...base, ...more }),
      (error) => error instanceof ScheduleError && error.code === code,
      `${code}`,
    )
  }
})

const day = fc.integer({ min: 0, max: 60_000 }).map((days) => dayAt(days * 86_400_000))

test('of any amount, count and days: the parts are the whole, ordered, in time, and equal but for the remainder and the merged', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 48n, max: 10n ** 15n }),
      fc.integer({ min: 2, max: scheduleRules.mostParts }),
      day,
      fc.option(fc.integer({ min: 1, max: 360 }), { nil: undefined }),
      fc.integer({ min: 0, max: 10_000 }),
      (amount, count, created, later, feeBp) => {
        const second = later === undefined ? undefined : dayAt(Date.parse(created) + later * 86_400_000)
        const schedule = simulateSchedule({ amount, terms: parts(count), created, second, feeBp })
        assert.equal(
          schedule.reduce((sum, part) => sum + part.amount, 0n),
          amount,
        )
        const fee = (amount * BigInt(feeBp) + 5_000n) / 10_000n
        assert.equal(
          schedule.reduce((sum, part) => sum + part.fee, 0n),
          fee,
        )
        assert.equal(schedule[0]?.due, created)
        if (second !== undefined) assert.equal(schedule[1]?.due, second)
        const last = addMonths(created, 12)
        for (const [i, part] of schedule.entries()) {
          assert.ok(isDay(part.due) && part.due <= last && part.amount > 0n && part.fee >= 0n)
          assert.ok(i === 0 || part.due > (schedule[i - 1]?.due as string))
        }
        const equal = amount / BigInt(count)
        for (const part of schedule.slice(1, -1)) assert.equal(part.amount, equal)
        if (schedule.length === count) assert.equal(schedule.at(-1)?.amount, equal)
      },
    ),
    { numRuns: 4_096 },
  )
})

test('equal shares sum up to the whole, and only the first one differs, by less than there are shares', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 1, max: 100 }), (whole, count) => {
      const shares = splitEvenly(whole, count)
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0n),
        whole,
      )
      assert.equal(shares.length, count)
      const difference = (shares[0] as bigint) - whole / BigInt(count)
      assert.ok(difference >= 0n && difference < BigInt(count))
    }),
    { numRuns: 4_096 },
  )
})

test('a credit goes to what is open, from the last part backwards, and only the rest to the wallet', () => {
  const part = fc
    .tuple(fc.bigInt({ min: 1n, max: 1_000n }), fc.bigInt({ min: 0n, max: 1_000n }), fc.boolean())
    .map(([amount, less, isPaid]) => {
      const reduced = less < amount ? less : amount
      return { amount, reduced, paid: isPaid ? amount - reduced : 0n }
    })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.bigInt({ min: 1n, max: 20_000n }), (schedule, credit) => {
      const { reductions, toFinancing, toWallet } = shareCredit(schedule, credit)
      const open = schedule.reduce((sum, { amount, paid, reduced }) => sum + amount - paid - reduced, 0n)
      assert.equal(toFinancing + toWallet, credit)
      assert.equal(toFinancing, open < credit ? open : credit)
      assert.equal(
        reductions.reduce((sum, { amount }) => sum + amount, 0n),
        toFinancing,
      )
      for (const { part, amount } of reductions)
        assert.ok(amount > 0n && amount + part.paid + part.reduced <= part.amount)
      const touched = reductions.map(({ part }) => schedule.lastIndexOf(part))
      assert.deepEqual(
        touched,
        touched.toSorted((a, b) => b - a),
      )
    }),
    { numRuns: 4_096 },
  )
})
