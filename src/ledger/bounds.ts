import { createGenerationCache } from '../domain/generation-cache.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Command } from './command.ts'

/** What the commands of one batch add to bounded sums. */
export type BatchBounds = {
  /** The refusal of a command that would take a sum above its cap; undefined where that is not known. */
  refuse(command: Command): Refusal | undefined
  /** Counts a command that was accepted. */
  add(command: Command): void
  /** Remembers what was counted: the batch is committed. */
  keep(): void
}

type Addition = { readonly name: string; readonly check: string; readonly cap: bigint; readonly adds: bigint }

/**
 * Sums that effects keep below a cap, as far as this process knows them. They only grow, so what is known is never too much, and
 * a refusal that follows from it is the one that the database would give.
 * @param capacity of how many sums something is remembered
 */
export function createBounds(capacity: number) {
  const known = createGenerationCache<bigint>(capacity)
  return {
    begin(): BatchBounds {
      const sums = new Map<string, bigint>()
      const sumOf = (name: string) => sums.get(name) ?? known.get(name) ?? 0n
      return {
        refuse(command) {
          const over = additionsOf(command).find(({ name, cap, adds }) => sumOf(name) + adds > cap)
          return over && { code: 'effect-refused', constraint: over.check }
        },
        add(command) {
          for (const { name, adds } of additionsOf(command)) sums.set(name, sumOf(name) + adds)
        },
        keep() {
          // Of two batches on their way at the same time neither knew what the other adds.
          for (const [name, sum] of sums) if (sum > (known.get(name) ?? 0n)) known.set(name, sum)
        },
      }
    },

    /** What the database has refused a command that was alone in its batch tells of the sum: how much it is at least. */
    learn(command: Command, { constraint }: Refusal): void {
      for (const { name, check, cap, adds } of additionsOf(command)) {
        if (check === constraint) known.set(name, cap - adds + 1n)
      }
    },
  }
}

function additionsOf({ effects }: Command): readonly Addition[] {
  if (effects === undefined) return []
  return effects.flatMap(({ effect: { name, bound }, row }) =>
    bound === undefined || typeof row === 'function'
      ? []
      : [{ name: `${name} ${row[0]}`, check: bound.check, ...bound.of(row) }],
  )
}
