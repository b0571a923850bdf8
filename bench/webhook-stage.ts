import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SandboxFile } from '../src/operations/fill-sandbox.ts'
import { type Database, openDatabase } from '../src/storage/database.ts'
import { type BenchServer, benchWallet, runLoadProcess, startServer } from './orders.ts'
import { type Bench, createStealMeter, line, median, round, times } from './report.ts'

const WALLETS = 1_000
const PORT = 9_790
const EVENTS = 10_000
/** What the slow receiver takes for each answer; ms. */
const SLOW = 200

/**
 * Signed payments while 10,000 events go to a slow receiver, beside payments while nothing waits, interleaved. Then, without a bar,
 * payments of which each is told to both of its wallets' owners.
 */
export async function measureWebhooks(bench: Bench): Promise<void> {
  const { quick, say } = bench
  const connection = await bench.database.create('webhooks')
  const server = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
  const receiver = await startSlowReceiver()
  const db = openDatabase(connection, { connections: 1 })
  try {
    const sandbox = JSON.parse(await readFile(server.sandbox, 'utf8')) as SandboxFile
    const admin = createAdmin(server.port, sandbox.operator.api_key)
    const { party_id } = await admin('GET', `/wallets/${benchWallet(0)}`)
    // Filters that no payment meets: what waits was there before.
    const slow = await admin('POST', '/webhooks', { party_id, url: receiver.url, topics: ['stock.low'] })
    const load = () => payments(server, quick ? 4 : 10)
    await load()
    const steal = createStealMeter()
    const alone: number[] = []
    const beside: number[] = []
    for (let pair = 0; pair < (quick ? 2 : 5); pair++) {
      await db.query('truncate delivery, delivery_attempt')
      await bench.database.settle()
      alone.push(await load())
      await queueEvents(db, slow.id)
      const before = receiver.received()
      beside.push(await load())
      const ratio = (beside.at(-1) as number) / (alone.at(-1) as number)
      const taken = receiver.received() - before
      say(`  pair ${pair + 1}: ${times(ratio)}, ${taken} events taken meanwhile, steal ${(steal() * 100).toFixed(1)} %`)
    }
    await db.query('truncate delivery, delivery_attempt')
    const ratios = beside.map((rate, i) => rate / (alone[i] as number))
    say(line('payments, nothing waits', `${round(median(alone))}/s`))
    say(line(`payments, ${round(EVENTS)} events to a slow receiver`, `${round(median(beside))}/s`))
    say(line('  against nothing', times(median(ratios)), 'bar 0.9 ×'))
    await admin('PATCH', `/webhooks/${slow.id}`, { topics: ['wallet.*'] })
    const told = await load()
    const [row] = await db.query<{ count: number }>('select count(*)::int as count from delivery')
    say(line('payments that are all told', `${round(told)}/s`))
    say(line('  against payments that are not', times(told / median(alone))))
    say(line('  events written meanwhile', round(row?.count ?? 0)))
  } finally {
    await db.close()
    await server.stop()
    receiver.close()
  }
}

async function payments(server: BenchServer, seconds: number): Promise<number> {
  const { port, sandbox } = server
  const order = { port, sandbox, kind: 'payments', hot: false, wallets: WALLETS, connections: 256, seconds } as const
  const result = await runLoadProcess(order)
  const failed = Object.entries(result.statuses).filter(([status]) => status !== '200')
  if (failed.length > 0) throw new Error(`not all were answered with 200: ${JSON.stringify(result.statuses)}`)
  return result.perSecond
}

/** As many events as the bar names, each of an object of its own, so that none waits for another. */
async function queueEvents(db: Database, receiver: string): Promise<void> {
  await db.query(
    `insert into delivery (id, form, receiver, object, topic, body, created_at, next_attempt_at)
     select gen_random_uuid(), 'webhook', $1, 'stock:' || n, 'stock.low',
       '{"type":"stock.low","timestamp":"2026-01-01T00:00:00.000Z","data":{"object":"stock:' || n || '","sequence":1}}', now(), now()
     from generate_series(1, $2::int) as n`,
    [receiver, EVENTS],
  )
}

async function startSlowReceiver() {
  let received = 0
  const server = createServer((request, response) => {
    received++
    request.resume()
    setTimeout(() => response.writeHead(204).end(), SLOW)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: () => received,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function createAdmin(port: number, key: string) {
  return async (method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return (await response.json()) as { id: string; party_id: string }
  }
}
