import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { audit, type Finding } from '../../src/ledger/audit.ts'
import type { JournalHead } from '../../src/ledger/journal.ts'
import {
  assertAuditClean,
  command,
  createTestLedger,
  openAccounts,
  openLedger,
  openUsdWallet,
  submit,
  testJournalKey,
  transfer,
} from '../support/ledger.ts'

type Column = { table: string; column: string; type: string; nullable: boolean; identity: boolean }
type Row = Record<string, string | null>

// Every table of the ledger, with its primary key.
const KEYS: Record<string, string[]> = {
  account: ['id'],
  account_change: ['account_id', 'version'],
  asset: ['id'],
  entry: ['account_id', 'seq'],
  hold: ['id'],
  idempotency: ['id'],
  journal: ['stream', 'seq'],
  transaction: ['id'],
  transfer: ['transaction_id', 'leg'],
}

const OTHER_UUID = '00000000-0000-4000-8000-000000000000'

// Other values that the column's type takes; the first that no constraint forbids is tried.
const CHANGES: Record<string, (value: string | null) => string[]> = {
  bigint: (value) =>
    value === null
      ? ['5', '-5', '100000000']
      : ['+1', '-1', '+100000', '-1000000'].map((by) => `${value}::bigint ${by}`),
  integer: (value) => [`${value}::integer + 1`, `${value}::integer + 1000`],
  smallint: (value) => [
    `${value}::smallint + 1`,
    `${value}::smallint - 1`,
    `${value}::smallint + 2`,
    `${value}::smallint - 2`,
  ],
  text: (value) =>
    value === null ? [`'x'`] : [`left('${value}', -1) || chr(ascii(right('${value}', 1)) # 1)`, `'${value}' || 'X'`],
  uuid: (value) =>
    value === null
      ? [`'${OTHER_UUID}'`]
      : [
          `overlay('${value}' placing translate(right('${value}', 1), '0123456789abcdef', '1032547698badcfe') from 36)::uuid`,
        ],
  bytea: (value) => [`set_byte('${value}'::bytea, 0, get_byte('${value}'::bytea, 0) # 1)`],
  'timestamp with time zone': (value) => [
    `'${value}'::timestamptz + interval '1 microsecond'`,
    `'${value}'::timestamptz - interval '1 microsecond'`,
  ],
}

describe('an audit finds and locates', async () => {
  const heads = new Map<number, JournalHead>()
  const knownHeads = () => [...heads.values()]
  const { db, ledger, usd, close } = await createTestLedger({ onHead: (head) => heads.set(head.stream, head) })
  const reaudit = () => audit(db, { journalKey: testJournalKey, knownHeads: knownHeads() })
  after(close)

  before(async () => {
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, 1_000_000n],
      [3n, -500n, null],
    ])
    await openUsdWallet(db, ledger, usd.id, 4n, '8301234567')
    const [first, second, third] = [uuidV7(Date.now()), uuidV7(Date.now()), uuidV7(Date.now())]
    const sides = { source: 2n, target: 3n, amount: 30n, expiresAt: Date.now() + 3_600_000 }
    for (let i = 0; i < 3; i++) await submit(ledger, command([transfer(1n, 2n, 1000n)], { id: `fund-${i}` }))
    await submit(ledger, command([transfer(2n, 3n, 10n), transfer(3n, 4n, 5n)], { id: 'legs' }))
    await submit(ledger, command([transfer(3n, 4n, 10_000n)], { id: 'refused' }))
    for (const hold of [first, second, third]) await submit(ledger, command([{ type: 'hold', hold, ...sides }]))
    await submit(ledger, command([{ type: 'capture', hold: first, source: 2n, target: 3n, amount: 20n }]))
    await submit(ledger, command([{ type: 'release', hold: second, source: 2n, target: 3n }]))
    await submit(ledger, command([{ type: 'change-account', account: 3n, lower: -600n, status: 'frozen' }]))
    // A second stream, whose first row names the head of the first.
    const other = await openLedger(db, { onHead: (head) => heads.set(head.stream, head) })
    await submit(other, command([transfer(1n, 2n, 7n)], { id: 'other' }))
    await other.close()
    await submit(ledger, command([transfer(2n, 4n, 1n)], { id: 'last' }))
  })

  test('nothing in a ledger that nobody touched', async () => {
    await assertAuditClean(db, knownHeads())
    const { counts, heads: found } = await reaudit()
    assert.deepEqual(
      { accounts: counts.accounts, entries: counts.entries, streams: found.length },
      { accounts: 4, entries: 16, streams: 2 },
    )
  })

  test('one changed value, in any column of any table of the ledger', async () => {
    const columns = await ledgerColumns()
    assert.deepEqual([...new Set(columns.map(({ table }) => table))].sort(), Object.keys(KEYS))
    const tried = await changeEach(columns, (column, value) => CHANGES[column.type]?.(value) ?? [])
    const all = columns.map(({ table, column }) => `${table}.${column}`)
    assert.deepEqual(
      all.filter((name) => !tried.has(name)),
      [],
    )
    await assertAuditClean(db, knownHeads())
  })

  test('values at the end of their range', async () => {
    const extremes: Record<string, string[]> = {
      bigint: [String(2n ** 63n - 1n), String(-(2n ** 63n)), String(2n ** 62n)],
      integer: [String(2 ** 31 - 1)],
      'timestamp with time zone': ["'infinity'", "'-infinity'"],
    }
    for (const which of [0, 1, 2]) {
      const tried = await changeEach(await ledgerColumns(), ({ type }) => extremes[type]?.slice(which, which + 1) ?? [])
      assert.ok(tried.size > 5 || which > 1)
    }
    await assertAuditClean(db, knownHeads())
  })

  test('a row that was removed and written into the text of its transaction, so that the digest stays', async () => {
    const [row] = await db.query<{ id: string; line: string; payload: string }>(
      `select t.id, t.payload, concat_ws(chr(31), 'x', x.leg, x.source, x.target, x.asset_id, x.amount) as line
       from transaction t join transfer x on x.transaction_id = t.id where x.leg = 1`,
    )
    const { id, line, payload } = row as NonNullable<typeof row>
    await db.query('create table kept as select * from transfer where transaction_id = $1', [id])
    await db.query('delete from transfer where transaction_id = $1', [id])
    const [first] = await db.query<{ line: string }>(
      "select concat_ws(chr(31), 'x', leg, source, target, asset_id, amount) as line from kept where leg = 0",
    )
    await db.query('update transaction set payload = $2 where id = $1', [
      id,
      [payload, first?.line, line].join('\u001e'),
    ])
    const { findings } = await reaudit()
    const said = findings.filter(({ table, row }) => table === 'transaction' && row === `id=${id}`)
    assert.deepEqual(
      said.map(({ message }) => message),
      ['a text of it holds a separator of the digest'],
    )
    await db.query('update transaction set payload = $2 where id = $1', [id, payload])
    await db.query('insert into transfer select * from kept')
    await db.query('drop table kept')
    await assertAuditClean(db, knownHeads())
  })

  test('one deleted row, in any table but that of the stored answers', async () => {
    for (const [table, key] of Object.entries(KEYS)) {
      if (table === 'idempotency') continue
      const rows = await db.query<{ row: Row }>(`select to_jsonb(t) as row from ${table} t order by ${key.join()}`)
      for (const { row } of [rows[0], rows[rows.length >> 1], rows.at(-1)] as { row: Row }[]) {
        await db.query(
          `create table kept as select * from ${table} where ${condition(key)}`,
          key.map((column) => row[column]),
        )
        await db.query(
          `delete from ${table} where ${condition(key)}`,
          key.map((column) => row[column]),
        )
        const { findings } = await reaudit()
        assert.ok(findings.length > 0, `${table} ${nameOf(key, row)} deleted`)
        await db.query(`insert into ${table} overriding system value select * from kept`)
        await db.query('drop table kept')
      }
    }
    await assertAuditClean(db, knownHeads())
  })

  test('one row too many, in any table that records what happened', async () => {
    const inserted: Record<string, string> = {
      transaction: `select '${OTHER_UUID}', seq, at, digest, stream, kind, principal, payload from transaction`,
      transfer: 'select transaction_id, amount, source, target, asset_id, leg + 1 from transfer where leg = 1',
      entry:
        'select account_id, seq + 1, amount, balance + amount, at, transaction_id, leg from entry where account_id = 2 order by seq desc',
      hold: `select '${OTHER_UUID}', source, target, amount, captured, expires_at, opened_by, closed_by, asset_id, status from hold`,
      account_change:
        'select account_id, transaction_id, version + 1, asset_id, lower, upper, status from account_change order by version desc',
      account:
        'select 99, balance, held, incoming, lower, upper, entries, changed_at, asset_id, version, status from account where id = 4',
      journal: 'select stream, seq + 1, kind, at, hash, heads from journal order by stream, seq desc',
    }
    for (const [table, rows] of Object.entries(inserted)) {
      const key = KEYS[table] as string[]
      const [added] = await db.query<{ row: Row }>(
        `insert into ${table} ${rows} limit 1 returning to_jsonb(${table}) as row`,
      )
      const { row } = added as { row: Row }
      const { findings } = await reaudit()
      assert.ok(names(findings, table, key, row), `${table} ${nameOf(key, row)} added: ${JSON.stringify(findings)}`)
      await db.query(
        `delete from ${table} where ${condition(key)}`,
        key.map((column) => row[column]),
      )
    }
    await assertAuditClean(db, knownHeads())
  })

  test('a wallet without its account', async () => {
    await db.query('update wallet set id = 5 where id = 4')
    const { findings } = await reaudit()
    assert.deepEqual(
      findings.map(({ table, row }) => [table, row]),
      [['wallet', 'id=5']],
    )
    await db.query('update wallet set id = 4 where id = 5')
  })

  test('the end of the journal cut off, together with all that it committed', async () => {
    const [last] = await db.query<{ stream: number; seq: bigint }>(
      'select stream, seq from journal order by stream, seq desc limit 1',
    )
    await db.query('create table kept as select * from journal where stream = $1 and seq = $2', [
      last?.stream,
      last?.seq,
    ])
    await db.query('delete from journal where stream = $1 and seq = $2', [last?.stream, last?.seq])
    const { findings } = await reaudit()
    assert.ok(
      findings.some(
        ({ table, row, message }) =>
          table === 'journal' && row === `stream=${last?.stream}, seq=${last?.seq}` && /cut/.test(message),
      ),
    )
    // Whoever removes its transactions, too, leaves no other trace in a stream that no later one names.
    const unnoticed = await audit(db, { journalKey: testJournalKey })
    assert.ok(unnoticed.findings.every(({ message }) => !/cut/.test(message)))
    await db.query('insert into journal select * from kept')
    await db.query('drop table kept')
    await assertAuditClean(db, knownHeads())
  })

  test('a journal that was chained again without its key', async () => {
    const report = await audit(db, { journalKey: Buffer.alloc(32, 8) })
    assert.equal(report.findings.filter(({ table }) => table === 'journal').length, report.counts.commits)
  })

  test('no more findings than it can list, and the number of the others', async () => {
    const padding =
      'insert into account (id, changed_at, asset_id) select 1000 + g, now(), 1 from generate_series(1, 250) g'
    await db.query(padding)
    const { findings, unlisted } = await reaudit()
    assert.equal(findings.length, 100)
    assert.deepEqual(unlisted, { accounts: 150 })
    await db.query('delete from account where id > 1000')
    await assertAuditClean(db, knownHeads())
  })

  async function ledgerColumns(): Promise<Column[]> {
    return db.query<Column>(
      `select table_name as table, column_name as column, data_type as type, is_nullable = 'YES' as nullable, is_identity = 'YES' as identity
       from information_schema.columns where table_schema = 'public' and table_name = any($1) order by table_name, ordinal_position`,
      [Object.keys(KEYS)],
    )
  }

  /** Changes each column in three rows, one after the other, and expects the audit to name the row. @returns the columns that took a change */
  async function changeEach(
    columns: Column[],
    valuesOf: (column: Column, value: string | null) => string[],
  ): Promise<Set<string>> {
    const changed = new Set<string>()
    for (const column of columns) {
      const key = KEYS[column.table] as string[]
      // A row whose column says something, one in the middle of things, and one where it may say nothing.
      const rows = await db.query<{ row: Row }>(`
        select to_jsonb(t) as row from (select ${textColumns(columns, column.table)} from ${column.table}) t
        order by ${column.column} is null, ${key.map((part) => `${part} desc`).join()}`)
      const picked = [rows[0], rows[rows.length >> 1], rows.at(-1)].map((each) => each?.row as Row)
      for (const row of new Set(picked)) {
        const change = await changeValue(column, key, row, valuesOf(column, row[column.column] ?? null))
        if (!change) continue
        changed.add(`${column.table}.${column.column}`)
        const { findings } = await reaudit()
        assert.ok(
          names(findings, column.table, key, row) || names(findings, column.table, key, change.now),
          `${column.table}.${column.column} of ${nameOf(key, row)} is now ${change.now[column.column]}: ${JSON.stringify(findings, null, 1)}`,
        )
        await change.undo()
      }
    }
    return changed
  }

  /** Writes the first of the values that the database takes. */
  async function changeValue({ table, column, identity }: Column, key: string[], row: Row, values: string[]) {
    if (identity) await db.query(`alter table ${table} alter ${column} set generated by default`)
    for (const value of values) {
      const parameters = key.map((part) => row[part])
      const changed = await db
        .query<Row>(`update ${table} set ${column} = ${value} where ${condition(key)} returning *`, parameters)
        .catch(() => [])
      const now = changed[0]
      if (!now) continue
      const undo = () =>
        db.query(`update ${table} set ${column} = $${key.length + 1} where ${condition(key)}`, [
          ...key.map((part) => now[part]),
          row[column],
        ])
      return { now, undo }
    }
    return undefined
  }
})

function textColumns(columns: Column[], table: string): string {
  return columns
    .filter((each) => each.table === table)
    .map(({ column }) => `${column}::text as ${column}`)
    .join()
}

const condition = (key: string[]) => key.map((column, i) => `${column}::text = $${i + 1}::text`).join(' and ')

const nameOf = (key: string[], row: Row) => key.map((column) => `${column}=${row[column]}`).join(', ')

function names(findings: readonly Finding[], table: string, key: string[], row: Row): boolean {
  const name = nameOf(key, row)
  return findings.some((finding) =>
    [finding, ...finding.suspects].some((each) => each.table === table && each.row === name),
  )
}
