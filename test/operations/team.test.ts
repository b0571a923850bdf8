import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before } from 'node:test'
import { beginWebSession } from '../../src/credentials/web-session.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { endSessionsOf } from '../../src/operations/end-sessions.ts'
import { OperationRefusal } from '../../src/operations/input.ts'
import { changeRole, removeMember } from '../../src/operations/team.ts'
import { insertSignIn } from '../../src/storage/parties.ts'
import { listTeam, type TeamRole } from '../../src/storage/teams.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let world: TestDatabase
before(async () => {
  world = await createTestDatabase()
})
after(() => world.drop())

async function team(...roles: TeamRole[]) {
  const { id: partyId } = await createParty({ ...world, clock: Date.now }, { kind: 'business', name: 'Río Bazaar' })
  const emails: string[] = []
  for (const role of roles) {
    const email = `${role}-${randomBytes(4).toString('hex')}@shop.example`
    await insertSignIn(world.db, { email, party_id: partyId, password_hash: 'none', operator: false, role })
    emails.push(email)
  }
  const now = async () => (await listTeam(world.db, partyId)).map(({ email, role }) => [email, role] as const)
  return { partyId, emails: emails as [string, ...string[]], now }
}

const refused = (code: string) => (error: unknown) => error instanceof OperationRefusal && error.code === code
const visitor = { device: 'Firefox', address: '192.0.2.1' }

test('of 16 owners who all remove each other at once, one is left', async () => {
  const { partyId, emails, now } = await team(...Array<TeamRole>(16).fill('owner'))
  const outcomes = await Promise.allSettled(
    emails.map((_, index) => removeMember(world, { partyId, email: emails[(index + 1) % 16] as string })),
  )
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 15)
  assert.deepEqual(
    (await now()).map(([, role]) => role),
    ['owner'],
  )
})

test('of 16 owners who all step down at once, one stays', async () => {
  const { partyId, emails, now } = await team(...Array<TeamRole>(16).fill('owner'))
  await Promise.allSettled(emails.map((email) => changeRole(world, { partyId, email, role: 'viewer' })))
  assert.equal((await now()).filter(([, role]) => role === 'owner').length, 1)
})

test('the last owner neither goes nor steps down; with a second one they may', async () => {
  const { partyId, emails } = await team('owner', 'member')
  const [owner, member] = emails as unknown as [string, string]
  await assert.rejects(removeMember(world, { partyId, email: owner }), refused('conflict'))
  await assert.rejects(changeRole(world, { partyId, email: owner, role: 'member' }), refused('conflict'))
  await changeRole(world, { partyId, email: owner, role: 'owner' })
  await changeRole(world, { partyId, email: member, role: 'owner' })
  await removeMember(world, { partyId, email: owner })
})

test('nobody of another team is reached, and nobody who runs the installation', async () => {
  const [ours, theirs] = [await team('owner', 'owner'), await team('owner', 'owner')]
  const [email] = theirs.emails
  await assert.rejects(removeMember(world, { ...ours, email }), refused('not_found'))
  await assert.rejects(changeRole(world, { ...ours, email, role: 'viewer' }), refused('not_found'))
  await world.db.query('update sign_in set operator = true where email = $1', [ours.emails[0]])
  await assert.rejects(removeMember(world, { ...ours, email: ours.emails[0] }), refused('not_found'))
  assert.equal((await theirs.now()).length, 2)
})

test('who is removed is signed out everywhere, also of a sign-in that is under way', async () => {
  const { partyId, emails } = await team('owner', 'member')
  const email = emails[1] as string
  const sign = () => beginWebSession({ clock: Date.now }, world.db, email, visitor)
  await sign()
  const outcomes = await Promise.allSettled([
    removeMember(world, { partyId, email }),
    ...Array.from({ length: 16 }, sign),
  ])
  if (outcomes[0].status === 'rejected') await removeMember(world, { partyId, email })
  assert.equal((await world.db.query('select from web_session where email = $1', [email])).length, 0)
})

test('somebody’s sessions can be ended by others', async () => {
  const { emails } = await team('owner')
  for (let count = 0; count < 3; count++) await beginWebSession({ clock: Date.now }, world.db, emails[0], visitor)
  assert.equal(await endSessionsOf(world, emails[0]), 3)
  assert.equal(await endSessionsOf(world, 'nobody@shop.example'), 0)
})
