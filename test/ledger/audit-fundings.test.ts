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
  for (const [id, set] of [
    [ids.direct, 'amount = amount + 1'],
    [ids.direct, "direction = 'out'"],
    [ids.direct, "reason = 'Other'"],
    [ids.direct, "asked_by = 'nobody@operators.example'"],
    [ids.direct, `asked_party = '${OTHER}'`],
    [
      ids.direct,
      "expires_at = created_at + interval '1 day', decided_by = 'x', decided_party = '00000000-0000-4000-8000-000000000000'",
    ],
    [ids.waiting, 'amount = amount - 1'],
    [ids.waiting, 'target = target + 1'],
    [ids.waiting, "created_at = created_at - interval '1 second'"],
    [ids.approved, 'source = source + 1'],
    [ids.approved, `decided_by = 'third@operators.example'`],
    [ids.approved, `decided_party = '${OTHER}'`],
    [ids.approved, `decided_in = '${OTHER}'`],
    [ids.approved, 'status = 2'],
    [ids.refused, `status = 1`],
    [ids.refused, "decided_at = decided_at + interval '1 second'"],
  ] as const) {
    const found = await tampered(`update funding set ${set} where id = $1`, [id])
    assert.notDeepEqual(found, [], set)
  }
})

test('an audit finds movements that are gone, were never asked for, or are not counted', async () => {
  for (const id of Object.values(ids))
    assert.notDeepEqual(await tampered('delete from funding where id = $1', [id]), [])
  const made = `insert into funding select '${OTHER}', direction, source, target, amount, reason, asked_by, asked_party, created_at,
    expires_at, status, decisions, decided_by, decided_party, decided_in, decided_at from funding where id = $1`
  assert.notDeepEqual(await tampered(made, [ids.waiting]), [])
  assert.notDeepEqual(await tampered('update funding_use set used = used - 1'), [])
  assert.notDeepEqual(await tampered('delete from funding_use'), [])
  assert.deepEqual(await findings(), [])
})
