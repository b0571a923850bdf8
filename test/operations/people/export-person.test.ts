import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { exportPerson } from '../../../src/operations/people/export-person.ts'
import { createTraces } from './world.ts'

describe('what is handed out of a person', { timeout: 120_000 }, () => {
  let world: Awaited<ReturnType<typeof createTraces>>
  before(async () => {
    world = await createTraces()
  })
  after(() => world.server.stop())

  test('is one document with everything of theirs, and no secret', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the document's parts are looked into
    const document: any = await exportPerson(world.server.assembly, { partyId: world.partyId })
    assert.equal(document.format, 'billfold-person-1')
    assert.deepEqual([document.party[0].name, document.sign_ins[0].email], [world.name, world.email])
    assert.deepEqual(
      document.wallets.map(({ wallet, balance }: { wallet: string; balance: string }) => [wallet, balance]),
      [
        [world.wallet, '20.00'],
        [world.euro, '0.00'],
      ],
    )
    assert.deepEqual(document.sessions[0].address, '203.0.113.77')
    const [movement] = document.transactions
    assert.deepEqual(
      [movement.amount, movement.counterparty, movement.remarks.metadata.note],
      ['20.00', world.till, 'call her'],
    )
    assert.equal(document.consents.length, 1)
    assert.deepEqual(document.mails, [{ to: world.email, subject: 'hello' }])
    const text = JSON.stringify(document)
    assert.doesNotMatch(text, /hash|secret|argon2|\$argon/i)
  })

  test('of a member of a business’s team is what is theirs, not the business’s', async () => {
    const { db, assembly } = world.server
    await db.query(
      `insert into sign_in (email, party_id, password_hash, role) values ('member@shop.example', $1, 'x', 'member')`,
      [world.shop.partyId],
    )
    const document = await exportPerson(assembly, { partyId: world.shop.partyId, email: 'Member@shop.example' })
    assert.deepEqual(Object.keys(document), [
      'format',
      'exported_at',
      'sign_ins',
      'sessions',
      'second_factors',
      'console_acts',
      'mails',
    ])
    await assert.rejects(exportPerson(assembly, { partyId: world.shop.partyId }), /a business is no person/)
  })
})
