import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { LEDGER_SETTINGS } from '../../src/ledger/postgres-store.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { createTestDatabase } from '../support/database.ts'

test('a server that is cut off lets go of its accounts before another one gives up waiting for them', () => {
  const seconds = (name: string) => {
    const setting = LEDGER_SETTINGS.find((line) => line.startsWith(`set ${name} = `))
    return Number(/'(\d+)s'/.exec(setting ?? '')?.[1])
  }
  assert.ok(seconds('idle_in_transaction_session_timeout') < seconds('lock_timeout'))
})

describe('a connection of the ledger', async () => {
  const { db, drop } = await createTestDatabase()
  after(drop)

  test('waits for nothing without end, and plans by indexes whatever the tables held when it began', async () => {
    const pipeline = await openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 20_000 })
    try {
      const names = [
        'lock_timeout',
        'statement_timeout',
        'idle_in_transaction_session_timeout',
        'plan_cache_mode',
        'enable_seqscan',
        'enable_hashjoin',
        'enable_mergejoin',
        'default_transaction_isolation',
      ]
      const replies = await pipeline.run(names.map((name) => ({ text: `show ${name}` })))
      assert.deepEqual(Object.fromEntries(names.map((name, i) => [name, replies[i]?.rows[0]?.[0]])), {
        lock_timeout: '5s',
        statement_timeout: '30s',
        idle_in_transaction_session_timeout: '4s',
        plan_cache_mode: 'force_generic_plan',
        enable_seqscan: 'off',
        enable_hashjoin: 'off',
        enable_mergejoin: 'off',
        default_transaction_isolation: 'read committed',
      })
    } finally {
      await pipeline.close()
    }
  })
})
