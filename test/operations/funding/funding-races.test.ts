import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { decideFunding } from '../../../src/operations/funding/decide-funding.ts'
import { type FundingWish, moveFunds } from '../../../src/operations/funding/move-funds.ts'
import { type Funding, findFunding } from '../../../src/storage/fundings.ts'
import { findWallet } from '../../../src/storage/wallets.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(async () => {
  await server.assertClean()
  await server.stop()
})

const person = (name: string) => ({ email: `${name}@operators.example`, partyId: uuidV7(Date.now()) })
const ASKER = person('asker')
const askOf = (by = ASKER) => ({ actor: `operator:${by.email}`, key: crypto.randomUUID(), by })
const ADA = 'us:8301234567:USD'

async function wish(amount: bigint, direction: 'in' | 'out' = 'in'): Promise<FundingWish> {
  const [wallet, bank] = [await findWallet(server.db, ADA), await findWallet(server.db, 'bank:gateway:USD')]
  assert.ok(wallet && bank)
  return { direction, wallet, bank: bank.id, amount, reason: 'Race' }
}

async function waiting(amount: bigint, direction: 'in' | 'out' = 'in'): Promise<Funding> {
  const asked = await moveFunds(server.assembly, askOf(), await wish(amount, direction))
  assert.ok(asked.accepted && asked.waiting)
  return (await findFunding(server.db, asked.id)) as Funding
}

test('of thirty-two that decide one movement at once, one does', async () => {
  const before = await server.balance(ADA)
  const funding = await waiting(2_000_00n)
  const racers = Array.from({ length: 32 }, (_, index) => ({ by: person(`racer-${index}`), approve: index % 2 === 0 }))
  const results = await Promise.all(
    racers.map(({ by, approve }) => decideFunding(server.assembly, askOf(by), funding, approve)),
  )
  assert.equal(results.filter(({ accepted }) => accepted).length, 1)
  for (const result of results) if (!result.accepted) assert.equal(result.code, 'decided')
  const won = racers[results.findIndex(({ accepted }) => accepted)]
  assert.equal(await server.balance(ADA), before + (won?.approve ? 2_000_00n : 0n))
  const after = await findFunding(server.db, funding.id)
  assert.equal(after?.decided_by, won?.by.email)
  assert.equal(after?.state, won?.approve ? 'made' : 'refused')
})

test('the one who asked, and anybody of the same party, cannot approve in any race', async () => {
  const before = await server.balance(ADA)
  const funding = await waiting(2_000_00n)
  const own = [
    ASKER,
    { email: 'other@operators.example', partyId: ASKER.partyId },
    { ...ASKER, partyId: uuidV7(Date.now()) },
  ]
  const results = await Promise.all(
    Array.from({ length: 18 }, (_, index) => decideFunding(server.assembly, askOf(own[index % 3]), funding, true)),
  )
  for (const result of results) assert.equal(!result.accepted && result.code, 'same-person')
  assert.equal(await server.balance(ADA), before)
  assert.equal((await findFunding(server.db, funding.id))?.state, 'waiting')
})

test('many small movements at once do not add up to more than the limit without a second person', async () => {
  const before = await server.balance(ADA)
  const small = person('small')
  const results = await Promise.all(
    Array.from({ length: 20 }, async () => moveFunds(server.assembly, askOf(small), await wish(99_99n))),
  )
  const made = results.filter((result) => result.accepted && !result.waiting).length
  const asked = results.filter((result) => result.accepted && result.waiting).length
  assert.deepEqual([made, asked], [10, 10])
  assert.equal(await server.balance(ADA), before + 999_90n)
})

test('what expired cannot be approved, by the row’s own check', async () => {
  const before = await server.balance(ADA)
  const funding = await waiting(2_000_00n)
  await server.db.query(
    "update funding set created_at = created_at - interval '8 days', expires_at = expires_at - interval '8 days' where id = $1",
    [funding.id],
  )
  // As it was read before it expired.
  const late = await decideFunding(server.assembly, askOf(person('late')), funding, true)
  assert.equal(!late.accepted && late.code, 'expired')
  assert.equal((await findFunding(server.db, funding.id))?.state, 'expired')
  assert.equal(await server.balance(ADA), before)
  // The books are to be clean again at the end.
  await server.db.query(
    "update funding set created_at = created_at + interval '8 days', expires_at = expires_at + interval '8 days' where id = $1",
    [funding.id],
  )
})

test('an approval that the ledger refuses leaves the movement waiting', async () => {
  const have = await server.balance(ADA)
  const funding = await waiting(have + 5_000_00n, 'out')
  const short = await decideFunding(server.assembly, askOf(person('short')), funding, true)
  assert.equal(!short.accepted && short.code, 'unavailable-funds')
  assert.equal((await findFunding(server.db, funding.id))?.state, 'waiting')
  const refused = await decideFunding(server.assembly, askOf(person('short')), funding, false)
  assert.equal(refused.accepted, true)
})

test('a limit of a currency counts in its own minor units', async () => {
  const { limitFor } = await import('../../../src/operations/funding/move-funds.ts')
  const { parseFundingLimit } = await import('../../../src/domain/funding-limit.ts')
  assert.equal(limitFor({}, { code: 'USD', exponent: 2 }), 1_000_00n)
  assert.equal(limitFor({}, { code: 'JPY', exponent: 0 }), 1_000n)
  const fundingLimit = parseFundingLimit('250.505, JPY=150000')
  assert.equal(limitFor({ fundingLimit }, { code: 'USD', exponent: 2 }), 250_50n)
  assert.equal(limitFor({ fundingLimit }, { code: 'KWD', exponent: 3 }), 250_505n)
  assert.equal(limitFor({ fundingLimit }, { code: 'JPY', exponent: 0 }), 150_000n)
  for (const wrong of ['', 'USD=5', '-1', '1e3', '5,JPY', '5,JPY=', '5,jpy=1'])
    assert.throws(() => parseFundingLimit(wrong), wrong)
})
