import { parseArgs } from 'node:util'
import { type Comparison, createComparisons, wrongAt } from '../test/fuzz/comparisons.ts'
import { crop, paired, welch } from '../test/fuzz/welch.ts'

// `node bin/run.mjs assurance/timing.ts --samples 100000` measures, for each comparison of a secret, whether a text that is wrong at its
// first sign takes another time than one that is wrong at its last: Welch's t over samples in mixed order. A comparison by === is among
// them, and must be found.
//
// Reading a text takes a little longer or shorter by what is in it, whatever the secret is. So each comparison is made with many secrets
// of its own, and the differences of all of them must point one way before anything is told of a secret.

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '100000' },
    secrets: { type: 'string', default: '32' },
    only: { type: 'string' },
  },
})
const SECRETS = Number(values.secrets)
const SAMPLES = Math.ceil(Number(values.samples) / SECRETS)
const BAR = 4.5
/** How long one sample takes, about; ns. Long against the clock's grain, short against what interrupts. */
const LENGTH = 8_000
/** Texts of each kind. */
const POOL = 16

type Times = [early: number[], late: number[]]

function measure({ secret, compare }: Comparison): Times {
  // Made in turns, so that neither kind lies in better memory.
  const texts: [string[], string[]] = [[], []]
  for (let i = 0; i < POOL; i++) {
    texts[0].push(wrongAt(secret, 0))
    texts[1].push(wrongAt(secret, secret.length - 1))
  }
  const times: Times = [[], []]
  let right = 0
  const run = (kind: 0 | 1, rounds: number): number => {
    const of = texts[kind]
    const from = process.hrtime.bigint()
    for (let i = 0; i < rounds; i++) if (compare(of[i % POOL] as string) === true) right++
    return Number(process.hrtime.bigint() - from)
  }
  for (let i = 0; i < 200; i++) run((i % 2) as 0 | 1, POOL)
  const once = Math.min(...Array.from({ length: 50 }, (_, i) => run((i % 2) as 0 | 1, POOL))) / POOL
  // Whole rounds of the pool, so that each text has its share.
  const rounds = Math.max(1, Math.round(LENGTH / once / POOL)) * POOL
  for (let i = 0; i < SAMPLES; i++) {
    const kind = Math.random() < 0.5 ? 0 : 1
    times[kind].push(run(kind, rounds) / rounds)
  }
  if (right > 0) throw new Error('a wrong text was taken for the right one')
  return [crop(times[0]), crop(times[1])]
}

let good = true
const sets = Array.from({ length: SECRETS }, createComparisons)
for (const [index, { name, planted }] of (sets[0] ?? []).entries()) {
  if (values.only && !name.includes(values.only)) continue
  const all: Times = [[], []]
  const differences: number[] = []
  for (const set of sets) {
    const times = measure(set[index] as Comparison)
    differences.push(welch(...times).difference)
    const mean =
      (times[0].reduce((a, b) => a + b, 0) + times[1].reduce((a, b) => a + b, 0)) / (times[0].length + times[1].length)
    for (const kind of [0, 1] as const) for (const one of times[kind]) all[kind].push(one - mean)
  }
  const { t, difference } = welch(...all)
  const across = paired(differences)
  const differs = Math.abs(t) > BAR && Math.abs(across) > BAR
  good &&= differs === (planted === true)
  const verdict = differs ? (planted ? 'found, as it must be' : 'DIFFERS') : planted ? 'NOT FOUND' : 'no difference'
  console.log(
    `${name}: t ${t.toFixed(2)}, across secrets ${across.toFixed(2)}, ${difference.toFixed(2)} ns, ${verdict}`,
  )
}
process.exitCode = good ? 0 : 1
