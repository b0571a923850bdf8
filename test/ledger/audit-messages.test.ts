import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { type AuditProgress, type AuditReport, audit } from '../../src/ledger/audit.ts'
import type { JournalHead } from '../../src/ledger/journal.ts'
import { createTestDatabase } from '../support/database.ts'
import {
  command,
  createTestLedger,
  openAccounts,
  openLedger,
  openUsdWallet,
  submit,
  testJournalKey,
  transfer,
} from '../support/ledger.ts'

const LOST = '00000000-0000-4000-8000-000000000000'

describe('an audit says in words', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const paid: string[] = []
  const holds = { open: uuidV7(Date.now()), ended: uuidV7(Date.now()) }
  after(close)

  before(async () => {
    await openAccounts(
      ledger,
      usd.id,
      Array.from({ length: 20 }, (_, i) => [BigInt(i + 1), i === 0 ? null : 0n, null] as const),
    )
    await openUsdWallet(db, ledger, usd.id, 21n, '8301234567')
    await openUsdWallet(db, ledger, usd.id, 22n, '8301234568')
    await openUsdWallet(db, ledger, usd.id, 23n, '8301234569')
    for (let i = 0; i < 8; i++) {
      const wanted = command([transfer(1n, 2n, 100n), transfer(1n, BigInt(3 + i), 10n)], { id: `pay-${i}` })
      await submit(ledger, wanted)
      paid.push(wanted.transaction)
    }
    for (const hold of Object.values(holds)) {
      const sides = { source: 2n, target: 12n, amount: 30n, expiresAt: Date.UTC(2100, 0) }
      await submit(ledger, command([{ type: 'hold', hold, ...sides }]))
    }
    await submit(ledger, command([{ type: 'release', hold: holds.ended, source: 2n, target: 12n }]))
    await submit(ledger, command([{ type: 'change-account', account: 13n, status: 'frozen' }]))
    await submit(ledger, command([{ type: 'change-account', account: 13n, status: 'open' }]))
    const other = await openLedger(db)
    await submit(other, command([transfer(1n, 2n, 7n)]))
    await other.close()
    await ledger.close()
  })

  /** Changes rows, as who has the database's password may. @returns what the audit says of each row, by `table row` */
  async function told(...changes: string[]): Promise<Record<string, string[]>> {
    for (const change of changes) await db.query(change)
    return saying(await audit(db, { journalKey: testJournalKey }))
  }

  test('what it is doing, step by step, and how much it has looked at', async () => {
    const steps: AuditProgress[] = []
    const { counts, clean } = await audit(db, {
      journalKey: testJournalKey,
      onProgress: (progress) => steps.push(progress),
    })
    assert.equal(clean, true)
    assert.deepEqual(
      steps.map(({ step }) => step),
      steps.map((_, i) => i + 1),
    )
    assert.deepEqual([...new Set(steps.map(({ steps: of }) => of))], [steps.length])
    assert.equal(new Set(steps.map(({ name }) => name)).size, steps.length)
    for (const { name } of steps) assert.match(name, /^[a-z]+( [a-z]+)*$/)
    const [rows] = await db.query(
      `select (select count(*) from account)::int as accounts, (select count(*) from transaction)::int as transactions,
         (select count(*) from entry)::int as entries, (select count(*) from idempotency)::int as answers,
         (select count(*) from journal)::int as commits`,
    )
    assert.deepEqual(counts, rows)
  })

  test('what is wrong with accounts, entries, transfers, holds, wallets and answers', async () => {
    const said = await told(
      'alter table account drop constraint lower_holds, drop constraint upper_holds, drop constraint limits_ordered, drop constraint closed_is_empty',
      'update account set balance = 11 where id = 3',
      'update account set entries = 2 where id = 4',
      'update account set held = 1, incoming = 2 where id = 14',
      'update account set version = 2 where id = 15',
      'update account set lower = -1, upper = 9 where id = 16',
      'update account set status = 1 where id = 17',
      "update account set changed_at = changed_at + interval '1 ms' where id = 18",
      'update account set balance = 5, status = 2 where id = 19',
      'update account set upper = -1 where id = 20',
      'insert into account (id, changed_at, asset_id) select 99, now(), asset_id from account where id = 1',
      'insert into account (id, changed_at, asset_id) values (98, now(), 999)',
      'delete from account_change where account_id = 13 and version = 2',
      'update account_change set asset_id = 999 where account_id = 12',
      'delete from account where id = 11',
      "update entry set at = at - interval '1 hour' where account_id = 2 and seq = 3",
      'delete from entry where account_id = 2 and seq = 5',
      'update entry set balance = balance + 1 where account_id = 2 and seq = 7',
      `delete from transfer where transaction_id = '${paid[7]}' and leg = 1`,
      `update transfer set target = 97 where transaction_id = '${paid[4]}' and leg = 1`,
      `update transfer set asset_id = 998 where transaction_id = '${paid[5]}' and leg = 1`,
      `insert into transfer (transaction_id, amount, source, target, asset_id, leg) values ('${LOST}', 1, 1, 2, 1, 0)`,
      `update hold set opened_by = '${LOST}' where id = '${holds.open}'`,
      `update hold set target = 96 where id = '${holds.ended}'`,
      'update wallet set id = 95 where id = 21',
      "update wallet set currency = 'EUR' where id = 22",
      `update wallet set asset_id = ${usd.id + 100} where id = 23`,
      'update entry set balance = balance + 1 where account_id = 9',
      `update idempotency set answer = answer || ' ' where transaction_id = '${paid[0]}'`,
      `update idempotency set transaction_id = '${LOST}' where transaction_id = '${paid[1]}'`,
      `update idempotency set at = at + interval '1 second' where transaction_id = '${paid[2]}'`,
    )
    const digest =
      'its digest is not that of its rows: this row or one of those that belong to it was changed, added or removed'
    const transactions = Object.entries(said).filter(([row]) => row.startsWith('transaction '))
    for (const [row, messages] of transactions) assert.deepEqual(messages, [digest], row)
    for (const id of [paid[7], paid[4], paid[5]]) assert.ok(said[`transaction id=${id}`], 'a changed transfer')
    assert.equal(transactions.length, 7)
    const others = Object.entries(said).filter(([row]) => !/^(transaction|idempotency) /.test(row))
    assert.deepEqual(Object.fromEntries(others), {
      [`transfer transaction_id=${LOST}, leg=0`]: [
        `its transaction ${LOST} does not exist`,
        'account 1 has no entry of -1 for it',
        'account 2 has no entry of 1 for it',
      ],
      [`hold id=${holds.open}`]: [`its transaction ${LOST} does not exist`],
      'entry account_id=2, seq=3': [
        'its time is before that of the entry before',
        'its time is not that of its transaction',
      ],
      'entry account_id=2, seq=6': [
        'it follows entry 4: entries between are missing; its balance is 600, but 400 and 100 make 500',
      ],
      'entry account_id=2, seq=7': ['its balance is 701, but 600 and 100 make 700'],
      'entry account_id=2, seq=8': ['its balance is 800, but 701 and 100 make 801'],
      // Entry 5 of account 2, which is gone.
      [`transfer transaction_id=${paid[4]}, leg=0`]: ['account 2 has no entry of 100 for it'],
      'entry account_id=7, seq=1': ['it moves 10, which is no side of its transfer of 10 from account 1 to 97'],
      [`transfer transaction_id=${paid[4]}, leg=1`]: [
        'account 97 has no entry of 10 for it',
        'moves asset 1 from one in asset 1 to an account that does not exist',
      ],
      'entry account_id=1, seq=16': [`its transfer (transaction ${paid[7]}, leg 1) does not exist`],
      'entry account_id=10, seq=1': [`its transfer (transaction ${paid[7]}, leg 1) does not exist`],
      [`transfer transaction_id=${paid[5]}, leg=1`]: ['moves asset 998 from one in asset 1 to one in asset 1'],
      'account id=3': ['balance is 11, but the balance of its last entry is 10'],
      'account id=4': ['entries is 2, but the number of its last entry is 1'],
      'account id=12': [
        'asset_id is 1, but the asset of its last change is 999; changed_at is not the time of its last entry, hold or change',
      ],
      'account id=14': [
        'held is 1, but the sum of the open holds on it is 0; incoming is 2, but the sum of the open holds towards it is 0; its balance and holds break its limits',
      ],
      'account id=15': ['version is 2, but the number of its last change is 1'],
      'account id=16': [
        'lower is -1, but the lower limit of its last change is 0; upper is 9, but the upper limit of its last change is null',
      ],
      'account id=17': ['status is 1, but the status of its last change is 0'],
      'account id=18': ['changed_at is not the time of its last entry, hold or change'],
      'account id=19': [
        'balance is 5, but the balance of its last entry is 0; status is 2, but the status of its last change is 0; it is closed and not empty',
      ],
      'account id=20': [
        'upper is -1, but the upper limit of its last change is null; its balance and holds break its limits',
      ],
      'account id=98': [
        'it was never opened; its asset 999 does not exist; changed_at is not the time of its last entry, hold or change',
      ],
      'account id=99': ['it was never opened; changed_at is not the time of its last entry, hold or change'],
      'account_change account_id=11, version=1': ['its account does not exist'],
      'account_change account_id=12, version=1': ['its asset is not that of the account'],
      'account_change account_id=13, version=3': ['it follows version 1: versions between are missing'],
      [`hold id=${holds.ended}`]: ['one of its accounts does not exist or is in another asset'],
      'asset id=1': ['the balances of all accounts in it sum up to 6, not to 0'],
      'entry account_id=9, seq=1': ['its balance is 11, but 0 and 10 make 10'],
      'account id=9': ['balance is 10, but the balance of its last entry is 11'],
      'wallet id=22': ['its account is in USD, but its id says EUR'],
      'wallet id=23': ['its account is in another asset than it says'],
      'wallet id=95': ['its account does not exist'],
    })
    const columns = 'its digest is not that of its columns'
    assert.deepEqual(
      Object.entries(said)
        .filter(([row]) => row.startsWith('idempotency id='))
        .map(([, messages]) => messages.join())
        .sort(),
      [
        columns,
        `${columns}; its time is not that of its transaction`,
        `${columns}; its transaction ${LOST} does not exist`,
      ],
    )
    const { findings } = await audit(db, { journalKey: testJournalKey })
    const suspectsOf = (wanted: string) =>
      findings
        .filter(({ table, row }) => `${table} ${row}` === wanted)
        .map(({ suspects }) => suspects.map(({ table, row }) => `${table} ${row}`))
    assert.deepEqual(suspectsOf('entry account_id=9, seq=1'), [[]])
    assert.deepEqual([...new Set(findings.map(({ check, table }) => `${check}: ${table}`))].sort(), [
      'account-changes: account_change',
      'accounts: account',
      'conservation: asset',
      'directory: wallet',
      'entries: entry',
      'holds: hold',
      'idempotency: idempotency',
      'transactions: transaction',
      'transfers: entry',
      'transfers: transfer',
    ])
    assert.deepEqual(suspectsOf('entry account_id=2, seq=6'), [['entry account_id=2, seq=4']])
    assert.deepEqual(suspectsOf('entry account_id=7, seq=1'), [[`transfer transaction_id=${paid[4]}, leg=1`]])
    assert.deepEqual(suspectsOf(`transaction id=${paid[5]}`), [
      [`transfer transaction_id=${paid[5]}, leg=0`, `transfer transaction_id=${paid[5]}, leg=1`],
    ])
  })
})

describe('an audit of many rows', async () => {
  const { db, drop } = await createTestDatabase()
  after(drop)

  test('tells after ten thousand how far it is', async () => {
    await db.query(
      `insert into idempotency (id, request_hash, digest, transaction_id, status, answer, at)
       select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), null, 200, '{}', now() from generate_series(1, 10100)`,
    )
    const seen: AuditProgress[] = []
    const { unlisted } = await audit(db, { journalKey: testJournalKey, onProgress: (one) => seen.push(one) })
    assert.deepEqual(
      seen.filter(({ rows }) => rows !== undefined).map(({ name, rows, ofRows }) => [name, rows, ofRows]),
      [['stored answers', 10_000, 10_100]],
    )
    assert.deepEqual(unlisted, { idempotency: 10_000 })
  })
})

describe('an audit says of the journal', async () => {
  const heads: JournalHead[] = []
  const { db, ledger, usd, close } = await createTestLedger({ onHead: (head) => heads.push(head) })
  after(close)

  test('what is missing, cut off, strange or belongs to another row', async () => {
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, null],
    ])
    const ids: string[] = []
    for (let i = 0; i < 9; i++) {
      const wanted = command([transfer(1n, 2n, 100n)])
      await submit(ledger, wanted)
      ids.push(wanted.transaction)
    }
    const other = await openLedger(db)
    await submit(other, command([transfer(1n, 2n, 7n)]))
    await other.close()
    const seqOf = async (i: number) =>
      (await db.query<{ seq: bigint }>('select seq from transaction where id = $1', [ids[i]]))[0]?.seq as bigint
    const [first, third, fifth, seventh, last] = [
      await seqOf(0),
      await seqOf(2),
      await seqOf(4),
      await seqOf(6),
      await seqOf(8),
    ]
    const [{ stream } = { stream: 0 }] = await db.query<{ stream: number }>('select min(stream) as stream from journal')
    for (const change of [
      `delete from journal where stream = ${stream} and seq in (${first}, ${third}, ${third + 1n}, ${last})`,
      `update transaction set seq = ${seventh} where id = '${ids[4]}'`,
      `update transaction set seq = 0 where id = '${ids[5]}'`,
      `update journal set kind = 2 where stream = ${stream} and seq = ${seventh + 1n}`,
      `update journal set heads = 'x' where stream > ${stream} and heads is not null`,
    ])
      await db.query(change)
    const known = heads.filter(({ seq }) => seq === last || seq === fifth)
    assert.equal(known.length, 2)
    const wrong = { ...known[0], hash: Buffer.alloc(32) } as JournalHead
    const report = await audit(db, { journalKey: testJournalKey, knownHeads: [...known, wrong] })
    const said = saying({ ...report, findings: report.findings.filter(({ check }) => check === 'journal') })
    const changed =
      'its hash does not follow from the row before, its own columns and its transactions: one was changed, added or removed, or this is not the key of this journal'
    const lost = (seq: bigint) => `its journal row (stream=${stream}, seq=${seq}) does not exist`
    assert.deepEqual(said, {
      [`journal stream=${stream + 1}, seq=0`]: ['the heads that it names cannot be read', changed],
      [`transaction id=${ids[5]}`]: ['names a journal row that began the stream and holds no transaction'],
      [`journal stream=${stream}, seq=${fifth + 1n}`]: [changed],
      [`transaction id=${ids[7]}`]: ['names a journal row that was given up and holds no transaction'],
      [`journal stream=${stream}, seq=${seventh + 1n}`]: [changed],
      [`transaction id=${ids[0]}`]: [lost(first)],
      [`journal stream=${stream}, seq=${first}`]: ['the row is missing; the next one cannot be checked'],
      [`transaction id=${ids[2]}`]: [lost(third)],
      [`transaction id=${ids[3]}`]: [lost(third + 1n)],
      [`journal stream=${stream}, seq=${third}`]: [
        `the rows up to seq=${third + 1n} are missing; the next one cannot be checked`,
      ],
      [`journal stream=${stream}, seq=${fifth}`]: [
        'has another hash than the record of heads outside the database says',
      ],
      [`transaction id=${ids[4]}`]: [
        `was not part of the commit that it names (journal stream=${stream}, seq=${seventh})`,
      ],
      [`transaction id=${ids[8]}`]: [lost(last)],
      [`journal stream=${stream}, seq=${last}`]: [
        'is missing, though the record of heads outside the database names it: the stream was cut',
      ],
    })
    assert.deepEqual(
      report.heads.map(({ stream: of, seq }) => [of, seq]),
      [
        [stream, last - 1n],
        [stream + 1, 1n],
      ],
    )
    const gap = report.findings.find(({ row }) => row === `stream=${stream}, seq=${first}`)
    const began = report.findings.find(({ message }) => message.includes('began the stream'))
    assert.deepEqual(began?.suspects, [{ table: 'journal', row: `stream=${stream}, seq=0` }])
    assert.deepEqual(gap?.suspects, [{ table: 'journal', row: `stream=${stream}, seq=${first + 1n}` }])
  })
})

function saying({ findings }: AuditReport): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { table, row, message } of findings) {
    const name = `${table} ${row}`
    found[name] = [...(found[name] ?? []), message]
  }
  return found
}
