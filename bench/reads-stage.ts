import { openDatabase } from '../src/storage/database.ts'
import { runLoadProcess, startServer } from './orders.ts'
import { type Bench, line, median, round, times } from './report.ts'

const WALLETS = 100
const PORT = 9_760

/** Balance and history over HTTP at growing sizes of the entry table; the bar is a flat line. */
export async function measureReads({ database, quick, huge, say }: Bench): Promise<void> {
  const sizes = quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, ...(huge ? [10_000_000] : [])]
  const seconds = quick ? 3 : 6
  const first: Record<string, number> = {}
  for (const entries of sizes) {
    const connection = await database.create(`reads_${entries}`)
    const server = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
    const db = openDatabase(connection, { connections: 1 })
    try {
      await grow(db, entries)
      for (const kind of ['balance', 'history'] as const) {
        const order = { port: PORT, sandbox: server.sandbox, kind, hot: false, wallets: WALLETS, connections: 64 }
        await runLoadProcess({ ...order, seconds: 2 })
        const rates: number[] = []
        for (let run = 0; run < 3; run++) rates.push((await runLoadProcess({ ...order, seconds })).perSecond)
        const rate = median(rates)
        first[kind] ??= rate
        say(
          line(
            `${kind} at ${entries.toLocaleString('en')} entries`,
            `${round(rate)}/s`,
            `${times(rate / first[kind])} of the smallest, bar 0.95 ×`,
          ),
        )
      }
    } finally {
      await db.close()
      await server.stop()
    }
  }
}

/** Rows as payments would leave them, written by one statement per table: reads cannot tell the difference. */
async function grow(db: ReturnType<typeof openDatabase>, entries: number): Promise<void> {
  const rounds = Math.ceil(entries / WALLETS)
  await db.query(`create temp table ring as
    select a.id, coalesce(lead(a.id) over (order by a.id), first_value(a.id) over (order by a.id)) as next
    from account a join wallet w on w.id = a.id
    where w.namespace = 'us' and w.number like '70000000%' order by a.id limit ${WALLETS}`)
  // Ids like the server's: their first half is the time, so what happened together lies together.
  await db.query(`create temp table made as
    select (lpad(to_hex((extract(epoch from m.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' ||
      substr(md5(random()::text), 1, 15))::uuid as tx, m.*
    from (
      select r.id as source, r.next as target, n, timestamptz '2026-01-01' + n * interval '1 second' as at
      from generate_series(1, ${Math.ceil(rounds / 2)}) n, ring r order by n
    ) as m`)
  await db.query(`insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
    select tx, 0, at, tx, 0, 'payments', 'client:bench', '{"description":"coffee and cake"}' from made`)
  await db.query(`insert into transfer (transaction_id, amount, source, target, asset_id, leg)
    select tx, 125, source, target, (select asset_id from account where id = source), 0 from made`)
  await db.query(`insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
    select source, 2 * n - 1, -125, -125, at, tx, 0 from made union all select target, 2 * n, 125, 0, at, tx, 0 from made`)
  await db.query('update account set entries = (select max(n) * 2 from made) where id in (select id from ring)')
  await db.query('vacuum analyze')
}
