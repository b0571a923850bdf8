import assert from 'node:assert/strict'
import test from 'node:test'
import { checkStyle } from '../support/style-rules.ts'

// In two parts, or this file would break the rules that it tests.
const unfinished = `// ${'TO'}${'DO'}: later`
const focused = `test.${'on'}${'ly'}('x', () => {})`

test('unfinished work, a focused test and a long file are found', () => {
  assert.match(checkStyle('src/a.ts', `\n${unfinished}\n`).join(), /^src\/a\.ts:2: unfinished/)
  assert.match(checkStyle('test/a.test.ts', `${focused}\n`).join(), /focused/)
  assert.match(checkStyle('sdk/src/a.ts', '\n'.repeat(401)).join(), /401 lines/)
})

test('what is as it should be is left alone', () => {
  assert.deepEqual(checkStyle('src/a.ts', '\n'.repeat(400)), [])
  assert.deepEqual(checkStyle('test/a.test.ts', '\n'.repeat(900)), [])
  assert.deepEqual(checkStyle('src/a.ts', "// XXX is ISO 4217's code for no currency; the only( one)\n"), [])
})
