import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Bank, startBank } from './support/bank.ts'
import { startCardSale } from './support/cards.ts'
import { createCleanup } from './support/cleanup.ts'
import { silenceOf } from './support/killing.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { openPlace } from './support/place.ts'
import * as trouble from './support/trouble.ts'
import { verify } from './support/verify.ts'
import { startWatch } from './support/watch.ts'

// `node bin/run.mjs assurance/faults.ts --times 40`: what can go wrong between servers and database, under load. `--only cut` tries
// those whose names begin so, `--rounds 10` all of them so often. Exit status 1: a promise was broken.

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const times = Number(values.times)

const cleanup = createCleanup()
try {
  const own = await startOwnEngine()
  cleanup.later(own.stop)
  const ways = [await trouble.openWay(own.engine.connection), await trouble.openWay(own.engine.connection)]
  for (const way of ways) cleanup.later(way.close)
  const connections = ways.map(({ connection }) => connection)
  const place = await openPlace({ home: own.home, connection: own.engine.connection, ways: connections })
  cleanup.later(place.stop)
  const world = { place, ways }
  const troubles: Record<string, () => Promise<unknown>> = {
    'cut before COMMIT arrives': () => trouble.cutAtCommits(world, 'before-commit', times),
    'cut after COMMIT, before its answer': () => trouble.cutAtCommits(world, 'after-commit', times),
    'answers 150 ms late each way': () => trouble.spoilLines(world, { late: 150 }, 5_000),
    'connections refused for 3 s': () => trouble.spoilLines(world, 'refused', 3_000),
    'half-open for 15 s': () => trouble.spoilLines(world, 'silent', 15_000),
    deadlocks: () => trouble.deadlock(world, times / 2),
    'statements cancelled': () => trouble.interruptLedgers(world, 'cancel', times * 2),
    'connections ended by PostgreSQL': () => trouble.interruptLedgers(world, 'terminate', times),
    'accounts locked for 7 s': () => trouble.holdAccounts(world, 7_000),
    'every pooled connection waits for 4 s': () => trouble.exhaustPools(world, 4_000),
    'no connection left in PostgreSQL for 4 s': () => trouble.exhaustServer(world, 4_000),
  }
  const watch = startWatch(place.db)
  const cards = await startCardSale(place, { buyers: 2, timeout: 5_000 })
  const bank = startBank(place, { timeout: 5_000, pause: 25 })
  const chosen = Object.entries(troubles).filter(([name]) => name.startsWith(values.only))
  for (const [name, make] of Array.from({ length: Number(values.rounds) }, () => chosen).flat()) {
    await delay(500)
    const from = performance.now()
    const found = await make()
    const ended = performance.now()
    // Each server by itself: the other one would hide it.
    const probes = await Promise.all(place.urls.map((_, i) => probe(bank, i, ended)))
    const back = Math.max(...probes.map(({ back }) => back))
    const slowest = Math.max(...probes.map(({ slowest }) => slowest))
    await delay(200)
    const silence = Math.round(silenceOf(bank, from, performance.now()))
    const extra = found === undefined ? '' : `, ${JSON.stringify(found)}`
    console.log(
      `${name}: silent for ${silence} ms at most, both back ${back} ms after it, slowest answer since ${slowest} ms${extra}`,
    )
  }
  await Promise.all([bank.finish(), cards.finish()])
  await watch.stop()
  const verdict = await verify(place, bank)
  const sale = await cards.verify()
  const wrong = [...verdict.wrong, ...sale.wrong, ...watch.broken]
  console.log({ ...verdict, wrong: verdict.wrong.length, snapshots: watch.snapshots })
  console.log('cards', { ...sale, wrong: sale.wrong.length })
  for (const line of wrong.slice(0, 20)) console.log(line)
  process.exitCode = wrong.length === 0 && verdict.lost + verdict.doubled + sale.lost + sale.doubled === 0 ? 0 : 1
} finally {
  await cleanup.run()
}

/**
 * Asks one server for decisions, one request after the other without waiting for the one before: one that hangs must not hide when
 * the server is back, nor one that comes through the one that hangs.
 * @returns ms since then until one was decided, and what the slowest of the first five seconds took
 */
async function probe(bank: Bank, server: number, since: number): Promise<{ back: number; slowest: number }> {
  const asked: Promise<void>[] = []
  let [back, slowest] = [Number.POSITIVE_INFINITY, 0]
  const ask = async () => {
    const from = performance.now()
    const decided = await bank.decides(server, 60_000)
    slowest = Math.max(slowest, Math.round(performance.now() - from))
    if (decided) back = Math.min(back, Math.round(performance.now() - since))
  }
  while (back === Number.POSITIVE_INFINITY || performance.now() - since < 5_000) {
    if (performance.now() - since > 120_000) throw new Error(`server ${server} did not come back within two minutes`)
    asked.push(ask())
    await delay(200)
  }
  await Promise.all(asked)
  return { back, slowest }
}
