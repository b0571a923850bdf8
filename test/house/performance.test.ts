import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const text = read('docs/performance.md')

test('docs/performance.md: each command is one that there is, and each figure has its date', () => {
  const program = read('bench/main.ts')
  assert.match(read('package.json'), /"bench": "node bin\/run\.mjs bench\/main\.ts"/)
  const rows = text.split('\n').filter((row) => row.startsWith('| ') && row.includes('npm run bench'))
  assert.ok(rows.length > 15)
  for (const row of rows) {
    const [, , , measured = '', on = '', command = ''] = row.split('|').map((cell) => cell.trim())
    const [, stage = '', more = ''] = /^`npm run bench -- --only ([a-z]+)((?: --[a-z]+)*)`$/.exec(command) ?? []
    assert.match(program, new RegExp(`\\b${stage}: measure`), command)
    for (const option of more.split(' ').filter(Boolean)) assert.ok(program.includes(`${option.slice(2)}: {`), option)
    if (!measured.includes('not yet')) assert.match(on, /^20\d\d-\d\d(-\d\d)?$/, row)
  }
})

test('docs/performance.md: each bar that is not reached has its cause', () => {
  const missed = text
    .split('\n')
    .filter((row) => row.startsWith('| ') && row.includes('**') && row.includes('npm run bench'))
  const causes = [...text.matchAll(/^\*\*[^*]+ of [\d.]+ (×|m?s)\.\*\*/gm)]
  assert.equal(causes.length, missed.length)
})
