import assert from 'node:assert/strict'
import test from 'node:test'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { CanonicalJsonError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { isExactNumber } from '#sdk/protocol/exact-number.ts'

const told = (text: string, limits = {}) => {
  try {
    return parseExactJson(text, limits)
  } catch (error) {
    assert.ok(error instanceof ExactJsonError, String(error))
    return `${error.code} ${error.path ?? ''}`.trim()
  }
}

test('numbers are judged with their exponents, in either case, wherever they stand', () => {
  for (const number of ['1e400', '1E400', '-1e400', '9E+999']) {
    assert.equal(told(number), 'json-number-out-of-range $')
    assert.equal(told(`{"a":[0,${number}]}`), 'json-number-out-of-range $.a[1]')
  }
  for (const number of ['1e-400', '9007199254740993', '-0.10000000000000000555', '1234567890123456.7']) {
    assert.equal(told(`[${number}]`), 'json-number-inexact $[0]')
  }
  assert.deepEqual(
    told('[1e2,1E+2,-1.5e-3,123456789012345,9007199254740992]'),
    [100, 100, -0.0015, 123456789012345, 9007199254740992],
  )
})

test('a number is exact by its value, not by its spelling', () => {
  for (const text of ['0', '-0', '0.0', '0e5', '10.00', '1e2', '1000000000000000000000000', '0.1', '1.50e-7', '00.5']) {
    assert.ok(isExactNumber(text), text)
  }
  for (const text of ['9007199254740993', '-9007199254740993', '0.1000000000000000001', '1e400', '1e-400']) {
    assert.equal(isExactNumber(text), false, text)
  }
})

test('a member that stands twice is found at any depth, and however it is written', () => {
  assert.equal(told('{"a":{"b":1,"b":2}}'), 'json-duplicate-member $.a.b')
  assert.equal(told('[[{"b":{},"\\u0062":null}]]'), 'json-duplicate-member $[0][0].b')
  assert.equal(told('{"a b":{"c":1,"c":2}}'), 'json-duplicate-member $["a b"].c')
  assert.deepEqual(told('{"a":{"b":[null,{"a":null}]},"b":{}}'), { a: { b: [null, { a: null }] }, b: {} })
})

test('signs that must not be there are found in names and values, escaped in either case', () => {
  for (const written of ['\\ud800', '\\uD800', '\\udc00x', '\ud800']) {
    assert.equal(told(`["${written}"]`), 'json-lone-surrogate $[0]', written)
  }
  assert.deepEqual(told('["\\\\ud800"]'), ['\\ud800'])
  assert.equal(told('["\\u0000"]'), 'json-nul-character $[0]')
  assert.equal(told('{"__pr\\u006fto__":1}'), 'json-forbidden-member $.__proto__')
  assert.equal(told('{"__proto__":1}'), 'json-forbidden-member $.__proto__')
  assert.deepEqual(told('["__proto__","\\u0009\\u00e9\\u1000"]'), ['__proto__', '\té\u1000'])
})

test('a text has as many levels and characters as were allowed', () => {
  assert.deepEqual(told('[{"a":[]}]', { depth: 3 }), [{ a: [] }])
  assert.equal(told('[{"a":[[]]}]', { depth: 3 }), 'json-too-deep $[0].a[0]')
  assert.deepEqual(told('[[],[],[],{},{}]', { depth: 2 }), [[], [], [], {}, {}])
  assert.equal(told('"aa"', { length: 4 }), 'aa')
  assert.equal(told('"aaa"', { length: 4 }), 'json-too-large')
})

test('what is signed has up to 64 levels, of lists and objects alike', () => {
  const nested = (levels: number, wrap: (inner: unknown) => unknown) => {
    let value: unknown = 1
    for (let level = 0; level < levels; level++) value = wrap(value)
    return value
  }
  for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })]) {
    assert.ok(canonicalJson(nested(64, wrap)))
    assert.throws(
      () => canonicalJson(nested(65, wrap)),
      (error) => error instanceof CanonicalJsonError && error.code === 'canonical-too-deep',
    )
  }
})

test('members are sorted, few or many', () => {
  for (const count of [2, 15, 16, 17, 18, 40]) {
    const names = Array.from({ length: count }, (_, index) => String.fromCharCode(65 + ((index * 7) % count)))
    const sorted = [...names].sort()
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 1])))
    assert.equal(text, `{${sorted.map((name) => `${JSON.stringify(name)}:1`).join(',')}}`)
  }
})
