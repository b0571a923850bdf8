import type { LoadResult } from './http-load.ts'
import { type BenchServer, type LoadOrder, runLoadProcess, startServer } from './orders.ts'
import { findPgbench, initPgbench, runPgbench } from './pgbench.ts'
import { type Bench, createStealMeter, line, median, round, times } from './report.ts'

const WALLETS = 1_000
const PORT = 9_750

/** Signed payments over HTTP beside TPC-B, on one PostgreSQL, interleaved; medians of the pairs. */
export async function measureHttp(bench: Bench): Promise<void> {
  const { database, quick, say } = bench
  const seconds = quick ? 4 : 10
  const pairs = quick ? 2 : 5
  const connection = await database.create('payments')
  const server = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
  const load = (order: Partial<LoadOrder> = {}) => payments(server, { seconds, ...order })
  try {
    const version = await findPgbench()
    const tpcb = version ? await database.createEmpty('tpcb') : null
    if (tpcb) {
      say(`yardstick: ${version}, -s ${quick ? 20 : 100} -M prepared -c 32 -j 2`)
      await initPgbench(tpcb, quick ? 20 : 100)
      await runPgbench(tpcb, seconds)
    } else say('pgbench is not installed: rates only, no ratio to TPC-B is claimed')
    await load({ seconds: quick ? 4 : 12 })

    const steal = createStealMeter()
    const rates: number[] = []
    const yardstick: number[] = []
    for (let pair = 0; pair < pairs; pair++) {
      await database.settle()
      if (tpcb) yardstick.push(await runPgbench(tpcb, seconds))
      await database.settle()
      rates.push((await load()).perSecond)
      say(
        `  pair ${pair + 1}: payments ${round(rates.at(-1) as number)}/s, TPC-B ${round(yardstick.at(-1) ?? 0)}/s, steal ${(steal() * 100).toFixed(1)} %`,
      )
    }
    const spread = median(rates)
    say(line('payments, spread, 256 connections', `${round(spread)}/s`))
    if (tpcb) {
      const ratios = rates.map((rate, i) => rate / (yardstick[i] as number))
      say(line('  against TPC-B, median of the pairs', times(median(ratios)), 'bar 2 ×, aim 2.5 ×'))
      // Else the vacuum of what it has left behind would fall into what is measured next.
      await database.drop('tpcb')
    }
    const hot: number[] = []
    const beside: number[] = []
    for (let pair = 0; pair < 3; pair++) {
      hot.push((await load({ hot: true })).perSecond)
      beside.push((await load()).perSecond)
    }
    say(line('payments into one hot wallet, 256 connections', `${round(median(hot))}/s`))
    say(line('  against spread', times(median(hot) / median(beside)), 'bar 0.9 ×'))
    say(line('payments, spread, 64 connections', `${round((await load({ connections: 64 })).perSecond)}/s`))
    say(line('payments, hot, 64 connections', `${round((await load({ connections: 64, hot: true })).perSecond)}/s`))
    await measureHalf(bench, spread / 2, load)
    const grants = await load({ kind: 'token', connections: 32 })
    say(line('client-credential grants', `${round(grants.perSecond)}/s`, 'bar 1,500/s'))
    await compareWithoutDatabase(bench, seconds, load)
  } finally {
    await server.stop()
  }
}

/** Single stalls of the machine decide a p99 of ten seconds: several looks, of which the median counts. */
async function measureHalf(
  { database, quick, say }: Bench,
  rate: number,
  load: (order: Partial<LoadOrder>) => Promise<LoadResult>,
): Promise<void> {
  const ms = (value: number) => `${value.toFixed(1)} ms`
  for (const connections of [64, 256]) {
    const looks: LoadResult[] = []
    for (let look = 0; look < (quick ? 3 : 7); look++) {
      await database.settle()
      looks.push(await load({ connections, rate }))
    }
    const p99 = ms(median(looks.map((look) => look.p99)))
    say(line(`p99 at half of the top rate, ${connections} connections`, p99, 'bar 25 ms'))
    say(`  looks: ${looks.map((look) => ms(look.p99)).join(', ')}`)
    say(line('  median of all', ms(median(looks.map(({ p50 }) => p50)))))
  }
}

/** The same routes, checks and serialisation, with the store a map. */
async function compareWithoutDatabase(
  { database, say }: Bench,
  seconds: number,
  load: () => Promise<LoadResult>,
): Promise<void> {
  const connection = await database.create('no_database')
  const server = await startServer({ store: 'memory', port: PORT + 1, connection, wallets: WALLETS })
  try {
    await payments(server, { seconds: 4 })
    const ratios: number[] = []
    const bare: number[] = []
    for (let pair = 0; pair < 3; pair++) {
      const rate = (await load()).perSecond
      bare.push((await payments(server, { seconds })).perSecond)
      ratios.push(rate / (bare.at(-1) as number))
    }
    say(line('payments without a database', `${round(median(bare))}/s`))
    say(line('  with a database, against without', times(median(ratios)), 'bar 0.45 ×'))
  } finally {
    await server.stop()
  }
}

async function payments(server: BenchServer, order: Partial<LoadOrder>): Promise<LoadResult> {
  const { port, sandbox } = server
  const result = await runLoadProcess({
    port,
    sandbox,
    kind: 'payments',
    hot: false,
    wallets: WALLETS,
    connections: 256,
    seconds: 10,
    ...order,
  })
  const failed = Object.entries(result.statuses).filter(([status]) => status !== '200')
  if (failed.length > 0) throw new Error(`not all were answered with 200: ${JSON.stringify(result.statuses)}`)
  return result
}
