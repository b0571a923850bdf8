import pg from 'pg'
import { uuidV7 } from '../src/domain/uuid.ts'
import type { Ledger } from '../src/ledger/command.ts'
import { createCommitter } from '../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../src/ledger/postgres-store.ts'
import { ensureAsset } from '../src/storage/assets.ts'
import { type DatabaseConnection, openDatabase } from '../src/storage/database.ts'
import { openPipelineThread } from '../src/storage/pipeline-thread.ts'
import { type Bench, line, median, round, times } from './report.ts'

/** The ledger moves money between the first so many, the locking function between as many after them: see `lockingTransfers`. */
const ACCOUNTS = 1_000
// As long as the answer to such a payment over HTTP.
const ANSWER = {
  status: 200,
  body: JSON.stringify({
    header: { alg: 'hs256' },
    payload: {
      amount: 1.25,
      currency: 'USD',
      description: 'coffee and cake',
      endpoint: 'payments',
      reference: '01a20152-1d5d-7bf4-827b-3741fbd03275',
      success: true,
      target: 'us:8301234567:USD',
      timestamp: '2026-11-22T03:34:48.414Z',
    },
    signature: 'CqAgbjiBUMm_r_pKUvokqyFVDIvkro4B0WGjcKUTyyg',
  }),
}

/** The ledger in process, against one locking SQL function call per transfer, with the same idempotency row. */
export async function measureLedger({ database, quick, say }: Bench): Promise<void> {
  const count = quick ? 20_000 : 60_000
  const connection = await database.create('ledger')
  const db = openDatabase(connection)
  const asset = await ensureAsset(db, { code: 'USD', circle: 'public', exponent: 2 })
  const store = await openPostgresStore({
    connect: () => openPipelineThread({ connection, settings: LEDGER_SETTINGS, deadline: 35_000 }),
    journalKey: Buffer.alloc(32, 7),
  })
  const ledger = createCommitter(store)
  try {
    await openAccounts(ledger, asset.id)
    await db.query(LOCKING_FUNCTION)
    await db.query('vacuum analyze')
    await transfers(ledger, 10_000, 1_000, spread)
    const ours: number[] = []
    const theirs: number[] = []
    const oursHot: number[] = []
    const theirsHot: number[] = []
    for (let pair = 0; pair < 3; pair++) {
      theirs.push(await lockingTransfers(connection, count / 8, 32, spread))
      ours.push(await transfers(ledger, count, 1_000, spread))
      theirsHot.push(await lockingTransfers(connection, count / 40, 32, intoOne))
      oursHot.push(await transfers(ledger, count, 1_000, intoOne))
    }
    say(line('ledger in process, spread, 1,000 in flight', `${round(median(ours))}/s`))
    say(
      line(
        '  against the locking function, 32 clients',
        times(median(ours) / median(theirs)),
        `bar 4 ×  (${round(median(theirs))}/s)`,
      ),
    )
    say(line('ledger in process, one hot account', `${round(median(oursHot))}/s`))
    say(
      line(
        '  against the locking function, 32 clients',
        times(median(oursHot) / median(theirsHot)),
        `bar 20 ×  (${round(median(theirsHot))}/s)`,
      ),
    )
    await measureBytes(db, say)
  } finally {
    await ledger.close()
    await db.close()
  }
}

const spread = (): [number, number] => {
  const source = 1 + Math.floor(Math.random() * ACCOUNTS)
  return [source, source === ACCOUNTS ? 1 : source + 1]
}
const intoOne = (): [number, number] => [2 + Math.floor(Math.random() * (ACCOUNTS - 1)), 1]

async function openAccounts(ledger: Ledger, assetId: number): Promise<void> {
  const ids = Array.from({ length: 2 * ACCOUNTS }, (_, i) => BigInt(i + 1))
  await Promise.all(
    ids.map((account) =>
      ledger.submit({
        principal: 'bench',
        transaction: uuidV7(Date.now()),
        kind: 'opening',
        payload: '{}',
        legs: [{ type: 'open-account', account, assetId, lower: null, upper: null }],
        answer: () => ANSWER,
      }),
    ),
  )
}

/** Transfers per second. */
async function transfers(
  ledger: Ledger,
  count: number,
  inFlight: number,
  pick: () => [number, number],
): Promise<number> {
  let sent = 0
  const caller = async () => {
    while (sent < count) {
      sent++
      const [source, target] = pick()
      const transaction = uuidV7(Date.now())
      const { outcome } = await ledger.submit({
        principal: 'client:bench',
        key: { value: transaction, hash: transaction.replaceAll('-', '') },
        transaction,
        kind: 'payments',
        payload: '{"description":"coffee and cake"}',
        legs: [{ type: 'transfer', source: BigInt(source), target: BigInt(target), amount: 125n }],
        answer: () => ANSWER,
      })
      if (!outcome?.accepted) throw new Error('a transfer was refused')
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: inFlight }, caller))
  return count / ((performance.now() - start) / 1000)
}

/** What most ledgers on SQL do: claim the key, lock both rows in order, check, write, all in one call and one transaction. */
const LOCKING_FUNCTION = `
create or replace function locking_transfer(
  p_principal text, p_key uuid, p_hash uuid, p_id uuid, p_source bigint, p_target bigint, p_amount bigint, p_answer text
) returns text language plpgsql as $$
declare s account; t account; stored text;
begin
  insert into idempotency (id, request_hash, digest, transaction_id, status, answer, at)
    values (p_key, p_hash, p_hash, p_id, 200, p_answer, clock_timestamp()) on conflict do nothing;
  if not found then
    select answer into stored from idempotency where id = p_key;
    return stored;
  end if;
  perform 1 from account where id in (p_source, p_target) order by id for no key update;
  select * into s from account where id = p_source;
  select * into t from account where id = p_target;
  if s.asset_id <> t.asset_id or s.status <> 0 or t.status = 2 then raise exception 'refused'; end if;
  if s.balance - s.held - p_amount < s.lower or t.balance + t.incoming + p_amount > t.upper then raise exception 'refused'; end if;
  insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
    values (p_id, 0, clock_timestamp(), p_hash, 0, 'payments', p_principal, '{"description":"coffee and cake"}');
  insert into transfer (transaction_id, amount, source, target, asset_id, leg)
    values (p_id, p_amount, p_source, p_target, s.asset_id, 0);
  insert into entry (account_id, seq, amount, balance, at, transaction_id, leg) values
    (p_source, s.entries + 1, -p_amount, s.balance - p_amount, clock_timestamp(), p_id, 0),
    (p_target, t.entries + 1, p_amount, t.balance + p_amount, clock_timestamp(), p_id, 0);
  update account set balance = balance - p_amount, entries = entries + 1, changed_at = clock_timestamp() where id = p_source;
  update account set balance = balance + p_amount, entries = entries + 1, changed_at = clock_timestamp() where id = p_target;
  return p_answer;
end $$`

/** Between accounts of its own: the ledger would take it for another server on its accounts, and lock them first for a second after. */
async function lockingTransfers(
  connection: DatabaseConnection,
  count: number,
  clients: number,
  pick: () => [number, number],
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new pg.Client({ ...connection })
      await client.connect()
      return client
    }),
  )
  let sent = 0
  const start = performance.now()
  await Promise.all(
    connections.map(async (client) => {
      while (sent < count) {
        sent++
        const id = uuidV7(Date.now())
        const [source, target] = pick()
        await client.query({
          name: 'locking',
          text: 'select locking_transfer($1, $2, $3, $4, $5, $6, $7, $8)',
          values: ['client:bench', id, id, id, ACCOUNTS + source, ACCOUNTS + target, 125, ANSWER.body],
        })
      }
    }),
  )
  const rate = count / ((performance.now() - start) / 1000)
  await Promise.all(connections.map((client) => client.end()))
  return rate
}

async function measureBytes(db: ReturnType<typeof openDatabase>, say: Bench['say']): Promise<void> {
  const [{ n } = { n: 1n }] = await db.query<{ n: bigint }>('select count(*) as n from transfer')
  const rows = await db.query<{ relname: string; bytes: bigint }>(
    `select relname, pg_total_relation_size(oid) as bytes from pg_class
     where relname in ('transfer', 'entry', 'transaction', 'idempotency', 'journal', 'account')`,
  )
  const per = Object.fromEntries(rows.map(({ relname, bytes }) => [relname, Number(bytes) / Number(n)]))
  const sum = (...names: string[]) => names.reduce((total, name) => total + (per[name] ?? 0), 0)
  say(line('bytes per transfer: transfer and entries', round(sum('transfer', 'entry')), 'bar 500'))
  say(line('bytes per transfer: idempotency', round(sum('idempotency')), 'bar 550'))
  say(line('bytes per transfer: all tables', round(sum(...Object.keys(per)))))
}
