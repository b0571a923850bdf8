import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attempt, explain } from './search.ts'

/** A counter that is never above 2; what is more is refused. */
const add = (more: Partial<Attempt<number>> = {}): Attempt<number> => ({
  text: 'one more',
  model: (state) => (state < 2 ? [{ state: state + 1, answer: 'ok' }] : [{ state, answer: 'no' }]),
  answer: 'ok',
  never: false,
  from: 0,
  to: 1,
  others: 0,
  ...more,
})
const is = (wanted: number) => (state: number) => state === wanted

describe('attempts that were started together', () => {
  test('are explained by some order in which they took place', () => {
    assert.deepEqual(explain([1], [[add({ answer: 'no' })], [add()]], is(2)), [2])
  })

  test('are explained by none when both were accepted and there was room for one', () => {
    assert.deepEqual(
      explain([1], [[add()], [add()]], () => true),
      [],
    )
  })

  test('may have taken place or not when nobody heard of them, and what is there decides', () => {
    const unheard = [[add({ answer: null })]]
    assert.deepEqual(explain([0], unheard, is(0)), [0])
    assert.deepEqual(explain([0], unheard, is(1)), [1])
    assert.deepEqual(explain([0], [[add({ answer: null, never: true })]], is(1)), [])
  })

  test('come after those that had ended before they began', () => {
    const first = add({ answer: 'no', from: 0, to: 1 })
    const second = add({ answer: 'ok', from: 2, to: 3 })
    assert.deepEqual(
      explain([1], [[first], [second]], () => true),
      [],
    )
    assert.deepEqual(
      explain([1], [[{ ...first, to: 2 }], [second]], () => true),
      [2],
    )
  })

  test('of one caller come one after the other', () => {
    assert.deepEqual(
      explain([1], [[add({ answer: 'no' }), add()]], () => true),
      [],
    )
    assert.deepEqual(
      explain([1], [[add(), add({ answer: 'no' })]], () => true),
      [2],
    )
  })
})
