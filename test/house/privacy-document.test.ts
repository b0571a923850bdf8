import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { RETENTION } from '../../src/domain/retention.ts'
import { OTHER_COLUMNS, PERSONAL_COLUMNS } from '../../src/operations/people/personal-columns.ts'
import { createTestDatabase } from '../support/database.ts'

const text = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8')

test('every column of text, JSON or bytes in the schema is known: what it says of people, or that it says nothing of them', async (t) => {
  const { db, drop } = await createTestDatabase()
  t.after(drop)
  const rows = await db.query<{ name: string }>(
    `select c.table_name || '.' || c.column_name as name
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
       and c.udt_name in ('text', '_text', 'varchar', '_varchar', 'bpchar', 'name', 'jsonb', 'json', 'xml', 'bytea', 'inet', 'cidr')
     order by 1`,
  )
  const schema = rows.map(({ name }) => name)
  assert.ok(schema.length > 200)
  const hint = 'say in src/operations/people/personal-columns.ts what they hold of people, and in docs/privacy.md'
  const unknown = schema.filter((name) => !Object.hasOwn(PERSONAL_COLUMNS, name) && !OTHER_COLUMNS.has(name))
  assert.deepEqual(unknown, [], `new columns: ${hint}`)
  const known = [...Object.keys(PERSONAL_COLUMNS), ...OTHER_COLUMNS]
  assert.deepEqual(
    known.filter((name) => !schema.includes(name)),
    [],
    'columns that are not there any more',
  )
  assert.equal(new Set(known).size, known.length, 'a column stands in both lists')
})

test('docs/privacy.md lists every column that is about people, as the erasure treats it', () => {
  const table = /<!-- columns -->\n([\s\S]+?)\n<!-- \/columns -->/.exec(text)?.[1] ?? ''
  const expected = Object.entries(PERSONAL_COLUMNS).map(
    ([name, { what, why, kept, rule }]) => `| \`${name}\` | ${what} | ${why} | ${kept} | ${rule} |`,
  )
  assert.deepEqual(table.split('\n').slice(2), expected)
})

test('docs/privacy.md says how long things are kept, as the jobs do', () => {
  const table = /<!-- retention -->\n([\s\S]+?)\n<!-- \/retention -->/.exec(text)?.[1] ?? ''
  const expected = Object.entries(RETENTION).map(
    ([name, { days, most, what }]) => `| \`${name}\` | ${what} | ${days} | ${most} |`,
  )
  assert.deepEqual(table.split('\n').slice(2), expected)
})
