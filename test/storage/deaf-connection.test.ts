import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { openLine } from '../../assurance/support/line.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { createTestDatabase } from '../support/database.ts'

const WATCH = { patience: 200, within: 2_000 }

test('an answer that was lost on a line that lives is not waited for; a statement that takes long is', async () => {
  const { db, drop } = await createTestDatabase()
  const line = await openLine(db.connection)
  const pool = openDatabase(line.connection, { connections: 2, watch: WATCH })
  try {
    await pool.query('select 1')
    const lost = pool.query('select pg_sleep(0.2)')
    await line.set('silent')
    await delay(600)
    await line.set('clear')
    const long = pool.query<{ slept: string }>("select pg_sleep(3)::text || 'slept' as slept")
    await assert.rejects(lost, /terminated|destroyed|closed/i)
    // Between two statements nothing is owed, and the session may be idle as long as it likes.
    await pool.transaction(async (sql) => {
      await sql.query('select 1')
      await delay(1_500)
      await sql.query('select 1')
    })
    assert.equal((await long)[0]?.slept, 'slept')
  } finally {
    await pool.close()
    await line.close()
    await drop()
  }
})

test('a transaction of many short queries, whose rows take time to read, keeps its connection', async () => {
  const { db, drop } = await createTestDatabase()
  // It is met between two queries again and again, and another one is owed an answer right after.
  const pool = openDatabase(db.connection, { connections: 1, watch: WATCH })
  try {
    const queries = await pool.transaction(async (sql) => {
      let count = 0
      for (const until = Date.now() + 3_000; Date.now() < until; count++) {
        const asked = sql.query('select n from generate_series(1, 20) n')
        // What reads an answer may keep the event loop for a while.
        for (const busy = performance.now() + 6; performance.now() < busy; );
        await asked
      }
      return count
    })
    assert.ok(queries > 100, String(queries))
  } finally {
    await pool.close()
    await drop()
  }
})
