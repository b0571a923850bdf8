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
  const seen = async () =>
    (await db.query<{ seen_at: Date }>('select seen_at from web_session where id = $1', [id]))[0]?.seen_at.getTime()
  const first = await seen()
  await readWebSession({ db }, token, '198.51.100.7')
  assert.equal(await seen(), first, 'at the same address nothing is written for a while')
  await db.query(`update web_session set seen_at = seen_at - interval '1 hour' where id = $1`, [id])
  await readWebSession({ db }, token, '198.51.100.7')
  assert.ok(((await seen()) ?? 0) >= (first ?? 0))
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

test('a link lives as long as its mail says, and names what it is for', async () => {
  const lives = { 'recover-password': 1_800, invitation: 604_800, 'verify-email': 259_200, 'erase-account': 86_400 }
  for (const [purpose, seconds] of Object.entries(lives) as [keyof typeof lives, number][]) {
    const role = purpose === 'invitation' ? ('viewer' as const) : undefined
    const { token, expiresAt } = await makeLink(db, { purpose, email, partyId, ...(role && { role }) })
    assert.match(token, /^[\w-]{43}$/)
    const left = (expiresAt.getTime() - Date.now()) / 1000 - seconds
    assert.ok(left > -10 && left < 10, `${purpose} ${left}`)
    const found = await readLink(db, purpose, token)
    assert.deepEqual([found?.email, found?.party_id, found?.role ?? undefined], [email, partyId, role])
    assert.ok(await readLink(db, purpose, token), 'looking uses nothing up')
    assert.ok(await useLink(db, purpose, token))
    assert.deepEqual([await readLink(db, purpose, token), await useLink(db, purpose, token)], [undefined, undefined])
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
