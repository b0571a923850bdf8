import { parseArgs } from 'node:util'
import { COUNTED, noCounts, simulate } from '../test/simulation/simulate.ts'

// `node bin/run.mjs assurance/simulate.ts --seed N` replays one life with all that happens in it; `--minutes 10` or `--seeds N`
// lives many, from `--from`.

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    from: { type: 'string', default: '1' },
  },
})

if (values.seed !== undefined) {
  const run = await simulate(Number(values.seed), {}, (line) => console.log(line))
  console.log(run)
  process.exitCode = run.violation === null ? 0 : 1
} else {
  const from = Number(values.from)
  const seeds = values.seeds === undefined ? Number.POSITIVE_INFINITY : Number(values.seeds)
  const minutes = Number(values.minutes ?? (values.seeds === undefined ? '1' : 'Infinity'))
  const started = performance.now()
  const total = noCounts()
  let lives = 0
  const broken: number[] = []
  for (let seed = from; lives < seeds && performance.now() - started < minutes * 60_000; seed++) {
    const run = await simulate(seed)
    lives++
    for (const name of COUNTED) total[name] += run.counts[name]
    if (run.violation === null) continue
    broken.push(seed)
    console.log(`seed ${seed}: ${run.violation}`)
    if (broken.length === 20) break
  }
  const cpu = process.cpuUsage()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log({
    lives,
    ...total,
    broken: broken.length,
    seconds,
    cpuSeconds: ((cpu.user + cpu.system) / 1e6).toFixed(1),
  })
  process.exitCode = broken.length === 0 ? 0 : 1
}
