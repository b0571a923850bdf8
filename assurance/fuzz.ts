import { parseArgs } from 'node:util'
import { createFuzzer, percentile } from '../test/fuzz/run.ts'
import { targets } from '../test/fuzz/targets.ts'

// `node bin/run.mjs assurance/fuzz.ts --inputs 1000000 --seed 1` gives the verifiers that many inputs, the first of them number 1;
// `--input N` replays one and shows it. (Keys by which tokens are signed with ES256 are new in each run; every choice is the same.)

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string' },
  },
})

const fuzzer = createFuzzer(targets)
const { tally } = fuzzer
if (values.input !== undefined) {
  const { target, wire } = fuzzer.wireOf(Number(values.input))
  console.log(target.name, wire)
  await fuzzer.input(Number(values.input))
} else {
  const from = Number(values.seed)
  for (let number = from; number < from + Number(values.inputs) && tally.findings.length < 20; number++)
    await fuzzer.input(number)
}
const { findings, times, ...counts } = tally
for (const finding of findings) console.log(finding)
for (const [name, list] of times) {
  const [median, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(list, share).toFixed(3))
  console.log(`${name}: ${list.length} inputs, median ${median} ms, p99 ${p99} ms, slowest ${worst} ms`)
}
console.log({ ...counts, findings: findings.length })
process.exitCode = findings.length === 0 ? 0 : 1
