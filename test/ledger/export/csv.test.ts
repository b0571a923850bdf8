import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvText } from '../../../src/ledger/export/csv.ts'

for (const [text, cell] of [
  ['=1+1', "'=1+1"],
  ['  @SUM(A1)', "'  @SUM(A1)"],
  ['\t=1', `'\t'=1`],
  ['＝1+1', "'＝1+1"],
  // Excel of a country that separates by semicolons, which does not see the quotes.
  ['rent; =HYPERLINK("//x")', `"rent;' =HYPERLINK(""//x"")"`],
  ['a\n-2+3|cmd', `"a\n'-2+3|cmd"`],
  ['a;;+1', "a;;'+1"],
  // What runs nowhere stays as it is.
  ['rent, May = paid - thanks', '"rent, May = paid - thanks"'],
  ['', ''],
] as const) {
  test(`${JSON.stringify(text)} begins no formula, whatever separates the cells`, () => {
    assert.equal(csvText(text), cell)
  })
}

test('a long text of nothing but separators is read in no time', () => {
  const started = performance.now()
  assert.equal(csvText('; '.repeat(200_000)).length, 400_000)
  assert.equal(csvText(' '.repeat(400_000)).length, 400_000)
  assert.ok(performance.now() - started < 1_000)
})
