import { findJournalKey } from '../src/credentials/journal-key.ts'
import { createKeyring } from '../src/credentials/keyring.ts'
import { uuidV7 } from '../src/domain/uuid.ts'
import { createCommitter } from '../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../src/ledger/postgres-store.ts'
import type { Database } from '../src/storage/database.ts'
import { openPipelineThread } from '../src/storage/pipeline-thread.ts'
import { BENCH_KEY, benchWallet } from './orders.ts'

const IN_FLIGHT = 1_000
const ANSWER = { status: 200, body: '{"payload":{"success":true}}' }

/** The key by which the server of a bench database chains its journal. */
export async function journalKeyOf(db: Database): Promise<Buffer> {
  const key = await findJournalKey({ db, keyring: createKeyring([Buffer.from(BENCH_KEY, 'hex')]) })
  if (!key) throw new Error('no server has run on this database')
  return key
}

/**
 * Books payments through the ledger's own door, as a server would, until there are so many entries. Every second one is into the
 * first wallet, so that one account has a quarter of all.
 * @returns that wallet's account
 */
export async function growEntries(
  db: Database,
  { entries, wallets }: { entries: number; wallets: number },
): Promise<bigint> {
  const ids = Array.from({ length: wallets }, (_, index) => benchWallet(index))
  const rows = await db.query<{ id: bigint }>(
    `select id from wallet where namespace || ':' || number || ':' || currency = any($1) order by number`,
    [ids],
  )
  const accounts = rows.map(({ id }) => id)
  const journalKey = await journalKeyOf(db)
  const store = await openPostgresStore({
    connect: () => openPipelineThread({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 35_000 }),
    journalKey,
  })
  const ledger = createCommitter(store)
  const [there] = await db.query<{ n: bigint }>('select coalesce(sum(entries), 0)::bigint as n from account')
  let left = Math.ceil((entries - Number(there?.n)) / 2)
  const caller = async () => {
    while (left-- > 0) {
      const from = 1 + Math.floor(Math.random() * (wallets - 1))
      const to = left % 2 ? 0 : from === wallets - 1 ? 1 : from + 1
      const transaction = uuidV7(Date.now())
      const { outcome } = await ledger.submit({
        principal: 'client:bench',
        key: { value: transaction, hash: transaction.replaceAll('-', '') },
        transaction,
        kind: 'payments',
        payload: '{"description":"coffee and cake"}',
        legs: [{ type: 'transfer', source: accounts[from] as bigint, target: accounts[to] as bigint, amount: 125n }],
        answer: () => ANSWER,
      })
      if (!outcome?.accepted) throw new Error('a transfer was refused')
    }
  }
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  } finally {
    await ledger.close()
  }
  await db.query('vacuum analyze')
  return accounts[0] as bigint
}

/** More wallets like those that the server has opened, by one statement for each table: payments cannot tell the difference. */
export async function growWallets(db: Database, { from, to }: { from: number; to: number }): Promise<void> {
  if (to <= from) return
  const like = benchWallet(0).split(':')
  await db.query(
    `with first as (
       select w.party_id, a.* from wallet w join account a on a.id = w.id where w.namespace = $1 and w.number = $2 and w.currency = $3
     ), made as (
       insert into account (id, lower, upper, changed_at, asset_id)
       select nextval('account_id'), f.lower, f.upper, f.changed_at, f.asset_id from first f, generate_series($4::bigint, $5::bigint) n
       returning id, asset_id
     )
     insert into wallet (id, namespace, number, currency, opaque_id, party_id, asset_id)
     select m.id, $1, ($2::bigint + $4 + row_number() over () - 1)::text, $3, 'grown-' || m.id, f.party_id, m.asset_id from made m, first f`,
    [...like, from, to - 1],
  )
  await db.query('vacuum analyze')
}
