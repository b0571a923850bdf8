import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { EVENT_TYPES } from '../../src/domain/event-types.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/webhooks.md lists the events that the code knows, in its words', () => {
  const table = read('docs/webhooks.md').split('\n## Events\n')[1]?.split('\n## ')[0] ?? ''
  const listed = [...table.matchAll(/^\| `([a-z_.]+)` \| (.+?) \| .+ \|$/gm)].map(([, type, says]) => [type, says])
  assert.deepEqual(Object.fromEntries(listed), { ...EVENT_TYPES })
})

test('every event that statements write is one of them', () => {
  const facts = read('src/storage/event-facts.ts')
  for (const [, type] of facts.matchAll(/'((?:invoice|order|card|stock|purchase)\.[a-z_]+)'/g))
    assert.ok(Object.hasOwn(EVENT_TYPES, type as string), type)
})
