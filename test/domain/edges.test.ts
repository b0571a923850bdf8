import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AssetError, defineAsset } from '../../src/domain/asset.ts'
import { DetailsError, parseDetails } from '../../src/domain/details.ts'
import { isoCodes } from '../../src/domain/iso-4217.ts'
import { AmountError, amountToJson, parseAmount, parseSignedAmount } from '../../src/domain/money.ts'
import { parseRetention } from '../../src/domain/retention.ts'
import { isDay, type ScheduleError, simulateSchedule } from '../../src/domain/schedule.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'

// The last value that is taken, and the first that is not.

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'fine'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('errors bear the names of their classes', () => {
  for (const Kind of [AmountError, AssetError, DetailsError]) {
    assert.equal(new (Kind as new (code: string, message: string) => Error)('x', 'y').name, Kind.name)
  }
  assert.throws(() => simulateSchedule({ amount: 0n, terms: { kind: 'now' }, created: '2026-01-01' }), {
    name: 'ScheduleError',
  })
})

describe('an amount', () => {
  test('has up to 64 characters', () => {
    assert.equal(parseAmount(`1.${'0'.repeat(62)}`, 2), 100n)
    assert.equal(
      codeOf(() => parseAmount(`1.${'0'.repeat(63)}`, 2)),
      'amount-malformed',
    )
  })

  test('with a sign is named negative only where it is an amount otherwise', () => {
    for (const text of ['-1', '-0', '-12.345', '-10']) {
      assert.equal(
        codeOf(() => parseAmount(text, 2)),
        'amount-not-positive',
        text,
      )
    }
    for (const text of ['--1', 'x-1', '-1x', '-01', '-1.', '-.5', '-1.x', '-ax', '-1.2.3', '-1e3']) {
      assert.equal(
        codeOf(() => parseAmount(text, 2)),
        'amount-malformed',
        text,
      )
    }
  })

  test('of an empty text is malformed, whatever the decimals', () => {
    for (const exponent of [0, 2])
      assert.equal(
        codeOf(() => parseAmount('', exponent)),
        'amount-malformed',
      )
  })

  test('that may be below zero may be zero, as a number and as a text', () => {
    assert.deepEqual([parseSignedAmount(0, 2), parseSignedAmount('-0', 2), parseSignedAmount(-1.5, 2)], [0n, 0n, -150n])
    assert.equal(
      codeOf(() => parseSignedAmount('--1', 2)),
      'amount-not-positive',
    )
  })

  test('is a JSON number as far as that is exact, on both sides of zero', () => {
    for (const sign of [1n, -1n]) {
      assert.equal(amountToJson(sign * 10n ** 15n, 2), Number(sign) * 1e13)
      assert.equal(amountToJson(sign * (10n ** 15n + 1n), 2), Number(sign) * 10_000_000_000_000.01)
      assert.equal(amountToJson(sign * 9_007_199_254_740_993n, 0), String(sign * 9_007_199_254_740_993n))
    }
  })
})

test('a currency and its circle are the whole text, and 8 decimals are the most', () => {
  assert.equal(defineAsset('PTS', 'club', 8).exponent, 8)
  assert.equal(defineAsset('A'.repeat(12), 'a'.repeat(64), 0).exponent, 0)
  for (const code of ['xPTS', 'PTSx', 'PTS\n', 'A'.repeat(13)]) {
    assert.equal(
      codeOf(() => defineAsset(code, 'club', 0)),
      'asset-code-malformed',
      code,
    )
  }
  for (const circle of ['club!', '.club', 'a'.repeat(65), 'Xclub']) {
    assert.equal(
      codeOf(() => defineAsset('PTS', circle, 0)),
      'asset-circle-malformed',
      circle,
    )
  }
  for (const exponent of [-1, 9, 1.5, Number.NaN]) {
    assert.equal(
      codeOf(() => defineAsset('PTS', 'club', exponent)),
      'asset-exponent-invalid',
    )
  }
})

test('the codes of the table are sorted', () => {
  assert.deepEqual(isoCodes().slice(0, 3), ['AED', 'AFN', 'ALL'])
  assert.equal(isoCodes().at(-1), 'ZWG')
})

test('what is no mistake in the details is not told as one', () => {
  assert.throws(() => parseDetails({ subtotal: 1 }, 100n, 99), RangeError)
})

test('the days that something is kept are a whole number up to the most', () => {
  assert.deepEqual(parseRetention('mails=365,sessions=14'), { mails: 365, sessions: 14 })
  for (const days of ['3x', 'x3', '3.5', '03', '', '-1', '100000']) {
    assert.throws(() => parseRetention(`mails=${days}`), /mails must be 1 to 365 days/, days)
  }
})

describe('a schedule', () => {
  const plan = (rest: object): string =>
    codeOf(() => simulateSchedule({ amount: 100n, terms: { kind: 'now' }, created: '2026-01-31', ...rest }))
  const deferred = (days: number) => plan({ terms: { kind: 'deferred', days } })

  test('has a fee of nothing up to everything', () => {
    for (const feeBp of [0, 10_000]) assert.equal(plan({ feeBp }), 'fine')
    for (const feeBp of [-1, 10_001, 0.5]) assert.equal(plan({ feeBp }), 'terms-invalid')
    assert.equal(plan({ amount: 0n }), 'amount-too-small' satisfies ScheduleError['code'])
    assert.equal(plan({ amount: -1n }), 'amount-too-small')
  })

  test('is put off by a day up to 12 months', () => {
    for (const days of [1, 365]) assert.equal(deferred(days), 'fine')
    for (const days of [0, 366, 367, 0.5, Number.NaN]) assert.equal(deferred(days), 'terms-invalid')
    assert.equal(plan({ terms: { kind: 'deferred', days: 366 }, created: '2027-03-01' }), 'fine')
  })

  test('has its second part after the purchase, up to 12 months later', () => {
    const second = (day: string) => plan({ terms: { kind: 'instalments', parts: 2 }, second: day })
    for (const day of ['2026-02-01', '2027-01-31']) assert.equal(second(day), 'fine')
    for (const day of ['2026-01-31', '2027-02-01', '2026-02-30', '2026-02-1', '2026-02-011']) {
      assert.equal(second(day), 'second-date-invalid', day)
    }
  })

  test('has up to 48 parts, of a minor unit at least, and loses no fee where the last ones are merged', () => {
    const terms = { kind: 'instalments', parts: 48 } as const
    assert.equal(plan({ terms, amount: 48n }), 'fine')
    assert.equal(plan({ terms, amount: 47n }), 'amount-too-small')
    assert.equal(plan({ terms: { ...terms, parts: 49 } }), 'terms-invalid')
    const parts = simulateSchedule({ amount: 48_000n, terms, created: '2026-01-31', feeBp: 100 })
    assert.equal(parts.length, 13)
    assert.deepEqual([parts[0]?.fee, parts.at(-1)?.amount, parts.at(-1)?.fee], [10n, 36_000n, 360n])
  })

  test('is made of days of the calendar from 1970 on', () => {
    for (const day of ['1970-01-01', '9999-12-31', '2028-02-29']) assert.ok(isDay(day), day)
    const none = ['1969-12-31', '2027-02-29', '2026-13-01', '02026-01-01', '2026-01-01x', 'x2026-01-01', '2026-1-1', '']
    for (const day of none) assert.equal(isDay(day), false, day)
  })
})

test('a version 7 UUID begins with the milliseconds and ends with chance', () => {
  const ids = Array.from({ length: 100 }, () => uuidV7(0x0123456789ab))
  for (const id of ids) assert.match(id, /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(new Set(ids).size, 100)
  assert.match(uuidV7(1), /^00000000-0001-7/)
})
