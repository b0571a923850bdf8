import { createRandom, type Random } from './random.ts'

/** Who runs a task: a server process by its number, or null for what outlives them (database, network, clients). */
export type Owner = number | null

type Task = {
  readonly label: string
  readonly owner: Owner
  /** ms of the simulated clock */
  readonly due: number
  /** runs in its owner's order among others of the kind, as Node runs immediates */
  readonly inOrder: boolean
  readonly run: () => void
}

/** A violated promise: what the simulator looks for. */
export class Violation extends Error {
  override name = 'Violation'
}

export type World = {
  readonly random: Random
  now(): number
  /** Runs a task at a moment that the seed chooses, not before `delay` ms. @returns takes it back */
  later(label: string, owner: Owner, run: () => void, delay?: number): () => void
  /** A process ends: nothing that it had in mind happens any more. */
  forget(owner: number): void
  advance(milliseconds: number): void
  readonly tracing: boolean
  trace(line: string): void
  /** Notes a violation; the first one ends the run. */
  violate(promise: string): void
  violation(): string | null
  /** Runs until nothing is left to do. */
  run(steps: number): Promise<number>
}

const { stackTraceLimit } = Error
const real = { setImmediate, setTimeout, now: Date.now, random: Math.random }
const START = Date.UTC(2026, 0, 1)

/**
 * Time, chance and the event loop of a simulated installation. While `run` is at work the timers, clock and random numbers of this
 * process are the world's: the code under test reads them as it always does.
 */
export function createWorld(seed: number, tell?: (line: string) => void): World {
  const random = createRandom(seed)
  const tasks: Task[] = []
  let now = START
  let owner: Owner = null
  let violated: string | null = null

  function add(task: Task): () => void {
    tasks.push(task)
    return () => {
      const index = tasks.indexOf(task)
      if (index >= 0) tasks.splice(index, 1)
    }
  }

  function take(): Task | null {
    if (tasks.length === 0) return null
    let due = 0
    let next = Number.POSITIVE_INFINITY
    for (const task of tasks) {
      if (task.due <= now) due++
      if (task.due < next) next = task.due
    }
    if (due === 0) {
      now = next
      return take()
    }
    let chosen = random.int(due)
    let index = tasks.findIndex((task) => task.due <= now && chosen-- === 0)
    const task = tasks[index] as Task
    if (task.inOrder) index = tasks.findIndex((other) => other.inOrder && other.owner === task.owner)
    return tasks.splice(index, 1)[0] as Task
  }

  function trace(line: string): void {
    tell?.(`${(now - START).toFixed(0).padStart(9)} ms  ${line}`)
  }

  function violate(promise: string): void {
    violated ??= promise
    trace(`VIOLATED: ${promise}`)
  }

  return {
    random,
    now: () => now,
    later: (label, by, run, delay = 0) => add({ label, owner: by, due: now + delay, inOrder: false, run }),
    forget(gone) {
      for (let index = tasks.length - 1; index >= 0; index--) if (tasks[index]?.owner === gone) tasks.splice(index, 1)
    },
    advance(milliseconds) {
      now += milliseconds
    },
    tracing: tell !== undefined,
    trace,
    violate,
    violation: () => violated,

    async run(limit) {
      const fakes = {
        setImmediate: (run: () => void) => add({ label: 'immediate', owner, due: now, inOrder: true, run }),
        setTimeout: (run: () => void, delay: number) =>
          add({ label: 'timer', owner, due: now + delay, inOrder: false, run }),
      }
      Object.assign(globalThis, fakes)
      Date.now = () => now
      Math.random = random.next
      // Faults are many here, and nobody reads their stacks.
      Error.stackTraceLimit = 0
      let steps = 0
      try {
        for (;;) {
          const task = violated === null ? take() : null
          if (!task) return steps
          if (++steps > limit) {
            violate(`everything ends: still at work after ${limit} steps`)
            return steps
          }
          now += random.int(3)
          owner = task.owner
          task.run()
          // A tick comes when no promise has anything left to do: all that follows from the task at once has happened.
          await new Promise<void>((resolve) => process.nextTick(resolve))
        }
      } finally {
        globalThis.setImmediate = real.setImmediate
        globalThis.setTimeout = real.setTimeout
        Date.now = real.now
        Math.random = real.random
        Error.stackTraceLimit = stackTraceLimit
        // Lets the real event loop, and whoever waits for it, have a turn.
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}
