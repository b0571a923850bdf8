import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { createCommitter } from '../../src/ledger/committer.ts'
import { createMemoryStore } from '../../src/ledger/memory-store.ts'
import { ensureAsset } from '../../src/storage/assets.ts'
import { assertAuditClean, command, createTestLedger } from '../support/ledger.ts'
import { commands, legsOf, type Named, type Step } from '../support/ledger-model.ts'

const RUNS = 250

// Commands that arrive together, some with keys that others use, too.
const groups = fc.tuple(
  commands,
  fc.infiniteStream(fc.integer({ min: 1, max: 8 })),
  fc.infiniteStream(
    fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 12 }) }),
  ),
)

const opened: Step[] = [
  { type: 'open', account: 1, asset: 1, lower: null, upper: null },
  { type: 'open', account: 2, asset: 1, lower: 0, upper: null },
  { type: 'open', account: 3, asset: 1, lower: 0, upper: 200 },
  { type: 'open', account: 4, asset: 1, lower: -100, upper: null },
]

describe('PostgreSQL and the memory', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  const points = await ensureAsset(db, { code: 'PTS', circle: 'club', exponent: 0 })
  const memory = createMemoryStore(Date.now)
  const inMemory = createCommitter(memory)
  after(close)

  test('decide alike on any sequence of commands, in any batches, with any keys', async () => {
    let run = 0n
    let names = 0
    await fc.assert(
      fc.asyncProperty(groups, async ([wanted, sizes, keys]) => {
        run++
        const holds: Named[] = []
        const name = () => `00000000-0000-4000-8000-${String(names++).padStart(12, '0')}`
        const options = {
          name,
          past: 1,
          future: Date.UTC(2100, 0),
          asset: (n: number) => (n === 1 ? usd.id : points.id),
          offset: run * 100n,
        }
        const submissions = [opened, ...wanted].map((steps) => {
          const legs = legsOf(steps, holds, options)
          const key = keys.next().value as number | null
          return command(legs, {
            ...(key === null ? {} : { id: `run-${run}-${key}` }),
            answer: (outcome) => ({
              status: outcome.accepted ? 200 : 409,
              body: outcome.accepted
                ? JSON.stringify(outcome.entries, (_, v) => (typeof v === 'bigint' ? Number(v) : v))
                : outcome.refusal.code,
            }),
          })
        })
        while (submissions.length > 0) {
          const group = submissions.splice(0, sizes.next().value as number)
          const [real, model] = await Promise.all([
            Promise.all(group.map((each) => ledger.submit(each))),
            Promise.all(group.map((each) => inMemory.submit(each))),
          ])
          const told = (settled: typeof real) => settled.map(({ answer, replayed }) => ({ ...answer, replayed }))
          assert.deepEqual(told(real), told(model))
        }
        const rows = await db.query<{ id: bigint; balance: bigint; held: bigint; incoming: bigint; version: number }>(
          'select id, balance, held, incoming, version from account where id between $1 and $2 order by id',
          [run * 100n, run * 100n + 99n],
        )
        const modelled = rows.map(({ id }) => {
          const { balance, held, incoming, version } = memory.accounts.get(id) as NonNullable<
            ReturnType<typeof memory.accounts.get>
          >
          return { id, balance, held, incoming, version }
        })
        assert.deepEqual(
          rows.map((row) => ({ ...row })),
          modelled,
        )
      }),
      { numRuns: RUNS },
    )
    await assertAuditClean(db)
  })
})
