import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Language } from '../../../src/domain/language.ts'
import { readAmount } from '../../../src/pages/wallet/amount.ts'

const CASES: [Language, string, number, bigint | string][] = [
  ['en', '12.50', 2, 1250n],
  ['en', ' 12 ', 2, 1200n],
  ['en', '1,234.50', 2, 123_450n],
  ['en', '1,234,567', 0, 1_234_567n],
  // What is a decimal comma elsewhere is never read as thousands.
  ['en', '12,50', 2, 'malformed'],
  ['en', '1,23', 2, 'malformed'],
  ['en', '1234,567', 2, 'malformed'],
  ['en', '12 50', 2, 'malformed'],
  ['fr', '12,50', 2, 1250n],
  ['fr', '12.50', 2, 1250n],
  ['fr', '1 234,50', 2, 123_450n],
  ['fr', '1\u202f234,50', 2, 123_450n],
  ['fr', '1,234', 3, 1234n],
  ['fr', '1,234', 2, 'precise'],
  ['fr', '12 50', 2, 'malformed'],
  ['fr', '1.234,50', 2, 'malformed'],
  ['en', '', 2, 'missing'],
  ['en', '0', 2, 'zero'],
  ['en', '-1', 2, 'zero'],
  ['en', '1e3', 2, 'malformed'],
  ['en', '٣', 2, 'malformed'],
  ['en', 'ten', 2, 'malformed'],
  ['en', '0.5', 0, 'precise'],
  ['en', '10000000000000.01', 2, 'large'],
]

test('an amount is read as people of the language write it, and what could be meant otherwise is refused', () => {
  for (const [language, text, exponent, wanted] of CASES) {
    assert.equal(readAmount(text, exponent, language), wanted, `${language} ${JSON.stringify(text)} (${exponent})`)
  }
})
