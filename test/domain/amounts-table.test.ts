import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { isoExponent } from '../../src/domain/iso-4217.ts'
import { parseAmount } from '../../src/domain/money.ts'

const page = readFileSync(new URL('../../docs/webwallet.md', import.meta.url), 'utf8')
const section = page.split('## Amounts')[1]?.split('\n## ')[0] ?? ''
const rows = [...section.matchAll(/^\| `(.+)` \| ([A-Z]{3}) \| (\S+) \|$/gm)]

function outcome(literal: string, currency: string): string {
  const exponent = isoExponent(currency)
  assert.ok(exponent !== undefined, `${currency} is in the table of currencies`)
  try {
    const { amount } = parseExactJson(`{"amount":${literal}}`) as { amount: number | string }
    return String(parseAmount(amount, exponent))
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('every row of the table in the documentation was read', () => {
  assert.equal(rows.length, section.split('\n').filter((line) => line.startsWith('| `')).length)
  assert.ok(rows.length >= 80)
})

for (const [, literal = '', currency = '', expected = ''] of rows) {
  test(`the amount ${literal} in ${currency} is ${expected}`, () => {
    assert.equal(outcome(literal, currency), expected)
  })
}
