import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LEDGER_SETTINGS } from '../../src/ledger/postgres-store.ts'

test('a server that is cut off lets go of its accounts before another one gives up waiting for them', () => {
  const seconds = (name: string) => {
    const setting = LEDGER_SETTINGS.find((line) => line.startsWith(`set ${name} = `))
    return Number(/'(\d+)s'/.exec(setting ?? '')?.[1])
  }
  assert.ok(seconds('idle_in_transaction_session_timeout') < seconds('lock_timeout'))
})
