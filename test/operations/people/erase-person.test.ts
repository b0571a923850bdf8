import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OperationRefusal } from '../../../src/operations/input.ts'
import { openDetails } from '../../../src/operations/purchases/purchase-details.ts'
import { paymentTo } from '../../protocols/webwallet/money.ts'
import { createTraces } from './world.ts'

describe('erasing a person', { timeout: 120_000 }, () => {
  let world: Awaited<ReturnType<typeof createTraces>>
  before(async () => {
    world = await createTraces()
  })
  after(() => world.server.stop())

  const telling = () => [world.number, world.email, 'Traceable', world.opaqueId, encodeURIComponent(world.email)]

  test('is refused while there is money left, and nothing happens', async () => {
    assert.notDeepEqual(await world.findEverywhere(telling()), [])
    await assert.rejects(world.erase(), (error) => {
      assert.ok(error instanceof OperationRefusal)
      assert.deepEqual(
        [error.code, error.message],
        ['conflict', 'wallets have a balance or something reserved: pay it out first'],
      )
      return true
    })
    const [row] = await world.db.query<{ count: bigint }>('select count(*) from erasure')
    assert.equal(row?.count, 0n)
    assert.equal(await world.server.balance(world.wallet), 2000n)
  })

  test('leaves nothing of the person in any column of text, and clean books', async () => {
    await world.empty()
    const before = await world.server.audit()
    const [moved] = await world.db.query<{ sum: string }>('select sum(amount)::text from transfer')
    const erased = await world.erase()
    assert.match(erased.pseudonym, /^erased-[0-9a-f]{16}$/)
    assert.ok((erased.counts.transactions ?? 0) >= 4)
    assert.deepEqual(await world.findEverywhere(telling()), [])
    const report = await world.server.audit()
    assert.equal(report.counts.entries, before.counts.entries)
    assert.equal(report.counts.accounts, before.counts.accounts)
    assert.deepEqual(await world.db.query('select sum(amount)::text from transfer'), [moved])
  })

  test('closes the wallets, under other names, which the API does not know by the old ones', async () => {
    const rows = await world.db.query<{ number: string; status: number }>(
      'select w.number, a.status from wallet w join account a on a.id = w.id where party_id = $1 order by w.id',
      [world.partyId],
    )
    assert.deepEqual(
      rows.map(({ status }) => status),
      [2, 2],
    )
    assert.equal(rows[0]?.number, rows[1]?.number)
    const answer = await world.shop.post(`/${world.till}/payments`, paymentTo(world.wallet, '1.00'))
    assert.equal(answer.body.payload.error.code, 'wallet-not-found')
    // A repeat of what was paid moves nothing again.
    const again = await world.shop.post(
      `/${world.till}/payments`,
      paymentTo(world.wallet, '20.00', {
        description: `Refund for ${world.name}, ${world.email}`,
        metadata: { phone: Number(world.number), note: 'call her' },
      }),
      { 'idempotency-key': 'pay-ines' },
    )
    assert.notEqual(again.body.payload.success, true)
    assert.deepEqual(await world.findEverywhere([world.email]), [])
  })

  test('ends sessions, consents and mails, and takes the person out of what is sealed', async () => {
    const { db } = world
    const count = async (text: string, ...values: unknown[]) => (await db.query(text, values)).length
    assert.equal(await count('select from sign_in where party_id = $1', world.partyId), 0)
    assert.equal(await count('select from consent where party_id = $1 and revoked_at is null', world.partyId), 0)
    assert.equal(await count('select from mail_outbox where id = $1', world.mailId), 0)
    const purchase = await world.purchase(world.link.uid)
    const details = openDetails(world.server.assembly.keyring, purchase)
    assert.deepEqual(Object.keys(details).sort(), ['cancelUrl', 'redirectUrl'])
  })

  test('again, also 16 times at once, changes nothing and says the same', async () => {
    const [first, ...more] = await Promise.all(Array.from({ length: 16 }, () => world.erase()))
    for (const one of more) assert.deepEqual(one, first)
    assert.deepEqual(world.server.faults, [])
    await world.server.assertClean()
  })

  test('a redacted text that somebody changes, and a redaction that nobody made, are findings', async () => {
    const { db, server } = world
    const findings = async () => {
      const { audit } = await import('../../../src/ledger/audit.ts')
      const { loadJournalKey } = await import('../../../src/credentials/journal-key.ts')
      const { findings: found } = await audit(db, { journalKey: await loadJournalKey(server.assembly) })
      return found.map(({ check }) => check)
    }
    const [one] = await db.query<{ id: string; payload: string }>(
      `select t.id, t.payload from redaction r join transaction t on t.id = r.transaction_id where kind = 'payments' limit 1`,
    )
    await db.query(`update transaction set payload = '{"description":"forged"}' where id = $1`, [one?.id])
    assert.deepEqual(await findings(), ['transactions'])
    await db.query('update transaction set payload = $2 where id = $1', [one?.id, one?.payload])
    // With a digest of its own, and a redaction to excuse it.
    const [kept] = await db.query<{ id: string; digest: string }>(
      `select id, digest from transaction where id not in (select transaction_id from redaction) and kind = 'wallet-opening' limit 1`,
    )
    await db.query(`update transaction set digest = gen_random_uuid() where id = $1`, [kept?.id])
    await db.query(
      `insert into redaction select $1, (select digest from redaction limit 1), (select redacted_by from redaction limit 1)`,
      [kept?.id],
    )
    assert.deepEqual([...new Set(await findings())].sort(), ['journal', 'redactions', 'transactions'])
    await db.query('delete from redaction where transaction_id = $1', [kept?.id])
    await db.query('update transaction set digest = $2 where id = $1', [kept?.id, kept?.digest])
    await server.assertClean()
  })
})
