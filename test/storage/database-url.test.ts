import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDatabaseUrl } from '../../src/storage/database.ts'

const cases: [string, object][] = [
  [
    'postgres://ana:s%40fe@db.example:6543/books',
    { host: 'db.example', port: 6543, user: 'ana', password: 's@fe', database: 'books' },
  ],
  ['postgresql://ana@db.example/books', { host: 'db.example', port: 5432, user: 'ana', database: 'books' }],
  [
    'postgres://ana@/books?host=/run/postgresql',
    { host: '/run/postgresql', port: 5432, user: 'ana', database: 'books' },
  ],
  [
    'postgres:///books?host=/run/postgresql',
    { host: '/run/postgresql', port: 5432, user: 'postgres', database: 'books' },
  ],
  [
    'postgres://ana@db.example/books?sslmode=verify-full',
    { host: 'db.example', port: 5432, user: 'ana', database: 'books', ssl: true },
  ],
  [
    'postgres://ana@db.example/books?sslmode=require',
    { host: 'db.example', port: 5432, user: 'ana', database: 'books', ssl: { rejectUnauthorized: false } },
  ],
]

for (const [url, connection] of cases) {
  test(`${url} is understood as libpq understands it`, () => {
    assert.deepEqual(parseDatabaseUrl(url), connection)
  })
}

test('what is no URL is refused', () => {
  assert.throws(() => parseDatabaseUrl('books on db.example'))
})
