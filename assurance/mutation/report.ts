import { createHash } from 'node:crypto'
import type { Mutant } from './instrument.ts'

/** `killed`: the test that failed; `ms`: how long it was tried */
export type Verdict = Mutant & { killed: string | null; covered: boolean; ms: number }

/** The same ones for the same seed, in an order that has nothing to do with the files'. */
export function drawSample(mutants: readonly Mutant[], count: number, seed: string): Mutant[] {
  if (count >= mutants.length) return [...mutants]
  const rank = ({ fileName, location, replacement }: Mutant) =>
    createHash('sha256')
      .update(JSON.stringify([seed, fileName, location, replacement]))
      .digest('hex')
  return mutants
    .map((mutant) => [rank(mutant), mutant] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, count)
    .map(([, mutant]) => mutant)
}

const placeOf = ({ fileName, location, replacement }: Mutant) => JSON.stringify([fileName, location, replacement])

/** Those of the mutants that lived in a report, and then those of the sample that it does not tell of. The sources must be the same. */
export function leftOver(report: readonly Verdict[], mutants: readonly Mutant[], sample: readonly Mutant[]): Mutant[] {
  const alive = new Set(report.filter(({ killed }) => !killed).map(placeOf))
  const found = mutants.filter((mutant) => alive.has(placeOf(mutant)))
  if (found.length < alive.size) throw new Error('the sources have changed since the report')
  const told = new Set(report.map(placeOf))
  return [...found, ...sample.filter((mutant) => !told.has(placeOf(mutant)))]
}

/** Prints what lives, and how many were killed in each file. */
export function summarize(verdicts: readonly Verdict[], all: number): void {
  for (const verdict of verdicts) if (!verdict.killed) tellAlive(verdict)
  const files = Map.groupBy(verdicts, ({ fileName }) => fileName)
  for (const [file, list] of [...files].sort()) console.log(`${file}: ${share(list)}`)
  const middle = verdicts.map(({ ms }) => ms).sort((a, b) => a - b)[verdicts.length >> 1]
  console.log(`all: ${share(verdicts)}; ${verdicts.length} tried of ${all}; half of them within ${middle} ms each`)
}

export function tellAlive({ covered, fileName, location, mutatorName, replacement }: Omit<Verdict, 'ms'>): void {
  const text = replacement.replace(/\s+/g, ' ').slice(0, 100)
  const place = `${fileName}:${location.start.line + 1}:${location.start.column + 1}`
  console.log(`lives${covered ? '' : ' (no test comes by)'}: ${place} ${mutatorName}: ${text}`)
}

function share(list: readonly Verdict[]): string {
  const killed = list.filter(({ killed }) => killed).length
  return `${killed} of ${list.length} killed (${((100 * killed) / list.length).toFixed(1)} %)`
}
