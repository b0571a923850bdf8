import type { Random } from '../simulation/random.ts'
import type { Wire } from './mutate.ts'

/** A verifier of one protocol: whoever is accepted has proven who it is, and what it says. */
export type SignedTarget = {
  kind: 'signed'
  name: string
  /** A valid request; different ones for different choices. */
  valid(random: Random): Wire
  accepts(wire: Wire): boolean | Promise<boolean>
  /**
   * Whether an accepted request says the same as the valid one that it was made of, read without the server's code. Exactly what may
   * differ then is what each target says of itself.
   */
  says(wire: Wire, original: Wire): boolean
}

/** A parser without a signature: it must read what a second reader, written apart, reads; null is a refusal. */
export type PlainTarget = {
  kind: 'plain'
  name: string
  valid(random: Random): Wire
  reads(wire: Wire): string | null | Promise<string | null>
  expected(wire: Wire): string | null
}

export type Target = SignedTarget | PlainTarget

/** When everything happens; ms since the epoch. */
export const NOW = Date.UTC(2026, 10, 22, 12)
