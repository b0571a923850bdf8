import fc from 'fast-check'
import type { AccountStatus, Leg } from '../../src/domain/posting.ts'

/** A step of a random life of a ledger. Holds are named by number, in the order in which commands ask for them. */
export type Step =
  | { type: 'transfer'; source: number; target: number; amount: number }
  | { type: 'hold'; source: number; target: number; amount: number; expired: boolean }
  | { type: 'capture'; hold: number; amount: number }
  | { type: 'release'; hold: number }
  | { type: 'change'; account: number; lower?: number | null; upper?: number | null; status?: AccountStatus }
  | { type: 'open'; account: number; asset: number; lower: number | null; upper: number | null }

// Four of the accounts there are from the start; the others may be opened.
const account = fc.integer({ min: 0, max: 13 }).map((n) => (n < 12 ? 1 + (n % 4) : n - 7))
const amount = fc.integer({ min: 1, max: 60 })
const lower = fc.oneof(fc.constant(null), fc.integer({ min: -200, max: 20 }))
const upper = fc.oneof(fc.constant(null), fc.integer({ min: -20, max: 600 }))
const hold = fc.nat({ max: 60 })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('transfer' as const), source: account, target: account, amount }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('hold' as const),
      source: account,
      target: account,
      amount,
      expired: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('capture' as const), hold, amount }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('release' as const), hold }) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        type: fc.constant('change' as const),
        account,
        lower,
        upper,
        status: fc.constantFrom<AccountStatus>('open', 'open', 'open', 'open', 'frozen', 'closed'),
      },
      { requiredKeys: ['type', 'account'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('open' as const),
      account,
      asset: fc.integer({ min: 1, max: 8 }).map((n) => (n === 1 ? 2 : 1)),
      lower,
      upper,
    }),
  },
)

/** Commands of one to three legs; mostly of one. */
export const commands: fc.Arbitrary<Step[][]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.array(step, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(step, { minLength: 2, maxLength: 3 }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
)

export type Named = { hold: string; source: bigint; target: bigint }

/**
 * The legs of a command. Holds that it asks for get names and are added to `holds`; a step about a hold picks one of them, also
 * one that was refused or has ended.
 * @param asset gives the id of asset 1 or 2
 */
export function legsOf(
  steps: readonly Step[],
  holds: Named[],
  options: { name: () => string; past: number; future: number; asset: (n: number) => number; offset?: bigint },
): Leg[] {
  const { offset = 0n } = options
  const id = (n: number) => BigInt(n) + offset
  return steps.flatMap((step): Leg[] => {
    if (step.type === 'transfer') {
      return [{ type: 'transfer', source: id(step.source), target: id(step.target), amount: BigInt(step.amount) }]
    }
    if (step.type === 'hold') {
      const named = { hold: options.name(), source: id(step.source), target: id(step.target) }
      holds.push(named)
      return [
        {
          type: 'hold',
          ...named,
          amount: BigInt(step.amount),
          expiresAt: step.expired ? options.past : options.future,
        },
      ]
    }
    if (step.type === 'capture' || step.type === 'release') {
      const named = holds[step.hold % Math.max(holds.length, 1)]
      if (!named) return []
      return step.type === 'capture'
        ? [{ type: 'capture', ...named, amount: BigInt(step.amount) }]
        : [{ type: 'release', ...named }]
    }
    const limit = (value: number | null) => (value === null ? null : BigInt(value))
    if (step.type === 'open') {
      const { lower, upper } = step
      return [
        {
          type: 'open-account',
          account: id(step.account),
          assetId: options.asset(step.asset),
          lower: limit(lower),
          upper: limit(upper),
        },
      ]
    }
    return [
      {
        type: 'change-account',
        account: id(step.account),
        ...(step.lower === undefined ? {} : { lower: limit(step.lower) }),
        ...(step.upper === undefined ? {} : { upper: limit(step.upper) }),
        ...(step.status === undefined ? {} : { status: step.status }),
      },
    ]
  })
}
