import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createBounds } from '../../src/ledger/bounds.ts'
import type { Command } from '../../src/ledger/command.ts'

/** Adds to a sum that a check keeps below 10. */
const adding = (name: string, amount: bigint, cap = 10n): Command =>
  ({
    effects: [
      {
        effect: {
          name: 'sum',
          text: '',
          bound: { check: 'sum_check', of: ([, adds]: string[]) => ({ cap, adds: BigInt(adds ?? 0) }) },
        },
        row: [name, String(amount)],
      },
    ],
  }) as unknown as Command

describe('sums that effects keep below a cap', () => {
  const refused = { code: 'effect-refused', constraint: 'sum_check' }

  test('are refused above it, never at it', () => {
    const batch = createBounds(10).begin()
    assert.equal(batch.refuse(adding('a', 10n)), undefined)
    assert.deepEqual(batch.refuse(adding('a', 11n)), refused)
  })

  test('count what the batch has accepted, each by its name', () => {
    const batch = createBounds(10).begin()
    batch.add(adding('a', 4n))
    batch.add(adding('a', 4n))
    assert.deepEqual(batch.refuse(adding('a', 3n)), refused)
    assert.equal(batch.refuse(adding('a', 2n)), undefined)
    assert.equal(batch.refuse(adding('b', 10n)), undefined)
  })

  test('are remembered once the batch is kept, and only then', () => {
    const bounds = createBounds(10)
    bounds.begin().add(adding('a', 8n))
    assert.equal(bounds.begin().refuse(adding('a', 3n)), undefined)
    const batch = bounds.begin()
    batch.add(adding('a', 8n))
    batch.keep()
    assert.deepEqual(bounds.begin().refuse(adding('a', 3n)), refused)
    assert.equal(bounds.begin().refuse(adding('a', 2n)), undefined)
  })

  test('are learnt from the refusal of the constraint that they are about', () => {
    const bounds = createBounds(10)
    bounds.learn(adding('a', 4n), { code: 'effect-refused', constraint: 'another' })
    assert.equal(bounds.begin().refuse(adding('a', 4n)), undefined)
    bounds.learn(adding('a', 4n), { code: 'effect-refused', constraint: 'sum_check' })
    assert.deepEqual(bounds.begin().refuse(adding('a', 4n)), refused)
    assert.equal(bounds.begin().refuse(adding('a', 3n)), undefined)
  })

  test('are none where a command has no effect, or one without a bound or with a row yet to be made', () => {
    const batch = createBounds(10).begin()
    const [one] = adding('a', 99n).effects ?? []
    const unbound = { effects: [{ effect: { name: 'sum', text: '' }, row: ['a', '99'] }] }
    for (const command of [{}, unbound, { effects: [{ ...one, row: () => ['a', '99'] }] }]) {
      assert.equal(batch.refuse(command as unknown as Command), undefined)
      batch.add(command as unknown as Command)
    }
    assert.equal(batch.refuse(adding('a', 10n)), undefined)
  })
})
