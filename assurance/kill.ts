import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBank } from './support/bank.ts'
import { startCardSale } from './support/cards.ts'
import { createCleanup } from './support/cleanup.ts'
import { killOnce, type Recoveries, silenceOf, tell, victimOf } from './support/killing.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { openPlace } from './support/place.ts'
import { verify } from './support/verify.ts'
import { startWatch } from './support/watch.ts'

// `node bin/run.mjs assurance/kill.ts --cycles 200 --minutes 30`: kill -9 of servers and of PostgreSQL under load. Exit status 1: a promise was broken.

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    callers: { type: 'string', default: '20' },
    pause: { type: 'string', default: '25' },
    minutes: { type: 'string', default: '60' },
  },
})

const cleanup = createCleanup()
const late = () => performance.now() - started > Number(values.minutes) * 60_000
const started = performance.now()
try {
  const own = await startOwnEngine()
  cleanup.later(own.stop)
  const place = await openPlace({ home: own.home, connection: own.engine.connection })
  cleanup.later(place.stop)
  const watch = startWatch(place.db)
  const cards = await startCardSale(place)
  const bank = startBank(place, { callers: Number(values.callers), pause: Number(values.pause) })
  const recoveries: Recoveries = { server: [], database: [], everything: [] }
  const silences: Recoveries = { server: [], database: [], everything: [] }
  for (let cycle = 1; cycle <= Number(values.cycles) && !late(); cycle++) {
    await delay(200 + Math.random() * 600)
    const victim = victimOf(cycle)
    const killed = performance.now()
    recoveries[victim].push(await killOnce(place, own.engine, victim, cycle))
    await delay(100)
    silences[victim].push(silenceOf(bank, killed, performance.now()))
    if (cycle % 10 === 0) console.log(`${cycle} cycles, ${bank.wishes.size} wishes, ${cards.orders.length} cards`)
  }
  await Promise.all([bank.finish(), cards.finish()])
  await watch.stop()
  const verdict = await verify(place, bank)
  const sale = await cards.verify()
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const wrong = [...verdict.wrong, ...sale.wrong, ...watch.broken]
  console.log({ ...verdict, wrong: verdict.wrong.length, snapshots: watch.snapshots, seconds })
  console.log('cards', { ...sale, wrong: sale.wrong.length })
  for (const victim of ['server', 'database', 'everything'] as const) {
    console.log(`kill -9 of ${victim}: first answer of what was killed: ${tell(recoveries[victim])}`)
    console.log(`  longest time without any answered payment: ${tell(silences[victim])}`)
  }
  for (const line of wrong.slice(0, 20)) console.log(line)
  process.exitCode = wrong.length === 0 && verdict.lost + verdict.doubled + sale.lost + sale.doubled === 0 ? 0 : 1
} finally {
  await cleanup.run()
}
