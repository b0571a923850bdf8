import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { audit } from '../../src/ledger/audit.ts'
import { decideFunding } from '../../src/operations/funding/decide-funding.ts'
import { moveFunds } from '../../src/operations/funding/move-funds.ts'
import { type Funding, findFunding } from '../../src/storage/fundings.ts'
import { findWallet } from '../../src/storage/wallets.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'

const OTHER = '00000000-0000-4000-8000-000000000000'
const ASKER = { email: 'asker@operators.example', partyId: '0190a5b0-0000-7000-8000-000000000001' }
const SECOND = { email: 'second@operators.example', partyId: '0190a5b0-0000-7000-8000-000000000002' }

let server: SandboxServer
const ids = {} as Record<'direct' | 'waiting' | 'approved' | 'refused', string>

before(async () => {
  server = await startSandboxServer()
  const [wallet, bank] = [
    await findWallet(server.db, 'us:8301234567:USD'),
    await findWallet(server.db, 'bank:gateway:USD'),
  ]
  assert.ok(wallet && bank)
  const ask = (by = ASKER) => ({ actor: `operator:${by.email}`, key: crypto.randomUUID(), by })
  const move = async (amount: bigint) => {
    const wish = { direction: 'in', wallet, bank: bank.id, amount, reason: 'Cash' } as const
    const result = await moveFunds(server.assembly, ask(), wish)
    assert.ok(result.accepted)
    return result.id
  }
  ids.direct = await move(10_00n)
  ids.waiting = await move(2_000_00n)
  ids.approved = await move(2_000_00n)
  ids.refused = await move(2_000_00n)
  for (const [id, approve] of [
    [ids.approved, true],
    [ids.refused, false],
  ] as const) {
    const funding = (await findFunding(server.db, id)) as Funding
    assert.equal((await decideFunding(server.assembly, ask(SECOND), funding, approve)).accepted, true)
  }
})
after(() => server.stop())

async function findings(): Promise<string[]> {
  const report = await audit(server.db, { journalKey: await loadJournalKey(server.assembly) })
  return report.findings.filter(({ check }) => check === 'fundings').map(({ message }) => message)
}

/** Changes the rows, looks what the audit finds, and puts them back. */
async function tampered(change: string, values: unknown[] = []): Promise<string[]> {
  await server.db.query('create table kept_funding as select * from funding')
  await server.db.query('create table kept_use as select * from funding_use')
  try {
    await server.db.query(change, values)
    return await findings()
  } finally {
    await server.db.query('delete from funding')
    await server.db.query('delete from funding_use')
    await server.db.query('insert into funding select * from kept_funding')
    await server.db.query('insert into funding_use select * from kept_use')
    await server.db.query('drop table kept_funding, kept_use')
  }
}

test('movements by hand of every kind are clean', async () => {
  await server.assertClean()
})

test('an audit finds every movement by hand that is not what its transactions say', async () => {
  for (const [id, set, ...says] of [
    [
      ids.direct,
      'amount = amount + 1',
      'amount: not what its transaction says; what it moved is something else',
      'it counts 1000, but 1001 was moved',
    ],
    [ids.direct, "direction = 'out'", 'direction: not what its transaction says'],
    [ids.direct, "reason = 'Other'", 'reason: not what its transaction says'],
    [ids.direct, "asked_by = 'nobody@operators.example'", 'asked_by: not what its transaction says'],
    [
      ids.direct,
      `asked_party = '${OTHER}'`,
      'asked_party: not what its transaction says',
      'it counts nothing, but 1000 was moved',
      'it counts 1000, but nothing was moved',
    ],
    [
      ids.direct,
      "expires_at = created_at + interval '1 day', decided_by = 'x', decided_party = '00000000-0000-4000-8000-000000000000'",
      'it was asked for by something else; id, decided_by, decided_party: not what its transaction says',
      'it counts 1000, but nothing was moved',
    ],
    [ids.waiting, 'amount = amount - 1', 'amount: not what its transaction says'],
    // Far off: the next account may be the other side, which the table refuses.
    [ids.waiting, 'target = target + 1000000', 'target: not what its transaction says'],
    [ids.waiting, "created_at = created_at - interval '1 second'", 'its moments are not those of its transactions'],
    [
      ids.approved,
      'source = source + 1000000',
      'source: not what its transaction says; source: not what its transaction says; what it moved is something else',
    ],
    [ids.approved, `decided_by = 'third@operators.example'`, 'decided_by: not what its transaction says'],
    [ids.approved, `decided_party = '${OTHER}'`, 'decided_party: not what its transaction says'],
    [
      ids.approved,
      `decided_in = '${OTHER}'`,
      'its moments are not those of its transactions; the transaction that decided it does not exist; what it moved is something else',
      'the funding of this transaction does not exist',
    ],
    [ids.approved, 'status = 2', 'it was decided by something else'],
    [ids.refused, `status = 1`, 'it was decided by something else; what it moved is something else'],
    [ids.refused, "decided_at = decided_at + interval '1 second'", 'its moments are not those of its transactions'],
  ] as const) {
    const found = await tampered(`update funding set ${set} where id = $1`, [id])
    assert.deepEqual(found.sort(), [...says].sort(), set)
  }
})

test('an audit finds movements that are gone, were never asked for, or are not counted', async () => {
  const lost = 'the funding of this transaction does not exist'
  for (const [id, says] of [
    [ids.direct, [lost, 'it counts 1000, but nothing was moved']],
    [ids.waiting, [lost]],
    // Of what was decided, both transactions are left alone.
    [ids.approved, [lost, lost]],
    [ids.refused, [lost, lost]],
  ] as const)
    assert.deepEqual(await tampered('delete from funding where id = $1', [id]), says)
  const made = `insert into funding select '${OTHER}', direction, source, target, amount, reason, asked_by, asked_party, created_at,
    expires_at, status, decisions, decided_by, decided_party, decided_in, decided_at from funding where id = $1`
  assert.deepEqual(await tampered(made, [ids.waiting]), [
    'the transaction that asked for it does not exist; its moments are not those of its transactions',
  ])
  assert.deepEqual(await tampered('update funding_use set used = used - 1'), ['it counts 999, but 1000 was moved'])
  assert.deepEqual(await tampered('delete from funding_use'), ['it counts nothing, but 1000 was moved'])
  // What the same hands asked for and approved, where somebody has dropped the constraint that forbids it.
  await server.db.query('alter table funding drop constraint funding_by_another')
  for (const own of [`decided_by = asked_by`, `decided_party = asked_party`])
    assert.match(
      (await tampered(`update funding set ${own} where id = $1`, [ids.approved])).join(),
      /nobody else has approved it/,
    )
  assert.deepEqual(await findings(), [])
})
