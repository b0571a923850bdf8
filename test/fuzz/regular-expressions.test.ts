import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findRegularExpressions, findSlow } from './regular-expressions.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Slow on some text, and why none of them is ever given one. */
const NEVER_MEET: Readonly<Record<string, string>> = {
  '"(?:[^"\\\\]|\\\\.)*"': 'valid JSON by then, in which every quote is closed',
  '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|[{}[\\],]|-?\\d[\\d.eE+-]*': 'valid JSON by then, in which every quote is closed',
  '\\/+$': 'the address of a server, in its client’s own options',
  '0+$': 'an amount that a client prints',
  '[T ].*(Z|[+-]\\d\\d:?\\d\\d)$': 'an option of the command line',
  '\\s*order by ': 'our own queries',
  '\\s+,': 'our own templates, before anything is put in',
  '[^\\S\\n]+$': 'our own sources',
  '^\\s*\\/\\*\\*[\\s\\S]*?\\*\\/[^\\S\\n]*\\n': 'our own sources',
  '[/_-]+(\\w)': 'our own paths',
  '<path ([^>]*)>': 'the picture that a library has drawn',
}

test('an expression that takes quadratic time is found', () => {
  for (const source of ['0+$', '^a*a*b', '\\s+,']) assert.ok(findSlow({ file: '', source, flags: '' }), source)
  for (const source of ['^0+$', '^[^,]+,', '^\\s*,']) assert.equal(findSlow({ file: '', source, flags: '' }), null)
})

test('no regular expression of the sources takes more than linear time, whatever it is given', () => {
  const all = findRegularExpressions(root)
  assert.ok(all.length > 100, `${all.length}`)
  const slow = all.filter((one) => !Object.hasOwn(NEVER_MEET, one.source) && findSlow(one) !== null)
  assert.deepEqual(slow, [])
})
