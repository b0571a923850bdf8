import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Ledger } from '../../../src/ledger/command.ts'
import { OperationRefusal } from '../../../src/operations/input.ts'
import { erasePerson } from '../../../src/operations/people/erase-person.ts'
import type { Database } from '../../../src/storage/database.ts'
import { give } from '../../protocols/webwallet/money.ts'
import { createTraces } from './world.ts'

describe('an erasure that is cut off', { timeout: 120_000 }, () => {
  let world: Awaited<ReturnType<typeof createTraces>>
  before(async () => {
    world = await createTraces('8305550188', 'cut.off@example.com', 'Cut Offerman')
    await world.empty()
  })
  after(() => world.server.stop())

  test('by money that came in at the last moment has begun nothing, so that later everything is looked at again', async () => {
    const { server, db, partyId, wallet } = world
    const { assembly } = server
    const late: Ledger = {
      close: async () => {},
      async submit(command) {
        await give(server, wallet, '20.00')
        return assembly.ledger.submit(command)
      },
    }
    await assert.rejects(erasePerson({ ...assembly, ledger: late }, 'test', { partyId }), OperationRefusal)
    assert.deepEqual(await db.query('select from erasure'), [])
    await world.empty()
  })

  test('at any step leaves clean books, and goes on under the same pseudonym', async () => {
    const { assembly } = world.server
    const pseudonyms = new Set<string>()
    // Each time the server ends a little later: before a command of the ledger, or before a transaction.
    for (let steps = 0; ; steps++) {
      let left = steps
      const step = () => {
        if (left-- === 0) throw new Error('the server ended')
      }
      const ledger: Ledger = {
        close: async () => {},
        submit(command) {
          step()
          return assembly.ledger.submit(command)
        },
      }
      const db: Database = {
        ...assembly.db,
        transaction(work) {
          step()
          return assembly.db.transaction(work)
        },
      }
      const done = await erasePerson({ ...assembly, db, ledger }, 'test', { partyId: world.partyId }).catch(
        (error: Error) => {
          assert.equal(error.message, 'the server ended')
          return null
        },
      )
      await world.server.assertClean()
      const rows = await world.db.query<{ pseudonym: string }>('select pseudonym from erasure')
      for (const { pseudonym } of rows) pseudonyms.add(pseudonym)
      if (done) break
      assert.ok(steps < 20)
    }
    assert.equal(pseudonyms.size, 1)
    assert.deepEqual(await world.findEverywhere([world.number, world.email, 'Offerman', world.opaqueId]), [])
  })
})
