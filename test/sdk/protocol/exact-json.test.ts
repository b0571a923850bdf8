import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { isExactNumber } from '#sdk/protocol/exact-number.ts'
import { findRefusal } from '#sdk/protocol/json-refusal.ts'

function refusal(text: string, limits?: { depth?: number; length?: number }): ExactJsonError {
  try {
    parseExactJson(text, limits)
  } catch (error) {
    assert.ok(error instanceof ExactJsonError, String(error))
    return error
  }
  assert.fail(`accepted: ${text}`)
}

const refused: [text: string, code: string, path?: string][] = [
  ['{"a":1,"a":1}', 'json-duplicate-member', '$.a'],
  ['{"a":1,"\\u0061":1}', 'json-duplicate-member', '$.a'],
  ['{"é":1,"\\u00e9":1}', 'json-duplicate-member', '$["é"]'],
  ['{"a":{"b":1,"c":2},"a":3}', 'json-duplicate-member', '$.a'],
  ['{"a":[{"b:":1,"b:":2}]}', 'json-duplicate-member', '$.a[0]["b:"]'],
  ['{"":1,"":2}', 'json-duplicate-member', '$[""]'],
  ['{"1":1,"1":2}', 'json-duplicate-member', '$["1"]'],
  ['{"__proto__":{"admin":true}}', 'json-forbidden-member', '$.__proto__'],
  ['{"\\u005f_proto__":1}', 'json-forbidden-member', '$.__proto__'],
  ['{"__pr\\u006Fto__":1}', 'json-forbidden-member', '$.__proto__'],
  ['[1,[9007199254740993]]', 'json-number-inexact', '$[1][0]'],
  ['{"amount":0.10000000000000000555}', 'json-number-inexact', '$.amount'],
  ['-9007199254740993', 'json-number-inexact', '$'],
  ['1e-400', 'json-number-inexact', '$'],
  ['1e400', 'json-number-out-of-range', '$'],
  ['{"a":-1E+999}', 'json-number-out-of-range', '$.a'],
  ['"\\u0000"', 'json-nul-character', '$'],
  ['{"a\\u0000":1}', 'json-nul-character', '$["a\\u0000"]'],
  ['"\\ud800"', 'json-lone-surrogate', '$'],
  ['"\\uDC00\\uD800"', 'json-lone-surrogate', '$'],
  ['{"\\udfff":1}', 'json-lone-surrogate'],
  ['"\ud800"', 'json-lone-surrogate', '$'],
  ['["\udc00"]', 'json-lone-surrogate', '$[0]'],
  ['', 'json-malformed'],
  ['{', 'json-malformed'],
  ['{"a":1,}', 'json-malformed'],
  ["{'a':1}", 'json-malformed'],
  ['\ufeff{}', 'json-malformed'],
  ['"\0"', 'json-malformed'],
  ['01', 'json-malformed'],
  ['NaN', 'json-malformed'],
  ['0x10', 'json-malformed'],
  ['{} {}', 'json-malformed'],
]

for (const [text, code, path] of refused) {
  test(`${JSON.stringify(text)} is refused: ${code}`, () => {
    const error = refusal(text)
    assert.equal(error.code, code)
    if (path !== undefined) assert.equal(error.path, path)
  })
}

const accepted = [
  '10.00',
  '1e2',
  '0.1',
  '-0',
  '0e999',
  '5e-324',
  '1.7976931348623157e308',
  '1e23',
  '123456789012345.6',
  '9007199254740992',
  '100000000000000000000',
  '0.000000000000000000000000000000',
  '1.50000000000000000000000000000',
  'null',
  '""',
  '"\\ud83d\\ude00"',
  '"😀"',
  '"\\u00e9\\u0041"',
  '"a:b{[,\\\\"',
  '"\\\\u0000"',
  '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
  '{"constructor":{"prototype":1},"toString":2}',
  '{"note":"__proto__"}',
  ' [ 1 , { } , [ ] ] ',
  '{"a":"1e400 9007199254740993"}',
]

for (const text of accepted) {
  test(`${text} is accepted and means what JSON.parse says`, () => {
    assert.deepEqual(parseExactJson(text), JSON.parse(text))
  })
}

test('a refusal tells where the trouble is', () => {
  const error = refusal('{"payload": {"items": [1, 2, {"amount": 1e400}]}}')
  assert.equal(error.path, '$.payload.items[2].amount')
  assert.equal(error.offset, 40)
  assert.match(error.message, /\$\.payload\.items\[2\]\.amount/)
})

test('depth counts objects and arrays, and stops at the limit', () => {
  assert.doesNotThrow(() => parseExactJson('['.repeat(16) + ']'.repeat(16)))
  assert.equal(refusal('['.repeat(17) + ']'.repeat(17)).code, 'json-too-deep')
  assert.equal(refusal('{"a":{"a":1}}', { depth: 1 }).code, 'json-too-deep')
  assert.doesNotThrow(() => parseExactJson(`[${'[],'.repeat(100)}[]]`, { depth: 2 }))
  assert.equal(refusal('['.repeat(30_000) + ']'.repeat(30_000)).code, 'json-too-deep')
})

test('the length of a text is limited', () => {
  assert.equal(refusal(`"${'a'.repeat(65_536)}"`).code, 'json-too-large')
  assert.equal(refusal('[1]', { length: 2 }).code, 'json-too-large')
  assert.doesNotThrow(() => parseExactJson('[1]', { length: 3 }))
})

test('members of hostile names change no prototype', () => {
  const value = parseExactJson('{"constructor":{"prototype":{"polluted":1}}}')
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.equal(({} as { polluted?: number }).polluted, undefined)
  assert.ok(Object.hasOwn(value as object, 'constructor'))
})

test('the thorough look takes time in proportion to the text', () => {
  const hostile = [
    `"\\u0001${'\\\\'.repeat(30_000)}"`,
    `1${'0'.repeat(60_000)}`,
    `0.${'0'.repeat(60_000)}1`,
    `1${'0'.repeat(290)}.${'0'.repeat(60_000)}1`,
  ]
  for (const text of hostile) {
    const start = performance.now()
    try {
      parseExactJson(text)
    } catch (error) {
      assert.ok(error instanceof ExactJsonError)
    }
    assert.ok(performance.now() - start < 1000, text.slice(0, 20))
  }
})

// JSON texts with everything that may be wrong: repeated names, escapes, long numbers, odd spacing.
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?$/),
)
const escaped = (text: string) =>
  `"${[...text].map((c) => (c.length === 1 && c.charCodeAt(0) % 3 === 0 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : JSON.stringify(c).slice(1, -1))).join('')}"`
const stringText = fc
  .oneof(fc.constantFrom('a', 'b', 'c:', '__proto__', 'constructor', '', '\u0000'), fc.string({ unit: 'binary' }))
  .chain((text) => fc.constantFrom(JSON.stringify(text), escaped(text)))
const { text: jsonText } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', ' 1 '),
    numberText,
    stringText,
    fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(' ,')}]`),
    fc
      .array(fc.tuple(stringText, tie('text')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${name} : ${value}`).join(',')}}`),
  ),
}))

test('the quick look lets nothing through that the thorough one refuses, and refuses nothing else', () => {
  let refusals = 0
  fc.assert(
    fc.property(jsonText, (text) => {
      const reason = findRefusal(text, 16)
      if (reason) {
        refusals++
        const error = refusal(text)
        assert.deepEqual([error.code, error.path, error.offset], [reason.code, reason.path, reason.offset])
      } else {
        assert.deepEqual(parseExactJson(text), JSON.parse(text))
      }
    }),
    { numRuns: 10_000 },
  )
  assert.ok(refusals > 500, `only ${refusals} of the texts had something wrong`)
})

test('an accepted text has a canonical form that means the same and is accepted again', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      fc.pre(!findRefusal(text, 16))
      const value = parseExactJson(text)
      const canonical = canonicalJson(value)
      assert.equal(canonicalJson(parseExactJson(canonical)), canonical)
    }),
    { numRuns: 4096 },
  )
})

type Reviver = (this: unknown, name: string, value: unknown, context: { source: string }) => unknown

test("the numbers it looks at are those of the platform's source text access", () => {
  const lists = fc.array(fc.array(numberText, { maxLength: 3 }), { maxLength: 4 })
  fc.assert(
    fc.property(lists, (list) => {
      const text = `{${list.map((numbers, i) => `"-1.5e${i}" :[ ${numbers.join(', ')} ]`).join(',')}}`
      let inexact = false
      const reviver: Reviver = (_name, value, { source }) => {
        if (typeof value === 'number' && !exactByBigInt(source)) inexact = true
        return value
      }
      JSON.parse(text, reviver as (this: unknown, name: string, value: unknown) => unknown)
      if (inexact) assert.match(refusal(text).code, /^json-number-(inexact|out-of-range)$/)
      else assert.doesNotThrow(() => parseExactJson(text))
    }),
    { numRuns: 4096 },
  )
})

/** Exactness by integer arithmetic, as a second opinion. */
function exactByBigInt(source: string): boolean {
  const canonical = String(Number(source))
  if (!/\d/.test(canonical) || canonical.includes('Infinity')) return false
  const parts = (text: string): [bigint, number] => {
    const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
    const [whole = '', fraction = ''] = mantissa.split('.')
    return [BigInt(whole.replace('-', '') + fraction), Number(exponent) - fraction.length]
  }
  const [a, powerA] = parts(source)
  const [b, powerB] = parts(canonical)
  const least = Math.min(powerA, powerB)
  return a * 10n ** BigInt(powerA - least) === b * 10n ** BigInt(powerB - least)
}

test('a number is exact if and only if integer arithmetic says so', () => {
  fc.assert(
    fc.property(numberText, (source) => {
      assert.equal(isExactNumber(source), exactByBigInt(source), source)
    }),
    { numRuns: 10_000 },
  )
})
