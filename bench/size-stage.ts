import { periodAt } from '../src/domain/statement.ts'
import { audit } from '../src/ledger/audit.ts'
import { drawStatement } from '../src/operations/statements/draw-statement.ts'
import { createSumAhead } from '../src/operations/statements/sum-ahead.ts'
import { type Database, openDatabase } from '../src/storage/database.ts'
import { listMovements } from '../src/storage/statement-lines.ts'
import { growEntries, growWallets, journalKeyOf } from './grow.ts'
import { type BenchServer, runLoadProcess, startServer } from './orders.ts'
import { type Bench, line, median, round, times } from './report.ts'

const WALLETS = 100
const PORT = 9_770
const PAGE = 50

type Figure = { readonly what: string; readonly value: number; readonly show: string; readonly bar?: string }

/** What things cost as the books grow: each figure beside that of the smallest size, all in one run. */
export async function measureSize(bench: Bench): Promise<void> {
  const { quick, huge, say } = bench
  const entries = quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000, ...(huge ? [10_000_000] : [])]
  await compare(say, 'entries', entries, async (count) => {
    const { db, server, stop } = await open(bench, `size_entries_${count}`, WALLETS)
    try {
      const heavy = await growEntries(db, { entries: count, wallets: WALLETS })
      const statement = await statements(db, heavy, quick ? 20 : 100)
      const audited = await audits(db)
      return [...(await payments(bench, server, WALLETS, quick ? 3 : 8)), ...statement, audited]
    } finally {
      await stop()
    }
  })
}

/** Payments between any two of more and more wallets, also in one run. */
export async function measureWallets(bench: Bench): Promise<void> {
  const { quick, say } = bench
  const wallets = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000]
  await compare(say, 'wallets', wallets, async (count) => {
    const { db, server, stop } = await open(bench, `size_wallets_${count}`, Math.min(count, 1_000))
    try {
      await growWallets(db, { from: 1_000, to: count })
      return await payments(bench, server, count, quick ? 3 : 8)
    } finally {
      await stop()
    }
  })
}

async function compare(
  say: (text: string) => void,
  unit: string,
  sizes: readonly number[],
  measure: (size: number) => Promise<Figure[]>,
): Promise<void> {
  const smallest = new Map<string, number>()
  for (const size of sizes) {
    for (const { what, value, show, bar = '' } of await measure(size)) {
      const first = smallest.get(what) ?? value
      smallest.set(what, first)
      say(
        line(
          `${what} at ${size.toLocaleString('en')} ${unit}`,
          show,
          `${times(value / first)} of the smallest${bar && `, ${bar}`}`,
        ),
      )
    }
  }
}

async function open({ database }: Bench, name: string, wallets: number) {
  const connection = await database.create(name)
  const server = await startServer({ store: 'postgres', port: PORT, connection, wallets })
  const db = openDatabase(connection, { connections: 1 })
  return {
    db,
    server,
    async stop() {
      await db.close()
      await server.stop()
    },
  }
}

/** Signed payments between wallets that are chosen anew for each: of a million most are met for the first time. */
async function payments({ database }: Bench, server: BenchServer, wallets: number, seconds: number): Promise<Figure[]> {
  const order = {
    port: PORT,
    sandbox: server.sandbox,
    kind: 'payments',
    hot: false,
    wallets,
    connections: 256,
  } as const
  await runLoadProcess({ ...order, seconds: 2 })
  const rates: number[] = []
  for (let run = 0; run < 3; run++) {
    await database.settle()
    rates.push((await runLoadProcess({ ...order, seconds })).perSecond)
  }
  const rate = median(rates)
  return [{ what: 'payments', value: rate, show: `${round(rate)}/s`, bar: 'bar 0.95 ×' }]
}

/** Of an account that has a share of all entries: the first look at a month, the next ones, and a page of its lines in the midst. */
async function statements(db: Database, account: bigint, looks: number): Promise<Figure[]> {
  const [last] = await db.query<{ seq: bigint; at: Date }>(
    'select seq, at from entry where account_id = $1 order by seq desc limit 1',
    [account],
  )
  const { seq, at } = last as NonNullable<typeof last>
  const ahead = createSumAhead(db, 0)
  while ((await ahead()) > 0);
  const month = periodAt(at, 'month')
  const draw = () => timed(() => drawStatement(db, account, month, Date.now()))
  const first = await draw()
  const again: number[] = []
  const pages: number[] = []
  for (let look = 0; look < looks; look++) {
    again.push(await draw())
    const from = 1n + (seq * BigInt(look)) / BigInt(looks)
    pages.push(await timed(() => listMovements(db, account, { first: from, last: seq }, PAGE)))
  }
  const ms = (what: string, value: number): Figure => ({ what, value, show: `${value.toFixed(1)} ms` })
  return [
    ms("first look at a month's statement", first),
    ms("a month's statement", median(again)),
    ms(`page of ${PAGE} lines`, median(pages)),
  ]
}

async function audits(db: Database): Promise<Figure> {
  const journalKey = await journalKeyOf(db)
  const began = performance.now()
  const { clean, counts } = await audit(db, { journalKey })
  if (!clean) throw new Error('the books are not clean')
  const micros = ((performance.now() - began) * 1_000) / counts.entries
  return { what: 'audit, per entry', value: micros, show: `${micros.toFixed(1)} µs` }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
