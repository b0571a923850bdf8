import assert from 'node:assert/strict'
import test from 'node:test'
import { runInNewContext } from 'node:vm'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { CanonicalJsonError } from '#sdk/protocol/errors.ts'

test('it prints what the reference implementation of RFC 8785 prints', () => {
  const names = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('1', '10', '9', 'A', 'a', '€', '\ud83d\ude00', '\ufb33', '"', '\\'),
  )
  const value = fc.jsonValue({ noUnicodeString: false })
  const nested = fc.dictionary(names, fc.oneof(value, fc.double({ noNaN: true, noDefaultInfinity: true })), {
    maxKeys: 24,
  })
  fc.assert(
    fc.property(fc.oneof(value, nested, fc.array(nested)), (sample) => {
      assert.equal(canonicalJson(sample), canonicalize(sample))
    }),
    { numRuns: 4096 },
  )
})

// RFC 8785, 3.2.2 and 3.2.3, and numbers of its appendix B.
test('it prints the examples of RFC 8785', () => {
  const sample = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"\u002f',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(sample),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  const sorted = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
  assert.equal(canonicalJson(sorted), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\ud83d\ude00":5,"\ufb33":3}')
  assert.equal(
    canonicalJson([-0, 5e-324, 1.7976931348623157e308, 9007199254740992, 1e23, 1e21, 1e20]),
    '[0,5e-324,1.7976931348623157e+308,9007199254740992,1e+23,1e+21,100000000000000000000]',
  )
})

test('members that are undefined are left out', () => {
  assert.equal(canonicalJson({ b: undefined, a: 1, c: { d: undefined } }), '{"a":1,"c":{}}')
})

class Money {
  amount = 1
}
const cycle: unknown[] = []
cycle.push(cycle)

const refused: [name: string, value: unknown, code: string][] = [
  ['NaN', [Number.NaN], 'canonical-number-not-finite'],
  ['infinity', { a: Number.NEGATIVE_INFINITY }, 'canonical-number-not-finite'],
  ['a lone surrogate', 'a\ud800', 'canonical-lone-surrogate'],
  ['a lone surrogate as a name', { '\udc00': 1 }, 'canonical-lone-surrogate'],
  ['undefined alone', undefined, 'canonical-unsupported-value'],
  ['undefined in an array', [undefined], 'canonical-unsupported-value'],
  ['a hole in an array', new Array(1), 'canonical-unsupported-value'],
  ['a bigint', { amount: 10n }, 'canonical-unsupported-value'],
  ['a function', { a: () => 1 }, 'canonical-unsupported-value'],
  ['a symbol', [Symbol('a')], 'canonical-unsupported-value'],
  ['a date', { at: new Date(0) }, 'canonical-unsupported-value'],
  ['a map', new Map([['a', 1]]), 'canonical-unsupported-value'],
  ['a boxed number', Object(1), 'canonical-unsupported-value'],
  ['an instance of a class', new Money(), 'canonical-unsupported-value'],
  ['a cycle', cycle, 'canonical-too-deep'],
]

for (const [name, value, code] of refused) {
  test(`${name} has no canonical JSON`, () => {
    assert.throws(
      () => canonicalJson(value),
      (error) => error instanceof CanonicalJsonError && error.code === code,
    )
  })
}

test('plain objects of another realm and objects without a prototype are plain', () => {
  assert.equal(canonicalJson(runInNewContext('({b: [1], a: {}})')), '{"a":{},"b":[1]}')
  assert.equal(canonicalJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}')
})
