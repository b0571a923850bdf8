import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import type { Leg } from '../../src/domain/posting.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { audit } from '../../src/ledger/audit.ts'
import type { Command, Ledger, Outcome } from '../../src/ledger/command.ts'
import { type CommitterOptions, createCommitter } from '../../src/ledger/committer.ts'
import type { JournalHead } from '../../src/ledger/journal.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { ensureAsset } from '../../src/storage/assets.ts'
import type { Database, DatabaseConnection } from '../../src/storage/database.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { createTestDatabase } from './database.ts'

export const testJournalKey = Buffer.alloc(32, 7)

export type OpenLedgerOptions = CommitterOptions & {
  /** where its connection goes when not straight to the database */
  connection?: DatabaseConnection
  /** ms without an answer after which its connection counts as dead */
  deadline?: number
  settleWithin?: number
  /** in place of the server's own, e.g. a short lock timeout */
  settings?: readonly string[]
  onHead?: (head: JournalHead) => void
}

/** One server process's worth of ledger: its own connection, journal stream and cache. */
export async function openLedger(db: Database, options: OpenLedgerOptions = {}): Promise<Ledger> {
  const { connection = db.connection, deadline = 20_000, settings = [] } = options
  const store = await openPostgresStore({
    connect: () => openPipeline({ connection, settings: [...LEDGER_SETTINGS, ...settings], deadline }),
    journalKey: testJournalKey,
    ...(options.onHead ? { onHead: options.onHead } : {}),
    ...(options.settleWithin ? { settleWithin: options.settleWithin } : {}),
  })
  return createCommitter(store, options)
}

/** A database of its own with one ledger on it and an asset, USD. */
export async function createTestLedger(options: OpenLedgerOptions = {}) {
  const { db, drop } = await createTestDatabase()
  const usd = await ensureAsset(db, { code: 'USD', circle: 'public', exponent: 2 })
  const ledger = await openLedger(db, options)
  return {
    db,
    ledger,
    usd,
    async close() {
      await ledger.close()
      await drop()
    },
  }
}

/** The outcome as the answer's body, so that a stored answer tells what was decided. */
export function describeOutcome(outcome: Outcome): string {
  if (!outcome.accepted) return JSON.stringify({ refused: outcome.refusal.code })
  const { transaction, at, entries } = outcome
  return JSON.stringify({
    transaction,
    at,
    entries: entries.map((entry) => [Number(entry.account), Number(entry.seq), Number(entry.balance)]),
  })
}

/** A command around the legs. A key's hash is that of `content`, or of the legs. */
export function command(
  legs: readonly Leg[],
  options: Partial<Command> & { id?: string; content?: string } = {},
): Command {
  const { id, content, ...rest } = options
  const text = content ?? JSON.stringify(legs, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return {
    principal: 'client:test',
    transaction: uuidV7(Date.now()),
    kind: 'payment',
    payload: '{}',
    answer: (outcome) => ({ status: outcome.accepted ? 200 : 409, body: describeOutcome(outcome) }),
    ...(id === undefined ? {} : { key: { value: id, hash: hash('md5', text, 'hex') } }),
    ...rest,
    legs,
  }
}

export const transfer = (source: bigint, target: bigint, amount: bigint): Leg => ({
  type: 'transfer',
  source,
  target,
  amount,
})

/** Opens accounts with the given limits; null is no limit. */
export async function openAccounts(
  ledger: Ledger,
  assetId: number,
  accounts: readonly (readonly [id: bigint, lower: bigint | null, upper: bigint | null])[],
): Promise<void> {
  const results = await Promise.all(
    accounts.map(([account, lower, upper]) =>
      ledger.submit(command([{ type: 'open-account', account, assetId, lower, upper }], { kind: 'opening' })),
    ),
  )
  for (const { outcome } of results) assert.equal(outcome?.accepted, true)
}

/** Opens a wallet that pays down to nothing and receives without end, in USD, for a new party. */
export async function openUsdWallet(
  db: Database,
  ledger: Ledger,
  assetId: number,
  account: bigint,
  number: string,
): Promise<void> {
  const party = uuidV7(Date.now())
  await db.query("insert into party (id, kind, name) values ($1, 'person', 'Ann')", [party])
  const effect = {
    name: 'test-wallet',
    text: `insert into wallet (id, namespace, number, currency, opaque_id, party_id)
      select id, 'us', number, 'USD', 'opaque-' || number, party from unnest($1::bigint[], $2::text[], $3::uuid[]) as w (id, number, party)`,
  }
  const opening: Leg = { type: 'open-account', account, assetId, lower: 0n, upper: null }
  const opened = await submit(
    ledger,
    command([opening], { effects: [{ effect, row: [String(account), number, party] }] }),
  )
  assert.equal(opened, 'accepted')
}

/** The code of a refusal, `accepted`, or `replayed`. */
export async function submit(ledger: Ledger, wanted: Command): Promise<string> {
  const { outcome } = await ledger.submit(wanted)
  if (!outcome) return 'replayed'
  return outcome.accepted ? 'accepted' : outcome.refusal.code
}

export type Balance = { balance: bigint; held: bigint; incoming: bigint; entries: bigint }

export async function balanceOf(db: Database, account: bigint): Promise<Balance> {
  const rows = await db.query<Balance>('select balance, held, incoming, entries from account where id = $1', [account])
  return rows[0] as Balance
}

/** Every test that moves money ends with this. */
export async function assertAuditClean(db: Database, knownHeads: readonly JournalHead[] = []): Promise<void> {
  const report = await audit(db, { journalKey: testJournalKey, knownHeads })
  assert.deepEqual(report.findings, [])
}
