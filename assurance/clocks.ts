import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBank } from './support/bank.ts'
import { createCleanup } from './support/cleanup.ts'
import { silenceOf } from './support/killing.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { openPlace } from './support/place.ts'
import { askTimes, checkTimes } from './support/times.ts'
import { verify } from './support/verify.ts'
import { startWatch } from './support/watch.ts'
import { makeWrongClocks, type Who } from './support/wrong-clocks.ts'

// `node bin/run.mjs assurance/clocks.ts --times 20`: the clocks of the database and of the servers are put forth and back under load.
// Exit status 1: a promise was broken.

const { values } = parseArgs({ options: { times: { type: 'string', default: '20' } } })
const clocks = await makeWrongClocks()
if (clocks === null) throw new Error('this needs the library of faketime (Debian: libfaketime)')
const cleanup = createCleanup()
cleanup.later(clocks.remove)
const wrong: string[] = []
try {
  process.env.PATH = clocks.path
  const own = await startOwnEngine()
  cleanup.later(own.stop)
  const envs = [clocks.environment('server-0'), clocks.environment('server-1')]
  const place = await openPlace({ home: own.home, connection: own.engine.connection, envs })
  cleanup.later(place.stop)
  const watch = startWatch(place.db)
  const bank = startBank(place, { pause: 25 })
  const hour = 3600
  const jumps = [hour, -hour, 10, -10, 24 * hour, -24 * hour, 0]
  const all: Who[] = ['database', 'server-0', 'server-1']
  for (let i = 0; i < Number(values.times); i++) {
    const who = [all, ...all.map((one) => [one])][i % 4] as Who[]
    const seconds = jumps[i % jumps.length] as number
    const from = performance.now()
    for (const one of who) await clocks.set(one, seconds)
    await delay(2_500)
    const times = await askTimes(place)
    wrong.push(...times.wrong)
    const silence = Math.round(silenceOf(bank, from, performance.now()))
    console.log(
      `${who.join(', ')} by ${seconds} s: silent for ${silence} ms at most; clocks differ by ${times.seen.join(', ')} s`,
    )
  }
  for (const one of all) await clocks.set(one, 0)
  await bank.finish()
  await watch.stop()
  const verdict = await verify(place, bank)
  wrong.push(...verdict.wrong, ...watch.broken, ...(await checkTimes(place.db)))
  console.log({ ...verdict, wrong: wrong.length, snapshots: watch.snapshots })
  for (const line of wrong.slice(0, 20)) console.log(line)
  process.exitCode = wrong.length === 0 && verdict.lost + verdict.doubled === 0 ? 0 : 1
} finally {
  await cleanup.run()
}
