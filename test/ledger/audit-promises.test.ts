import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { audit } from '../../src/ledger/audit.ts'
import { setRefillPolicy } from '../../src/operations/set-refill-policy.ts'
import { give, granted, paymentTo } from '../protocols/webwallet/money.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { OTHER_UUID, promiseChanges } from './promise-changes.ts'

type Row = Record<string, string | null>
type Column = { table: string; column: string; type: string }

// What the wallet API promises, with the primary keys.
const KEYS: Record<string, string[]> = {
  invoice: ['id'],
  refund: ['transaction_id'],
  refund_total: ['original_id'],
  refill_policy: ['wallet_id', 'version'],
  refill: ['transaction_id'],
  refill_use: ['wallet_id', 'period', 'starts_at'],
  transaction_token: ['id'],
}

/** Other values of the column's type; the first that no constraint forbids is tried. */
const CHANGES: Record<string, (value: string | null) => string[]> = {
  bigint: (value) => (value === null ? ['1'] : ['+ 1', '- 1', '+ 1000'].map((by) => `${value}::bigint ${by}`)),
  integer: (value) => [value === null ? '60' : `${value}::integer + 60`],
  smallint: (value) => [`(${value}::smallint + 1) % 3`],
  text: (value) => [value === 'charges' ? `'payments'` : `'charges'`],
  uuid: () => [`'${OTHER_UUID}'`],
  'timestamp with time zone': (value) =>
    value === null ? [`timestamptz '2020-01-01'`] : [`'${value}'::timestamptz + interval '1 microsecond'`],
}

describe('an audit holds against the ledger', () => {
  let server: SandboxServer
  const findings = async () => {
    const { db, assembly } = server
    return (await audit(db, { journalKey: await loadJournalKey({ db, keyring: assembly.keyring }) })).findings
  }

  before(async () => {
    server = await startSandboxServer()
    const shop = await server.client(['stall:one:USD'])
    const buyer = await server.client(['buy:one:USD', { id: 'buy:kid:USD', parent: 'buy:one:USD' }])
    await give(server, 'buy:one:USD', 100)
    const invoice = async () =>
      (
        await shop.done(
          '/buy:one:USD/invoices',
          paymentTo('buy:one:USD', 5, { endpoint: 'invoices', expiry: '2090-01-01T00:00:00Z' }),
        )
      ).reference
    const [paid, declined, cancelled] = [await invoice(), await invoice(), await invoice(), await invoice()]
    const { reference } = await buyer.done(
      '/buy:one:USD/payments',
      paymentTo('stall:one:USD', 5, { metadata: { invoice: paid } }),
    )
    const end = (how: string, id: string) => ({ endpoint: `invoices/${how}`, invoice: id })
    await buyer.done(`/buy:one:USD/invoices/${declined}/decline`, end('decline', declined))
    await shop.done(`/stall:one:USD/invoices/${cancelled}/cancel`, end('cancel', cancelled))
    const refund = paymentTo('buy:one:USD', 2, { endpoint: 'refunds', transaction: reference })
    for (let i = 0; i < 2; i++) await shop.done('/buy:one:USD/refunds', refund)
    const policy = { perRefill: 5, perPeriod: 50, periodSeconds: 86_400 }
    await setRefillPolicy(server.assembly, 'test', 'buy:kid:USD', null)
    await setRefillPolicy(server.assembly, 'test', 'buy:kid:USD', policy)
    const refill = paymentTo('buy:kid:USD', 2, { endpoint: 'refills' })
    const all = await granted(server, buyer, buyer.partyId, ['buy:one:USD', 'buy:kid:USD'])
    for (let i = 0; i < 2; i++) await all.done('/buy:kid:USD/refills', refill)
    const asking = paymentTo('stall:one:USD', 1, {
      endpoint: 'transactions',
      operation: 'charges',
      source: 'buy:one:USD',
      expiry: new Date(Date.now() + 3_600_000).toISOString(),
    })
    const issue = async () => await buyer.done('/buy:one:USD/transactions', asking)
    const [used, revoked] = [await issue(), await issue(), await issue()]
    const charge = paymentTo('stall:one:USD', 1, { endpoint: 'charges', source: 'buy:one:USD', token: used.token })
    await shop.done('/buy:one:USD/charges', charge)
    const taking = { endpoint: 'tokens/revoke', token: revoked.reference }
    await buyer.done(`/buy:one:USD/tokens/${revoked.reference}/revoke`, taking)
  })
  after(() => server.stop())

  test('what nobody touched, and finds nothing', async () => {
    assert.deepEqual(await findings(), [])
  })

  test('every column of every row of what was promised, and locates the row', async () => {
    const { db } = server
    const columns = await db.query<Column>(
      `select table_name as table, column_name as column, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = any($1) order by table_name, ordinal_position`,
      [Object.keys(KEYS)],
    )
    const untouched: string[] = []
    for (const { table, column, type } of columns) {
      const key = KEYS[table] as string[]
      const rows = await db.query<Row>(`select ${columnsOf(columns, table)} from ${table}`)
      assert.ok(rows.length > 0, table)
      let changed = 0
      for (const row of rows) {
        const value = row[column] ?? null
        const now = await changeValue(table, column, row, CHANGES[type]?.(value) ?? [])
        if (!now) continue
        changed++
        const found = await findings()
        assert.ok(
          found.some(
            (finding) => finding.table === table && [nameOf(key, row), nameOf(key, now)].includes(finding.row),
          ),
          `${table}.${column} of ${nameOf(key, row)} is now ${now[column]}: ${JSON.stringify(found)}`,
        )
        await db.query(`update ${table} set ${column} = $${key.length + 1} where ${condition(key)}`, [
          ...valuesOf(key, now),
          value,
        ])
      }
      if (changed === 0) untouched.push(`${table}.${column}`)
    }
    // These the constraints keep from changing alone.
    assert.deepEqual(
      untouched.filter((name) => !/\.(status|settled_by|settled_at|settlements|ends|ended_by|ended_at)$/.test(name)),
      [],
    )
    assert.deepEqual(await findings(), [])
  })

  /** Writes the first of the values that the database takes; where it takes none, its own constraints are as good. */
  async function changeValue(table: string, column: string, row: Row, values: string[]): Promise<Row | undefined> {
    const key = KEYS[table] as string[]
    const names = Object.keys(row).map((name) => `${name}::text as ${name}`)
    for (const value of values) {
      const changed = await server.db
        .query<Row>(
          `update ${table} set ${column} = ${value} where ${condition(key)} returning ${names}`,
          valuesOf(key, row),
        )
        .catch(() => [])
      if (changed[0]) return changed[0]
    }
    return undefined
  }

  test('a row that is gone', async () => {
    const { db } = server
    for (const [table, key] of Object.entries(KEYS)) {
      for (const row of await db.query<Row>(
        `select ${key.map((column) => `${column}::text as ${column}`).join()} from ${table}`,
      )) {
        await db.query(`create table kept as select * from ${table} where ${condition(key)}`, valuesOf(key, row))
        await db.query(`delete from ${table} where ${condition(key)}`, valuesOf(key, row))
        const found = await findings()
        assert.ok(found.length > 0, `${table} ${nameOf(key, row)} deleted`)
        await db.query(`insert into ${table} select * from kept`)
        await db.query('drop table kept')
      }
    }
    assert.deepEqual(await findings(), [])
  })

  test('what was settled and is made to look open', async () => {
    const { db } = server
    const opened: [string, string, string][] = [
      ['invoice', 'settlements = 0, settled_by = null, settled_at = null', 'settled_by is not null'],
      ['transaction_token', 'ends = 0, ended_by = null, ended_at = null', 'ended_by is not null'],
    ]
    for (const [table, values, where] of opened) {
      await db.query(`create table kept as select * from ${table}`)
      for (const { id } of await db.query<{ id: string }>(`select id from ${table} where ${where}`)) {
        await db.query(`update ${table} set status = 0, ${values} where id = $1`, [id])
        const found = await findings()
        assert.ok(
          found.some((finding) => finding.table === table && finding.row === `id=${id}`),
          `${table} ${id}`,
        )
        await db.query(`delete from ${table} where id = $1`, [id])
        await db.query(`insert into ${table} select * from kept where id = $1`, [id])
      }
      await db.query('drop table kept')
    }
    // Used by another transaction than the one that says so.
    await db.query('create table kept as select * from invoice where status = 1')
    const [charge] = await db.query<{ id: string }>("select id from transaction where kind = 'charges'")
    await db.query(
      'update invoice set settled_by = $1, settled_at = (select at from transaction where id = $1) where status = 1',
      [charge?.id],
    )
    assert.ok((await findings()).some(({ table }) => table === 'invoice'))
    await db.query('delete from invoice where status = 1')
    await db.query('insert into invoice select * from kept')
    await db.query('drop table kept')
  })

  test('what it finds in words that tell one change from another', async () => {
    const { db } = server
    const tables = Object.keys(KEYS)
    for (const table of tables) await db.query(`create table kept_${table} as select * from ${table}`)
    // Whoever may change rows may drop what forbids it.
    const checks = await db.query<{ text: string }>(
      `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as text
       from pg_constraint where contype = 'c' and conrelid::regclass::text = any($1)`,
      [tables],
    )
    for (const { text } of checks) await db.query(text)
    /** Changes rows, each of another table or id, looks what is said of them, and puts them back. */
    const told = async (...changes: readonly string[]) => {
      for (const change of changes) await db.query(change)
      const found = await findings()
      for (const table of tables) {
        await db.query(`delete from ${table}`)
        await db.query(`insert into ${table} select * from kept_${table}`)
      }
      return found
        .map(({ table, message }) => `${table}: ${message.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')}`)
        .sort()
    }
    for (const { changes, says } of promiseChanges) assert.deepEqual(await told(...changes), says)
    for (const table of tables) await db.query(`drop table kept_${table}`)
  })
})

const columnsOf = (columns: Column[], table: string) =>
  columns
    .filter((each) => each.table === table)
    .map(({ column }) => `${column}::text as ${column}`)
    .join()
const condition = (key: string[]) => key.map((column, i) => `${column}::text = $${i + 1}::text`).join(' and ')
const valuesOf = (key: string[], row: Row) => key.map((column) => row[column])
const nameOf = (key: string[], row: Row) => key.map((column) => `${column}=${row[column]}`).join(', ')
