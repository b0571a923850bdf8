import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
const literals = (text: string) => [...text.matchAll(/\| '([a-z0-9-]+)'/g)].map(([, code]) => code as string)

test('the SDK knows every code that the documentation of the wallet API lists', () => {
  const errors = read('docs/webwallet.md').split('\n## Errors')[1]?.split('\n## ')[0] ?? ''
  const documented = [...errors.matchAll(/^\| ([^|]+) \| \d{3} \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, code]) => code as string),
  )
  assert.ok(documented.length > 60)
  const shared = read('sdk/src/protocol/errors.ts')
  const known = new Set([...literals(read('sdk/src/webwallet/error-codes.ts')), ...literals(shared)])
  assert.deepEqual(
    documented.filter((code) => !known.has(code) && !operators.has(code)),
    [],
  )
})

/** What only an operator's acts or holds come to, which the wallet API has no endpoints for. */
const operators = new Set([
  'already-exists',
  'not-allowed',
  'wallet-exists',
  'hold-not-found',
  'hold-ended',
  'hold-expired',
  'capture-exceeds-hold',
  'limits-crossed',
  'limit-broken',
  'wallet-not-empty',
])
