import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decide, type Effects, isRefusal, type LedgerState, type Leg } from '../../src/domain/posting.ts'
import { commands, legsOf, type Named } from '../support/ledger-model.ts'

const RUNS = 2_000

type Life = { state: LedgerState; effects: Effects[]; refused: number }

/** Lives through the commands and calls `after` behind each. */
function live(
  wanted: Parameters<typeof legsOf>[0][],
  after: (state: LedgerState, before: LedgerState, decision: ReturnType<typeof decide>, legs: Leg[]) => void,
): Life {
  const holds: Named[] = []
  let next = 0
  const life: Life = { state: { accounts: new Map(), holds: new Map(), now: 1000 }, effects: [], refused: 0 }
  for (const steps of wanted) {
    const legs = legsOf(steps, holds, { name: () => `hold-${next++}`, past: 500, future: 2000, asset: (n) => n })
    const before = { ...life.state, accounts: new Map(life.state.accounts), holds: new Map(life.state.holds) }
    const decision = decide(life.state, legs)
    if (isRefusal(decision)) life.refused++
    else life.effects.push(decision)
    after(life.state, before, decision, legs)
  }
  return life
}

// Accounts to begin with, so that most commands find some: 1 pays without end, as an issuer does.
const opened: Parameters<typeof legsOf>[0] = [
  { type: 'open', account: 1, asset: 1, lower: null, upper: null },
  { type: 'open', account: 2, asset: 1, lower: 0, upper: null },
  { type: 'open', account: 3, asset: 1, lower: 0, upper: 200 },
  { type: 'open', account: 4, asset: 1, lower: -100, upper: null },
]
const lives = commands.map((wanted) => [opened, ...wanted])
const run = (property: fc.IProperty<[Parameters<typeof legsOf>[0][]]>) => fc.assert(property, { numRuns: RUNS })

describe('any sequence of commands', () => {
  test('leaves nothing created or lost in any asset', () => {
    run(
      fc.property(lives, (wanted) => {
        live(wanted, ({ accounts }) => {
          const sums = new Map<number, bigint>()
          for (const { assetId, balance } of accounts.values()) sums.set(assetId, (sums.get(assetId) ?? 0n) + balance)
          for (const sum of sums.values()) assert.equal(sum, 0n)
        })
      }),
    )
  })

  test('keeps every floor and every ceiling, with all that is held', () => {
    run(
      fc.property(lives, (wanted) => {
        live(wanted, ({ accounts }) => {
          for (const { lower, upper, balance, held, incoming, status } of accounts.values()) {
            assert.ok(lower === null || balance - held >= lower)
            assert.ok(upper === null || balance + incoming <= upper)
            assert.ok(status !== 'closed' || (balance === 0n && held === 0n && incoming === 0n))
          }
        })
      }),
    )
  })

  test('holds exactly what its open holds say', () => {
    run(
      fc.property(lives, (wanted) => {
        live(wanted, ({ accounts, holds }) => {
          const open = [...holds.values()].filter(({ status }) => status === 'open')
          for (const { id, held, incoming } of accounts.values()) {
            const sum = (side: 'source' | 'target') =>
              open.filter((hold) => hold[side] === id).reduce((total, { amount }) => total + amount, 0n)
            assert.deepEqual([held, incoming], [sum('source'), sum('target')])
          }
        })
      }),
    )
  })

  test('changes nothing where it is refused', () => {
    run(
      fc.property(lives, (wanted) => {
        live(wanted, (state, before, decision) => {
          if (isRefusal(decision)) assert.deepEqual(state, before)
        })
      }),
    )
  })

  test('writes entries that number, add up and end in the balance of their account', () => {
    run(
      fc.property(lives, (wanted) => {
        const { state, effects } = live(wanted, () => {})
        const last = new Map<bigint, { seq: bigint; balance: bigint }>()
        for (const { entries, transfers } of effects) {
          assert.equal(entries.length, 2 * transfers.length)
          for (const { account, seq, amount, balance } of entries) {
            const before = last.get(account) ?? { seq: 0n, balance: 0n }
            assert.deepEqual([seq, balance], [before.seq + 1n, before.balance + amount])
            last.set(account, { seq, balance })
          }
        }
        for (const { id, entries, balance } of state.accounts.values()) {
          assert.deepEqual({ seq: entries, balance }, last.get(id) ?? { seq: 0n, balance: 0n })
        }
      }),
    )
  })

  test('captures each hold at most once, up to its amount and before its time is over', () => {
    run(
      fc.property(lives, (wanted) => {
        const { effects, state } = live(wanted, () => {})
        const ended = effects.flatMap((each) => each.ended)
        assert.equal(new Set(ended.map(({ hold }) => hold.id)).size, ended.length)
        for (const { hold, captured } of ended) {
          assert.ok(captured <= hold.amount)
          if (hold.expiresAt <= state.now) assert.deepEqual([captured, hold.status], [0n, 'expired'])
          else assert.equal(hold.status, captured > 0n ? 'captured' : 'released')
        }
      }),
    )
  })

  test('is accepted in a good part, so that the other properties say something', () => {
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(lives, (wanted) => {
        const life = live(wanted, () => {})
        accepted += life.effects.length
        refused += life.refused
      }),
      { numRuns: 300 },
    )
    assert.ok(accepted > refused / 3 && refused > accepted / 10, `${accepted} accepted, ${refused} refused`)
  })
})
