import { createRandom, type Random } from '../simulation/random.ts'
import { mutate, rubbish, type Wire } from './mutate.ts'
import type { Target } from './target.ts'

export type Finding = { input: number; target: string; what: string; wire: Wire }

/** How often what happened, and how long the verifiers took; ms. */
export type Tally = {
  inputs: number
  mutations: number
  /** valid requests, unchanged: all accepted */
  untouched: number
  /** mutations that say the same as their original, and were accepted */
  identical: number
  findings: Finding[]
  /** by target: the quickest of up to five tries, so that it is what the input costs and not what others do on the machine */
  times: Map<string, number[]>
}

export type Fuzzer = {
  input(number: number): Promise<void>
  tally: Tally
  wireOf(number: number): { target: Target; wire: Wire }
}

const POOL = 48
/** ms */
const SLOW = 0.2

/** One number decides all about an input: the target, the valid request, and what is done to it. */
export function createFuzzer(targets: readonly Target[]): Fuzzer {
  const pools = targets.map((target, index) => {
    const random = createRandom(index + 1)
    return Array.from({ length: POOL }, () => target.valid(random))
  })
  const tally: Tally = { inputs: 0, mutations: 0, untouched: 0, identical: 0, findings: [], times: new Map() }

  function make(number: number) {
    const random = createRandom(number)
    const at = number % targets.length
    const pool = pools[at] as Wire[]
    const original = random.pick(pool)
    const kind = random.int(16)
    if (kind === 0) return { at, original, wire: original, kind: 'untouched' as const }
    if (kind < 3) return { at, original, wire: rubbish(original, random), kind: 'rubbish' as const }
    return { at, original, wire: mutateSome(original, random.pick(pool), random), kind: 'mutation' as const }
  }

  async function input(number: number): Promise<void> {
    const { at, original, wire, kind } = make(number)
    const target = targets[at] as Target
    const found = (what: string) => tally.findings.push({ input: number, target: target.name, what, wire })
    tally.inputs++
    if (kind === 'mutation') tally.mutations++
    if (kind === 'untouched') tally.untouched++
    let from = performance.now()
    let answer: boolean | string | null
    try {
      const given = target.kind === 'signed' ? target.accepts(wire) : target.reads(wire)
      answer = given instanceof Promise ? await given : given
    } catch (error) {
      found(`crash: ${error}`)
      return
    }
    let ms = performance.now() - from
    for (let tries = 1; ms > SLOW && tries < 5; tries++) {
      from = performance.now()
      await (target.kind === 'signed' ? target.accepts(wire) : target.reads(wire))
      ms = Math.min(ms, performance.now() - from)
    }
    noteTime(tally.times, target.name, ms)
    if (target.kind === 'plain') {
      const expected = target.expected(wire)
      if (answer !== expected) found(`reads ${answer}, should read ${expected}`)
      if (kind === 'untouched' && answer === null) found('refuses what is valid')
      return
    }
    if (kind === 'untouched') {
      if (answer === false) found('refuses what is valid')
    } else if (answer === true) {
      // A part of another valid request may have made it that one.
      const signed = kind === 'mutation' && [original, ...(pools[at] as Wire[])].some((one) => target.says(wire, one))
      if (!signed) found('accepts what nobody signed')
      else tally.identical++
    }
  }

  return {
    input,
    tally,
    wireOf: (number) => ({ target: targets[number % targets.length] as Target, wire: make(number).wire }),
  }
}

function mutateSome(original: Wire, other: Wire, random: Random): Wire {
  let wire = original
  for (let left = 1 + (random.chance(0.3) ? random.int(3) : 0); left > 0; left--) wire = mutate(wire, other, random)
  return wire
}

function noteTime(times: Map<string, number[]>, name: string, ms: number): void {
  const list = times.get(name)
  if (list) list.push(ms)
  else times.set(name, [ms])
}

/** The time that a share of the checks did not exceed; ms. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = Float64Array.from(times).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
