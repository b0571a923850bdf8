import { readFile } from 'node:fs/promises'
import type { SandboxFile } from '../src/operations/fill-sandbox.ts'
import { type BenchServer, type LoadOrder, runLoadProcess, startServer } from './orders.ts'
import { type Bench, createStealMeter, line, median, round, times } from './report.ts'
import { importCodes } from './stock-import.ts'

const WALLETS = 1_000
const PORT = 9_780

/** Cards are bought for this much; the sandbox's floats would last for seconds. */
const FLOAT = '500000000.00'

const OWN = {
  walleo: { what: 'POST /partners/v1/cards', brand: { code: 'IKEAFR', value: 5, currency: 'EUR' } },
  tillo: { what: 'POST /api/v2/digital/issue', brand: { code: 'amazon', value: 5, currency: 'GBP' } },
} as const

/**
 * Cards of own supply through both protocols beside signed payments, interleaved; the import of a million codes; what one card
 * from stock costs, beside one from a stock of a hundredth.
 */
export async function measureGiftCards(bench: Bench): Promise<void> {
  const connection = await bench.database.create('gift_cards')
  const server = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
  try {
    const sandbox = JSON.parse(await readFile(server.sandbox, 'utf8')) as SandboxFile
    const admin = createAdmin(server.port, sandbox.operator.api_key)
    for (const currency of ['EUR', 'GBP'])
      await admin(`/partners/sandbox/floats/${currency}/fund`, { source: `bank:partners:${currency}`, amount: FLOAT })
    await compareWithPayments(bench, server)
    await measureStock(bench, server, admin)
  } finally {
    await server.stop()
  }
}

async function compareWithPayments({ database, quick, say }: Bench, server: BenchServer): Promise<void> {
  const seconds = quick ? 3 : 8
  const rounds = quick ? 2 : 5
  const kinds = ['walleo', 'tillo'] as const
  const buy = (kind: (typeof kinds)[number], connections: number, time = seconds) =>
    load(server, { kind, connections, seconds: time, brand: OWN[kind].brand })
  await load(server, { kind: 'payments', seconds: quick ? 2 : 8 })
  for (const kind of kinds) await buy(kind, 64, 2)

  const steal = createStealMeter()
  for (const connections of [64, 256]) {
    const ratios = { walleo: [] as number[], tillo: [] as number[] }
    const rates = { walleo: [] as number[], tillo: [] as number[] }
    const payments: number[] = []
    for (let at = 0; at < rounds; at++) {
      await database.settle()
      const paid = (await load(server, { kind: 'payments', connections, seconds })).perSecond
      payments.push(paid)
      for (const kind of kinds) {
        await database.settle()
        const { perSecond } = await buy(kind, connections)
        rates[kind].push(perSecond)
        ratios[kind].push(perSecond / paid)
      }
      const last = kinds.map((kind) => `${kind} ${round(rates[kind][at] as number)}/s`).join(', ')
      say(`  round ${at + 1}: payments ${round(paid)}/s, ${last}, steal ${(steal() * 100).toFixed(1)} %`)
    }
    say(line(`payments, ${connections} connections`, `${round(median(payments))}/s`))
    for (const kind of kinds) {
      say(line(`${OWN[kind].what}, ${connections} connections`, `${round(median(rates[kind]))}/s`))
      say(line('  against payments, median of the rounds', times(median(ratios[kind])), 'bar 0.5 ×'))
    }
  }
}

/** The cards of one look at a stock; as many codes are imported again after it. */
const SALES = { quick: 500, whole: 3_000 }

async function measureStock({ database, quick, say }: Bench, server: BenchServer, admin: Admin): Promise<void> {
  const sizes = { small: 10_000, large: quick ? 50_000 : 1_000_000 }
  const sales = quick ? SALES.quick : SALES.whole
  const kinds = ['small', 'large'] as const
  const fill = (kind: (typeof kinds)[number], codes: number) =>
    importCodes(server.connection, { brand: `bench-${kind}`, codes, value: '10.00' })
  const party = await admin('/parties', { kind: 'business', name: 'Bench brands' })
  for (const kind of kinds) {
    const slug = `bench-${kind}`
    const values = { type: 'fixed', values: ['10.00'] }
    const brand = { slug, name: slug, currency: 'GBP', values, supply: 'stock', discount: 5, codes: { tillo: slug } }
    await admin('/brands', { ...brand, party_id: party.id })
    const { seconds, memory } = await fill(kind, sizes[kind])
    if (kind === 'large') {
      say(line(`import of ${round(sizes.large)} codes`, `${seconds.toFixed(1)} s`, 'bar 120 s, of a million'))
      say(line('  most memory of the importing process', `${Math.round(memory / 2 ** 20)} MB`, 'bar 300 MB'))
    }
  }
  const buy = (kind: (typeof kinds)[number]) =>
    load(server, {
      kind: 'tillo',
      connections: 32,
      seconds: 120,
      requests: sales,
      brand: { code: `bench-${kind}`, value: 10, currency: 'GBP' },
    })
  const rates = { small: [] as number[], large: [] as number[] }
  const ratios: number[] = []
  for (let at = 0; at <= (quick ? 2 : 9); at++) {
    // In turns, so that neither always comes first.
    for (const kind of at % 2 === 0 ? kinds : kinds.toReversed()) {
      await database.settle()
      const { perSecond } = await buy(kind)
      await fill(kind, sales)
      // The first look is the warm-up.
      if (at > 0) rates[kind].push(perSecond)
    }
    if (at > 0) ratios.push((rates.large.at(-1) as number) / (rates.small.at(-1) as number))
  }
  for (const kind of kinds)
    say(line(`issues from a stock of ${round(sizes[kind])} codes`, `${round(median(rates[kind]))}/s`))
  say(line('  the large against the small, median of the rounds', times(median(ratios)), 'bar 0.95 ×'))
}

async function load(server: BenchServer, order: Partial<LoadOrder> & Pick<LoadOrder, 'kind'>) {
  const { port, sandbox } = server
  const rest = { hot: false, wallets: WALLETS, connections: 256, seconds: 8, ...order }
  const result = await runLoadProcess({ port, sandbox, ...rest })
  const failed = Object.entries(result.statuses).filter(([status]) => !/^20[01]$/.test(status))
  if (failed.length > 0) throw new Error(`not all were answered with 200: ${JSON.stringify(result.statuses)}`)
  return result
}

type Admin = (path: string, input?: object) => Promise<Record<string, unknown>>

function createAdmin(port: number, apiKey: string): Admin {
  return async (path, input) => {
    const answer = await fetch(`http://127.0.0.1:${port}/admin/v1${path}`, {
      method: input ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(input && { body: JSON.stringify(input) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }
}
