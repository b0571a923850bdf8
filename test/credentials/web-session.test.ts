import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before } from 'node:test'
import { makeLink, readLink, useLink } from '../../src/credentials/one-time-link.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { beginWebSession, formToken, formTokenMatches, readWebSession } from '../../src/credentials/web-session.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { createSignIn } from '../../src/operations/create-sign-in.ts'
import type { Database } from '../../src/storage/database.ts'
import { sweepSignIns } from '../../src/worker/sweep-sign-ins.ts'
import { createTestDatabase } from '../support/database.ts'

const email = 'ana@example.com'
let db: Database
let drop: () => Promise<void>
let partyId: string
before(async () => {
  ;({ db, drop } = await createTestDatabase())
  partyId = (await createParty({ db, clock: Date.now }, { kind: 'person', name: 'Ana' })).id
  await createSignIn({ db, passwords: createPasswords() }, { partyId, email, password: 'correct horse' })
})
after(() => drop())

const begin = () => beginWebSession({ clock: Date.now }, db, email, { device: 'Firefox · Linux', address: '192.0.2.1' })

test('a session is read by its token, and by nothing else', async () => {
  const { id, token } = await begin()
  assert.match(token, /^[A-Za-z0-9_-]{43}$/)
  const session = await readWebSession({ db }, token, '192.0.2.1')
  assert.deepEqual([session?.id, session?.party_id, session?.email], [id, partyId, email])
  for (const wrong of [undefined, '', id, `${token}x`, token.slice(1), randomBytes(32).toString('base64url')]) {
    assert.equal(await readWebSession({ db }, wrong, ''), null)
  }
})

test('what could be no token is not looked up', async () => {
  const never: Pick<Database, 'query'> = { query: () => assert.fail('the database was asked') }
  assert.equal(await readWebSession({ db: never }, "' or 1=1 --", ''), null)
  assert.equal(await readLink(never, 'invitation', '../x'), undefined)
  assert.equal(await useLink(never, 'invitation', 'x'.repeat(10_000)), undefined)
})

test('a move to another address is noted', async () => {
  const { id, token } = await begin()
  await readWebSession({ db }, token, '198.51.100.7')
  const [row] = await db.query<{ address: string }>('select address from web_session where id = $1', [id])
  assert.equal(row?.address, '198.51.100.7')
})

test('a form’s token belongs to its cookie and to this server’s key', () => {
  const [key, other] = [randomBytes(32), randomBytes(32)]
  const token = formToken(key, 'cookie')
  assert.ok(formTokenMatches(key, 'cookie', token))
  for (const [of, cookie, given] of [
    [other, 'cookie', token],
    [key, 'another', token],
    [key, 'cookie', `${token}x`],
    [key, 'cookie', ''],
    [key, 'cookie', 'é'.repeat(43)],
  ] as const) {
    assert.equal(formTokenMatches(of, cookie, given), false)
  }
})

test('of 64 uses of a link at once one gets it, and only for its purpose', async () => {
  const { token } = await makeLink(db, { purpose: 'verify-email', email, partyId })
  assert.equal(await useLink(db, 'recover-password', token), undefined)
  const uses = await Promise.all(Array.from({ length: 64 }, () => useLink(db, 'verify-email', token)))
  assert.equal(uses.filter((link) => link !== undefined).length, 1)
})

test('what is over is swept, and nothing else', async () => {
  await db.query('delete from web_session')
  await db.query('delete from one_time_link')
  const [dead, live] = [await begin(), await begin()]
  await db.query(`update web_session set seen_at = clock_timestamp() - interval '13 hours' where id = $1`, [dead.id])
  const { token } = await makeLink(db, { purpose: 'invitation', email, partyId })
  await makeLink(db, { purpose: 'recover-password', email, partyId })
  await db.query(
    `update one_time_link set expires_at = clock_timestamp() - interval '2 days' where purpose <> 'invitation'`,
  )
  await db.query(
    `insert into sign_in_throttle values ($1, 1, clock_timestamp() - interval '2 days', clock_timestamp()),
                                         ($2, 1, clock_timestamp(), clock_timestamp())`,
    [randomBytes(32), randomBytes(32)],
  )
  await db.query(
    `insert into mail_outbox (id, created_at) values (gen_random_uuid(), clock_timestamp() - interval '8 days'),
                                                    (gen_random_uuid(), clock_timestamp())`,
  )
  await db.query(
    `insert into half_session values ($1, $3, clock_timestamp() - interval '1 second'),
                                     ($2, $3, clock_timestamp() + interval '1 minute')`,
    [randomBytes(32), randomBytes(32), email],
  )
  await db.query(
    `insert into used_challenge values ($1, clock_timestamp() - interval '2 hours'), ($2, clock_timestamp())`,
    [randomBytes(32), randomBytes(32)],
  )
  assert.equal(await sweepSignIns(db), 6)
  assert.equal(await sweepSignIns(db), 0)
  assert.ok(await readWebSession({ db }, live.token, ''))
  assert.ok(await readLink(db, 'invitation', token))
})
