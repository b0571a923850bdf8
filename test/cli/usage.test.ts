import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nearest } from '../../src/cli/nearest.ts'
import { paint } from '../../src/cli/paint.ts'
import { parseUsage } from '../../src/cli/usage.ts'

test('a usage text is read: which options there are, what they take, and what is needed', () => {
  const { options, positionals } = parseUsage(
    'ID [PARENT|none] --kind person|business [--upper AMOUNT|none] [--scope SCOPE]… [--live | --per-day N] (--on | --off) --tag TAG…',
  )
  assert.deepEqual(positionals, [
    { name: 'ID', words: [], required: true },
    { name: 'PARENT|none', words: ['none'], required: false },
  ])
  assert.deepEqual(Object.fromEntries(options), {
    kind: { value: 'person|business', words: ['person', 'business'], repeatable: false, required: true },
    upper: { value: 'AMOUNT|none', words: ['none'], repeatable: false, required: false },
    scope: { value: 'SCOPE', words: [], repeatable: true, required: false },
    live: { value: null, words: [], repeatable: false, required: false },
    'per-day': { value: 'N', words: [], repeatable: false, required: false },
    on: { value: null, words: [], repeatable: false, required: false },
    off: { value: null, words: [], repeatable: false, required: false },
    tag: { value: 'TAG', words: [], repeatable: true, required: true },
  })
})

test('the nearest name is found where one was probably meant, and none where not', () => {
  const names = ['wallet', 'webhook', 'audit', 'list', 'limit', 'export']
  const meant = (typed: string) => nearest(typed, names)
  assert.deepEqual(['walet', 'wlalet', 'wallets', 'weebhook', 'adit', 'exp'].map(meant), [
    'wallet',
    'wallet',
    'wallet',
    'webhook',
    'audit',
    'export',
  ])
  assert.deepEqual(['lsit', 'limits', 'xyz', 'constructor', ''].map(meant), [
    'list',
    'limit',
    undefined,
    undefined,
    undefined,
  ])
})

test('colours are for terminals, and for nobody who says NO_COLOR', () => {
  const terminal = { isTTY: true }
  assert.equal(paint(terminal, 'red', 'no', {}), '\u001b[31mno\u001b[39m')
  assert.equal(paint(terminal, 'red', 'no', { NO_COLOR: '1' }), 'no')
  assert.equal(paint(terminal, 'red', 'no', { NO_COLOR: '' }), '\u001b[31mno\u001b[39m')
  assert.equal(paint(terminal, 'red', 'no', { TERM: 'dumb' }), 'no')
  assert.equal(paint({}, 'bold', 'no', {}), 'no')
})

/** What a command writes when its output is a terminal, as util-linux's `script` makes one. */
function onTerminal(args: string, env: Record<string, string> = {}) {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  return spawnSync('script', ['-qec', `'${process.execPath}' '${main}' ${args}`, '/dev/null'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TERM: 'xterm', ...env },
  })
}

test('on a terminal the help has colours, and a mistake, but not with NO_COLOR', (t) => {
  const coloured = onTerminal('help')
  if (coloured.error) return t.skip('there is no script')
  assert.ok(coloured.stdout.startsWith('\u001b[1musage:\u001b[22m'), coloured.stdout)
  assert.ok(onTerminal('walet').stdout.startsWith('\u001b[31mbillfold:\u001b[39m there is no command'))
  assert.ok(!onTerminal('help', { NO_COLOR: '1' }).stdout.includes('\u001b'))
})
