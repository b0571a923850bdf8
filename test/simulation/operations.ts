import type { AccountStatus, Leg } from '../../src/domain/posting.ts'
import type { Effect, EffectRow } from '../../src/ledger/command.ts'
import { refundPayment, settleInvoice, useTicket } from './effects.ts'
import type { Random } from './random.ts'

/** What a client wants, once; it may send it more than once. */
export type Operation = {
  readonly number: number
  readonly key: { readonly value: string; readonly hash: string } | null
  readonly legs: readonly Leg[]
  readonly effects: readonly { effect: Effect; row: EffectRow }[]
  /** a defect: its content is rejected by the database, or its answer cannot be rendered */
  readonly defect: 'content' | 'answer' | null
}

/** The accounts that there are from the start: id, asset, lower, upper. Two more may be opened. */
export const ACCOUNTS: readonly (readonly [bigint, number, bigint | null, bigint | null])[] = [
  [1n, 1, null, null],
  [2n, 1, 0n, null],
  [3n, 1, 0n, 150n],
  [4n, 1, -80n, null],
  [5n, 2, null, null],
  [6n, 2, 0n, 90n],
]

/** What a coarse clock counts in, ms. */
export const GRAIN = 20

const HUGE = 2n ** 61n + 2n ** 60n

/** What leaves balances as they were. */
function back(leg: Leg): Leg[] {
  if (leg.type === 'transfer') return [{ ...leg, source: leg.target, target: leg.source }]
  if (leg.type === 'hold') return [{ type: 'release', hold: leg.hold, source: leg.source, target: leg.target }]
  return []
}

export type Named = { hold: string; source: bigint; target: bigint; amount: bigint }

/** @param start when the clock began: holds expire some time after it */
export function createOperations(random: Random, start: number): () => Operation {
  const holds: Named[] = []
  const keys: string[] = []
  const withEffects = random.pick([0.1, 0.2, 0.6])
  const subjects = 1 + random.int(3)
  const huge = random.pick([0, 0, 0.15])
  // Round amounts and times meet limits and ends exactly.
  const round = random.pick([1, 10])
  // Where little but transfers goes on, they are decided ahead.
  const plain = random.pick([0, 0, 0.8, 0.9])
  let number = 0

  const account = () =>
    random.chance(0.07) ? BigInt(7 + random.int(2)) : BigInt(1 + random.int(random.int(3) ? 4 : 6))
  const amount = () => (random.chance(huge) ? HUGE : BigInt(round * (1 + random.int(60 / round))))

  function leg(): Leg {
    const kind = random.chance(plain) ? random.pick([0, 0, 0, 0, 0, 0, 42, 95]) : random.int(100)
    if (kind < 42) return { type: 'transfer', source: account(), target: account(), amount: amount() }
    if (kind < 62 || (kind < 86 && holds.length === 0)) {
      const named = { hold: `hold-${holds.length + 1}`, source: account(), target: account(), amount: amount() }
      holds.push(named)
      return { type: 'hold', ...named, expiresAt: start + GRAIN * (1 + random.int(random.int(2) ? 10 : 1000)) }
    }
    if (kind < 86) {
      const { amount: held, ...right } = random.pick(holds)
      const named = random.chance(0.04) ? { ...right, target: account() } : right
      if (random.chance(0.3)) return { type: 'release', ...named }
      return { type: 'capture', ...named, amount: random.chance(0.5) ? held : amount() }
    }
    if (kind < 90) {
      const id = BigInt(7 + random.int(2))
      return { type: 'open-account', account: id, assetId: 1, lower: random.int(3) ? 0n : null, upper: limit(200) }
    }
    const status = random.pick<AccountStatus>(['open', 'open', 'open', 'frozen', 'frozen', 'closed'])
    if (kind < 95) return { type: 'change-account', account: account(), status }
    const change = random.int(2) ? { lower: limit(-60) } : { upper: limit(180) }
    return { type: 'change-account', account: account(), ...change }
  }

  function limit(around: number): bigint | null {
    return random.chance(0.3) ? null : BigInt(around + round * (random.int(60 / round) - 30 / round))
  }

  function effect(): { effect: Effect; row: EffectRow } {
    const name = String(random.int(subjects))
    const kind = random.int(4)
    if (kind === 0) return { effect: useTicket, row: [name] }
    if (kind === 1) return { effect: settleInvoice, row: [name] }
    return { effect: refundPayment, row: [name, '100', String(1 + random.int(60))] }
  }

  function key(): Operation['key'] {
    if (random.chance(0.25)) return null
    if (keys.length > 0 && random.chance(0.15)) return { value: random.pick(keys), hash: `hash-${number}` }
    keys.push(`key-${number}`)
    return { value: `key-${number}`, hash: `hash-${number}` }
  }

  return () => {
    number++
    const effects = random.chance(withEffects) ? [effect()] : []
    const legs = effects.length > 0 && random.chance(0.3) ? [] : [leg()]
    if (random.chance(plain / 2)) legs.push(...legs.flatMap(back))
    while (random.chance(0.15)) legs.push(leg())
    const defect = random.chance(0.02) ? random.pick(['content', 'answer'] as const) : null
    return { number, key: key(), legs, effects, defect }
  }
}
