import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as shape from '#sdk/protocol/shape.ts'

/** The error's sentence, or `fine` when the value came back as it was. */
function told<T>(check: shape.Check<T>, value: unknown, path = ''): string {
  try {
    assert.equal(check(value, path), value)
    return 'fine'
  } catch (error) {
    assert.ok(error instanceof shape.ShapeError, String(error))
    assert.equal(error.name, 'ShapeError')
    return error.message
  }
}

describe('a check', () => {
  test('lets its own kind through, and names the place of any other', () => {
    const kinds: [shape.Check<unknown>, unknown[], unknown[], string][] = [
      [shape.text, ['', 'a'], [1, null, undefined, [], {}], 'a text'],
      [shape.boolean, [true, false], ['true', 0, null], 'true or false'],
      [shape.number, [0, 1.5, -1], ['1', Number.NaN, Number.POSITIVE_INFINITY, 1n, null], 'a number'],
      [shape.integer, [0, -7], [1.5, '1', 2 ** 53, null], 'an integer'],
      [shape.word('a', 'b'), ['a', 'b'], ['c', '', 'ab', null, undefined], 'one of a, b'],
      [shape.list(shape.text), [[], ['a']], [{}, 'a', null, { length: 0 }], 'a list'],
      [shape.record(shape.text), [{}, { a: 'b' }], [[], 'a', null, undefined], 'an object'],
      [shape.object({ a: shape.text }), [{ a: 'b', more: 1 }], [[], 'a', null, undefined], 'an object'],
    ]
    for (const [check, good, bad, expected] of kinds) {
      for (const value of good) assert.equal(told(check, value), 'fine')
      for (const value of bad) {
        assert.equal(told(check, value), `The answer is not ${expected}`)
        assert.equal(told(check, value, 'card'), `card is not ${expected}`)
      }
    }
    for (const value of [undefined, null, 1, {}]) assert.equal(told(shape.anything, value), 'fine')
  })

  test('names the place inside lists, records and objects', () => {
    const deep = shape.object({ cards: shape.list(shape.record(shape.object({ code: shape.text }))) })
    assert.equal(told(deep, { cards: [{ x: { code: 'a' } }] }), 'fine')
    assert.equal(told(deep, { cards: [{}, { x: { code: 1 } }] }), 'cards[1].x.code is not a text')
    assert.equal(told(deep, { cards: [{}, { x: {} }] }, 'order'), 'order.cards[1].x.code is not a text')
    assert.equal(told(shape.list(shape.text), ['a', 1]), '[1] is not a text')
  })

  test('of either of two tries the second only where the first says no', () => {
    const both = shape.either(shape.text, shape.integer)
    assert.deepEqual(
      ['a', 1, null].map((value) => told(both, value)),
      ['fine', 'fine', 'The answer is not an integer'],
    )
    const broken: shape.Check<string> = () => {
      throw new RangeError('broken')
    }
    assert.throws(() => shape.either(broken, shape.anything)(1, ''), RangeError)
  })

  test('of what may be missing knows null from nothing', () => {
    const tried = (check: shape.Check<unknown>) => [null, undefined, 'a', 1].map((value) => told(check, value))
    const no = 'The answer is not a text'
    assert.deepEqual(tried(shape.nullable(shape.text)), ['fine', no, 'fine', no])
    assert.deepEqual(tried(shape.maybe(shape.text)), ['fine', 'fine', 'fine', no])
    assert.deepEqual(tried(shape.optional(shape.text)), [no, 'fine', 'fine', no])
  })
})
