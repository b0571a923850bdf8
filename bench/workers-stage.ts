import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { DatabaseConnection } from '../src/storage/database.ts'
import { BENCH_KEY, runLoadProcess, startServer } from './orders.ts'
import { type Bench, createStealMeter, line, median, round, times } from './report.ts'

const WALLETS = 1_000
const PORT = 9_780
const COUNTS = [1, 2]

/** Signed payments by one process and by two (`--workers 2`), in turn, on one database. */
export async function measureWorkers({ database, quick, say }: Bench): Promise<void> {
  const seconds = quick ? 4 : 10
  const pairs = quick ? 2 : 5
  const connection = await database.create('workers')
  // Opens the wallets, and stays beside the others without a caller: its sandbox file is theirs.
  const base = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
  const home = await mkdtemp(join(tmpdir(), 'billfold-bench-workers-'))
  const servers: Serving[] = []
  try {
    for (const workers of COUNTS) servers.push(await serve({ connection, home, workers, port: PORT + workers }))
    const load = (port: number, looks = seconds) =>
      runLoadProcess({
        port,
        sandbox: base.sandbox,
        kind: 'payments',
        hot: false,
        wallets: WALLETS,
        connections: 256,
        seconds: looks,
      })
    for (const { port } of servers) await load(port, 4)
    const steal = createStealMeter()
    const rates = servers.map((): number[] => [])
    const slow = servers.map((): number[] => [])
    for (let pair = 0; pair < pairs; pair++) {
      for (const [index, { port }] of servers.entries()) {
        await database.settle()
        const { perSecond, p99, statuses } = await load(port)
        if (Object.keys(statuses).some((status) => status !== '200'))
          throw new Error(`not all were answered with 200: ${JSON.stringify(statuses)}`)
        rates[index]?.push(perSecond)
        slow[index]?.push(p99)
      }
      say(
        `  pair ${pair + 1}: ${rates.map((of) => `${round(of[pair] as number)}/s`).join(' by one, ')} by two, steal ${(steal() * 100).toFixed(1)} %`,
      )
    }
    const [one = [], two = []] = rates
    say(line('payments, one process, 256 connections', `${round(median(one))}/s`))
    say(line('payments, --workers 2, 256 connections', `${round(median(two))}/s`))
    const ratios = two.map((rate, pair) => rate / (one[pair] as number))
    say(line('  two against one, median of the pairs', times(median(ratios))))
    say(line('p99 at full load, one; two', `${slow.map((of) => median(of).toFixed(1)).join('; ')} ms`))
  } finally {
    for (const server of servers) await server.stop()
    await base.stop()
    await rm(home, { recursive: true, force: true })
  }
}

type Serving = { readonly port: number; stop(): Promise<void> }

type ServeOptions = { connection: DatabaseConnection; home: string; workers: number; port: number }

/** `billfold serve --workers N`, as an operator starts it. */
async function serve({ connection, home, workers, port }: ServeOptions): Promise<Serving> {
  const { host, user, database } = connection
  const url = `postgres://${encodeURIComponent(user)}@localhost:${connection.port}/${database}?host=${encodeURIComponent(host)}`
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)), 'serve', '--workers', String(workers)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        BILLFOLD_MODE: 'sandbox',
        BILLFOLD_KEY: BENCH_KEY,
        BILLFOLD_HOME: home,
        DATABASE_URL: url,
        PORT: String(port),
        // The tokens that the load gets are for the server that filled the sandbox.
        BILLFOLD_PUBLIC_URL: `http://127.0.0.1:${port}`,
      },
    },
  )
  await ready(child, port)
  return {
    port,
    async stop() {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function ready(child: ChildProcess, port: number): Promise<void> {
  const until = Date.now() + 30_000
  while (child.exitCode === null && Date.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.status === 200) return
    await delay(50)
  }
  throw new Error('the server did not get ready')
}
