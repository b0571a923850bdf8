import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTestFinder, rowsBetween, testsNamedIn, titlesIn } from '../support/named-tests.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const missingTests = createTestFinder(root)
const cases = readFileSync(join(root, 'docs/security-cases.md'), 'utf8')
const model = readFileSync(join(root, 'SECURITY.md'), 'utf8')

const TABLES = [
  [cases, 'published failures', 12],
  [cases, 'signatures', 8],
  [cases, 'web', 7],
  [cases, 'production', 10],
  [model, 'threats', 25],
] as const

for (const [text, mark, least] of TABLES) {
  test(`the table of ${mark} has a test for each row, and every test is where it says`, () => {
    const rows = rowsBetween(text, mark)
    assert.ok(rows.length >= least, `${rows.length} rows`)
    for (const row of rows) {
      const named = testsNamedIn(row.at(-1) ?? '')
      assert.ok(named.length > 0, row[0])
      assert.deepEqual(missingTests(named), [], row[0])
    }
  })
}

test('each module of the FAPI 2.0 suite has tests that exist, or a reason', () => {
  const rows = rowsBetween(cases, 'fapi')
  assert.ok(rows.length >= 40)
  for (const [module = '', kept = ''] of rows) {
    const [, kind, said = ''] = /^(Test|Differs|Not here): (.+)$/.exec(kept) ?? []
    assert.ok(kind, module)
    const named = testsNamedIn(said)
    if (kind === 'Test') assert.ok(named.length > 0, module)
    if (kind !== 'Not here') assert.deepEqual(missingTests(named), [], module)
  }
  const modules = rows.map(([module]) => module)
  assert.equal(new Set(modules).size, modules.length)
})

test('a test that is not there, or in another file, is missed', () => {
  const named = testsNamedIn('`a name` and `the right one` (`house/security-documents.test.ts`); `alone`')
  assert.deepEqual(named, [
    { name: 'a name', file: 'house/security-documents.test.ts' },
    { name: 'the right one', file: 'house/security-documents.test.ts' },
    { name: 'alone', file: null },
  ])
  const [own] = titlesIn(`test('is told', () => {})`)
  assert.equal(own, 'is told')
  const here = 'a test that is not there, or in another file, is missed'
  assert.deepEqual(missingTests([{ name: here, file: 'house/security-documents.test.ts' }]), [])
  for (const file of ['house/documents.test.ts', 'house/no-such.test.ts', null])
    assert.equal(missingTests([{ name: here, file }]).length, 1, String(file))
})
