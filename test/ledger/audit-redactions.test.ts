import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { audit } from '../../src/ledger/audit.ts'
import { digestOf } from '../../src/ledger/lines.ts'
import { linesOf } from '../../src/ledger/record-lines.ts'
import {
  createDigestSeal,
  ERASURE_KIND,
  type Redaction,
  redactionRow,
  redactionsTold,
  transactionRedacted,
} from '../../src/ledger/redaction.ts'
import { findTransactions } from '../../src/ledger/transaction-rows.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  submit,
  testJournalKey,
  transfer,
} from '../support/ledger.ts'

describe('texts that were taken out of transactions', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const seal = createDigestSeal(createSecretKey(testJournalKey))
  const erasure = uuidV7(Date.now())
  after(close)

  async function redactionOf(id: string): Promise<Redaction> {
    const [record] = await findTransactions(db, [id])
    assert.ok(record)
    const texts = { principal: 'erased', payload: '{"description":null}' }
    return { id, before: record.digest, after: digestOf(linesOf({ ...record, ...texts })), ...texts }
  }

  test('are clean while they read as the erasure says, and a finding of their own when anything about them is changed', async () => {
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, null],
    ])
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      const texts = { transaction: uuidV7(Date.now() + i), payload: '{"description":"for Ann"}' }
      const wanted = command([transfer(1n, 2n, 100n)], texts)
      await submit(ledger, wanted)
      ids.push(wanted.transaction)
    }
    const redactions = await Promise.all(ids.slice(0, 2).map(redactionOf))
    const erased = command([], {
      kind: ERASURE_KIND,
      transaction: erasure,
      payload: JSON.stringify({ redacted: redactionsTold(redactions) }),
      effects: redactions.map((one) => ({ effect: transactionRedacted, row: redactionRow(seal, erasure, one) })),
    })
    assert.equal(await submit(ledger, erased), 'accepted')
    const texts = await db.query('select payload from transaction where id = any($1) order by id', [ids])
    assert.deepEqual(
      texts,
      ['{"description":null}', '{"description":null}', '{"description":"for Ann"}'].map((payload) => ({ payload })),
    )
    await assertAuditClean(db)

    const [first, second, third] = ids
    const name = (id: string | undefined) => `transaction_id=${id}`
    const untold = (by: string) => `transaction ${by} does not say that it reads like this`
    const changes: [text: string, row: string | undefined, message: string][] = [
      [`insert into redaction select '${third}', digest, redacted_by from redaction limit 1`, third, untold(erasure)],
      [`update redaction set redacted_by = '${first}' where transaction_id = '${second}'`, second, untold(`${first}`)],
      [
        `update redaction set transaction_id = '00000000-0000-4000-8000-000000000000' where transaction_id = '${second}'`,
        '00000000-0000-4000-8000-000000000000',
        'its transaction does not exist',
      ],
      [`update transaction set kind = 'payment' where id = '${erasure}'`, first, untold(erasure)],
      [`update transaction set payload = 'no JSON' where id = '${erasure}'`, second, untold(erasure)],
      [`update transaction set digest = gen_random_uuid() where id = '${second}'`, second, untold(erasure)],
    ]
    await db.query('create table kept_transaction as select * from transaction')
    await db.query('create table kept_redaction as select * from redaction')
    for (const [text, row, message] of changes) {
      await db.query(text)
      const { findings } = await audit(db, { journalKey: testJournalKey })
      const said = findings.filter((finding) => finding.check === 'redactions' && finding.row === name(row))
      assert.deepEqual(
        said.map((finding) => [finding.table, finding.message]),
        [['redaction', message]],
        text,
      )
      if (message !== 'its transaction does not exist')
        assert.deepEqual(said[0]?.suspects, [{ table: 'transaction', row: `id=${row}` }])
      for (const table of ['transaction', 'redaction']) {
        await db.query(`delete from ${table}`)
        await db.query(`insert into ${table} select * from kept_${table}`)
      }
    }
    await assertAuditClean(db)

    // Sealed for another transaction, so that what was committed cannot be known.
    await db.query(
      `update redaction set digest = (select digest from kept_redaction where transaction_id = '${first}') where transaction_id = '${second}'`,
    )
    const { findings } = await audit(db, { journalKey: testJournalKey })
    assert.deepEqual(
      findings
        .filter(({ check, table }) => check === 'journal' && table === 'redaction')
        .map(({ row, message }) => [row, message]),
      [[name(second), 'its digest was not sealed by this ledger']],
    )
  })
})
