import { createHash } from 'node:crypto'
import type { Mutant } from './instrument.ts'

export type Verdict = Mutant & { killed: string | null; covered: boolean }

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

/** Prints what lives, and how many were killed in each file. */
export function summarize(verdicts: readonly Verdict[], all: number): void {
  for (const { killed, covered, fileName, location, mutatorName, replacement } of verdicts) {
    if (killed) continue
    const text = replacement.replace(/\s+/g, ' ').slice(0, 100)
    const place = `${fileName}:${location.start.line + 1}:${location.start.column + 1}`
    console.log(`lives${covered ? '' : ' (no test comes by)'}: ${place} ${mutatorName}: ${text}`)
  }
  const files = Map.groupBy(verdicts, ({ fileName }) => fileName)
  for (const [file, list] of [...files].sort()) console.log(`${file}: ${share(list)}`)
  console.log(`all: ${share(verdicts)}; ${verdicts.length} tried of ${all}`)
}

function share(list: readonly Verdict[]): string {
  const killed = list.filter(({ killed }) => killed).length
  return `${killed} of ${list.length} killed (${((100 * killed) / list.length).toFixed(1)} %)`
}
