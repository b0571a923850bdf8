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
  [
    'postgres://ana@one.example:6543,two.example,[::1]:7654/books?target_session_attrs=read-write&sslmode=verify-full',
    {
      host: 'one.example',
      port: 6543,
      others: [
        { host: 'two.example', port: 5432 },
        { host: '::1', port: 7654 },
      ],
      user: 'ana',
      database: 'books',
      ssl: true,
    },
  ],
]

for (const [url, connection] of cases) {
  test(`${url} is understood as libpq understands it`, () => {
    assert.deepEqual(parseDatabaseUrl(url), connection)
  })
}

test('servers of which none need take writes are refused', () => {
  assert.throws(() => parseDatabaseUrl('postgres://one,two/books?target_session_attrs=any'), /read-write or primary/)
})

test('what is no URL is refused', () => {
  assert.throws(() => parseDatabaseUrl('postgres://one,two:port/books'))
  assert.throws(() => parseDatabaseUrl('books on db.example'))
})
