import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import { createRandom, type Random } from '../random.ts'
import type { Deps, Installation, Plant } from './installation.ts'
import { planted } from './installation.ts'
import { type Attempt, type During, explain, type Next } from './search.ts'
import { type Trouble, troubled } from './trouble.ts'

/** An operation that the seed has chosen. */
export type Action<S> = {
  readonly text: string
  /** @returns `ok`, perhaps with more, or `no` and the reason */
  run(deps: Deps): Promise<string>
  model(state: S, during: During): Next<S>[]
  /** it takes more than one transaction: an error says nothing of those before */
  readonly several?: boolean
  /** it has no key: a repeat is another one */
  readonly once?: boolean
}

/** What is in the books of a life, by names that mean the same to the model. */
export type Seen = Readonly<Record<string, string>>

/** What a life is about: its accounts, what it may do, and the model of it. */
export type Scene<S> = {
  readonly start: S
  choose(state: S): Action<S>
  observe(): Promise<Seen>
  show(state: S): Seen
  /** ms that the clock of this life's servers is ahead of the real one */
  jump(): void
}

export type Stage = {
  /** part of the ids of all that the life makes */
  readonly tag: string
  readonly random: Random
  readonly installation: Installation
  /** of the first process, with this life's clock and without trouble */
  readonly deps: Deps
  /** the clock of this life's servers; ms since the epoch */
  clock(): number
  advance(ms: number): void
  trace(line: string): void
}

export type Family = { readonly name: string; begin(stage: Stage): Promise<Scene<never>> }

export const COUNTED = [
  'steps',
  'attempts',
  'races',
  'repeats',
  'crashes',
  'errors',
  'lost',
  'cuts',
  'jumps',
  'accepted',
  'refused',
] as const
export type Counts = Record<(typeof COUNTED)[number], number>
export const noCounts = (): Counts => Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts

export type Lived = {
  readonly seed: number
  readonly family: string
  readonly violation: string | null
  readonly counts: Counts
}

const MOST_TRIES = 12
const MOST_WORLDS = 1_000

/** Lives one life. The seed decides what is tried and what goes wrong; who is faster in a race the database decides. */
export async function live(
  installation: Installation,
  families: readonly Family[],
  seed: number,
  { plant = null, tell = () => {} }: { plant?: Plant | null; tell?: (line: string) => void } = {},
): Promise<Lived> {
  const random = createRandom(seed)
  const counts = noCounts()
  let ahead = 0
  const clock = () => Date.now() + ahead
  const clocked = (deps: Deps): Deps => planted({ ...deps, clock }, plant)
  const [first] = installation.processes as [Installation['processes'][number]]
  const family = random.pick(families)
  const stage: Stage = {
    tag: `${seed}-${installation.number()}`,
    random,
    installation,
    deps: { ...first.deps, clock },
    clock,
    advance(ms) {
      ahead += ms
    },
    trace: tell,
  }
  const scene = (await family.begin(stage)) as unknown as Scene<object>
  const done = (violation: string | null): Lived => ({ seed, family: family.name, violation, counts })

  async function attempt(
    action: Action<object>,
    trouble: Trouble,
    process: number,
    others: number,
  ): Promise<Attempt<object>> {
    const place = installation.processes[process] as Installation['processes'][number]
    const parts = troubled(clocked(place.deps), trouble)
    const from = Date.now()
    counts.attempts++
    let answer: string | null = null
    let never = false
    try {
      answer = await action.run(parts.deps)
    } catch (error) {
      never = error instanceof LedgerUnavailable && !error.unknown && !action.several
      if (!parts.came() && !(error instanceof LedgerUnavailable)) answer = `fault ${String(error)}`
    }
    await parts.settled()
    // What a process hears that is gone nobody else does.
    if (trouble.kind === 'lost' || (trouble.kind === 'crash' && parts.came())) answer = null
    if (parts.came()) counts[trouble.kind === 'crash' ? 'crashes' : 'errors']++
    if (trouble.kind === 'lost') counts.lost++
    if (answer?.startsWith('ok')) counts.accepted++
    else if (answer !== null) counts.refused++
    tell(
      `  ${action.text}${trouble.kind === 'none' ? '' : ` with ${trouble.kind} at ${trouble.at}`}: ${answer ?? (never ? 'not applied' : '?')}`,
    )
    return { text: action.text, model: action.model, answer, never, from, to: Date.now(), others }
  }

  let worlds: object[] = [scene.start]
  const past: Action<object>[] = []
  const steps = 4 + random.int(7)
  for (let step = 0; step < steps; step++) {
    counts.steps++
    if (random.chance(0.08)) {
      counts.jumps++
      scene.jump()
    }
    const together = random.chance(0.35) ? 2 + random.int(3) : 1
    if (together > 1) counts.races++
    const chosen = Array.from(
      { length: together },
      (_, i): { action: Action<object>; troubles: Trouble[]; processes: number[] } => {
        const again = past.length > 0 && random.chance(i > 0 ? 0.35 : 0.12)
        if (again) counts.repeats++
        const action = again
          ? (past[past.length - 1 - random.int(Math.min(past.length, 4))] as Action<object>)
          : scene.choose(worlds[0] as object)
        if (!again && !action.once) past.push(action)
        const troubles = Array.from({ length: random.chance(0.25) ? 1 + random.int(2) : 0 }, () => troubleOf(random))
        return {
          action,
          troubles,
          processes: Array.from({ length: MOST_TRIES }, () => random.int(installation.processes.length)),
        }
      },
    )
    if (random.chance(0.03)) {
      counts.cuts++
      installation.processes[random.int(installation.processes.length)]?.breakCommit(
        random.chance(0.5) ? 'before' : 'after',
      )
    }
    tell(`step ${step + 1}`)
    const chains = await Promise.all(
      chosen.map(async ({ action, troubles, processes }) => {
        const chain: Attempt<object>[] = []
        for (const [i, process] of processes.entries()) {
          const made = await attempt(action, troubles[i] ?? { kind: 'none', at: 0 }, process, together - 1)
          chain.push(made)
          if (made.answer !== null) break
        }
        return chain
      }),
    )
    const unanswered = chains.find((chain) => chain.at(-1)?.answer === null)
    if (unanswered) return done(`step ${step + 1}: ${unanswered[0]?.text} is never answered`)
    const seen = await scene.observe()
    const explained = explain(worlds, chains, (state) => same(scene.show(state), seen))
    if (explained.length === 0) return done(`step ${step + 1}: ${complaint(scene, worlds, chains, seen)}`)
    // None may be left out: it may be the one that the books are in. So many that nothing would show any more are the end of a life.
    if (explained.length > MOST_WORLDS) return done(null)
    worlds = explained
  }
  return done(null)
}

function troubleOf(random: Random): Trouble {
  const kind = random.pick(['crash', 'crash', 'error', 'error', 'lost'] as const)
  return { kind, at: random.int(random.pick([4, 8, 16])) }
}

function same(model: Seen, seen: Seen): boolean {
  const names = Object.keys(seen)
  return names.length === Object.keys(model).length && names.every((name) => model[name] === seen[name])
}

/** What nobody can explain: what was heard, and how the books differ from what the model expected at least. */
function complaint(scene: Scene<object>, worlds: object[], chains: Attempt<object>[][], seen: Seen): string {
  const heard = chains.map((chain) =>
    chain.map(({ text, answer, never }) => `${text} → ${answer ?? (never ? 'not applied' : '?')}`).join(' ⇒ '),
  )
  const open = chains.map((chain) => chain.map((one) => ({ ...one, answer: null, never: false })))
  const possible = explain(worlds, open, () => true).map((state) => differences(scene.show(state), seen))
  const nearest = possible.sort((a, b) => a.length - b.length)[0] ?? []
  const why = nearest.length === 0 ? 'no order explains the answers' : `model and books differ: ${nearest.join('; ')}`
  return `${heard.join(' ‖ ')}: ${why}`
}

function differences(model: Seen, seen: Seen): string[] {
  const names = [...new Set([...Object.keys(model), ...Object.keys(seen)])]
  return names
    .filter((name) => model[name] !== seen[name])
    .map((name) => `${name} ${model[name] ?? '-'} / ${seen[name] ?? '-'}`)
}
