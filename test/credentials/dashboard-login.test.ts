import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before } from 'node:test'
import { createDashboardLogin } from '../../src/credentials/dashboard-login.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasswords, PasswordsBusy } from '../../src/credentials/password.ts'
import { createThrottle } from '../../src/credentials/throttle.ts'
import { createMailer } from '../../src/mail/mailer.ts'
import { makeApplicationPassword, revokeApplicationPassword } from '../../src/operations/application-passwords.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { createSignIn } from '../../src/operations/create-sign-in.ts'
import { OperationRefusal } from '../../src/operations/input.ts'
import { listApplicationPasswords } from '../../src/storage/application-passwords.ts'
import { deleteFactors, insertTotp } from '../../src/storage/second-factors.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const PASSWORD = 'correct horse battery'

let world: TestDatabase
const keyring = createKeyring([randomBytes(32)])
const clock = Date.now
const passwords = createPasswords()
let hashed = 0
const counting = {
  ...passwords,
  verify(...args: Parameters<typeof passwords.verify>) {
    hashed += 1
    return passwords.verify(...args)
  },
}
let now = 0

before(async () => {
  world = await createTestDatabase()
})
after(() => world.drop())

const mailer = createMailer({ keyring, clock, origin: 'https://pay.example', mode: 'sandbox', leaves: false })
const login = () => createDashboardLogin({ db: world.db, keyring, passwords: counting, monotonic: () => now })

async function person() {
  const email = `ana-${randomBytes(4).toString('hex')}@example.com`
  const { id: partyId } = await createParty({ ...world, clock }, { kind: 'business', name: 'Río Bazaar' })
  await createSignIn({ db: world.db, passwords }, { partyId, email, password: PASSWORD })
  const shows = (password: string) => ({ email, password, address: '192.0.2.7' })
  const make = (name = 'Till') =>
    makeApplicationPassword({ db: world.db, mailer, clock }, { email, name, language: 'en' })
  const secure = () => insertTotp(world.db, { email, sealed: Buffer.alloc(60), last_step: 0 })
  return { email, partyId, shows, make, secure }
}

test('where there is a second factor, a program shows an application password and the plain one is refused', async () => {
  const { partyId, email, shows, make, secure } = await person()
  const check = login()
  assert.equal((await check(shows(PASSWORD))).result, 'known')
  const { secret, id } = await make()
  assert.match(secret, /^bfa_[\w-]{43}$/)
  assert.equal((await check(shows(secret))).result, 'known', 'it works before, so that nothing stands still meanwhile')
  await secure()
  // Also for a server that remembers the password for a minute.
  assert.equal((await check(shows(PASSWORD))).result, 'wrong')
  assert.deepEqual(await check(shows(secret)), { result: 'known', partyId, email, viewer: false })
  const [row] = await listApplicationPasswords(world.db, email)
  assert.ok(row?.used_at)
  const stored = await world.db.query<{ text: string }>(
    'select application_password::text as text from application_password',
  )
  assert.ok(stored.every(({ text }) => !text.includes(secret)))
  assert.equal(await revokeApplicationPassword({ db: world.db, mailer, clock }, { email, id, language: 'en' }), true)
  assert.equal((await check(shows(secret))).result, 'wrong')
  assert.equal((await login()(shows(secret))).result, 'wrong')
  await deleteFactors(world.db, email)
  assert.equal((await login()(shows(PASSWORD))).result, 'known')
})

test('an application password is its owner’s alone', async () => {
  const [ana, bo] = [await person(), await person()]
  const { secret } = await ana.make()
  assert.equal((await login()(bo.shows(secret))).result, 'wrong')
})

test('a plain password that a factor rules out costs the work of a wrong one', async () => {
  const { shows, secure } = await person()
  await secure()
  hashed = 0
  await login()(shows(PASSWORD))
  await login()(shows('wrong'))
  assert.equal(hashed, 2)
})

test('a minute long the counters are left alone; then an application password is looked at again', async () => {
  const { shows, make, email } = await person()
  const { secret } = await make()
  const check = login()
  const usedAt = async () => (await listApplicationPasswords(world.db, email))[0]?.used_at?.getTime()
  await check(shows(secret))
  const first = await usedAt()
  now += 59_000
  await check(shows(secret))
  assert.equal(await usedAt(), first)
  now += 2_000
  await check(shows(secret))
  assert.notEqual(await usedAt(), first)
})

test('of 24 made at once twenty are, and names that cannot be are refused', async () => {
  const { email, make } = await person()
  const made = await Promise.allSettled(Array.from({ length: 24 }, (_, index) => make(`program ${index}`)))
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 20)
  assert.equal((await listApplicationPasswords(world.db, email)).length, 20)
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(101)]) await assert.rejects(make(name), OperationRefusal)
})

test('what is right is known however the address is typed, and says who only looks', async () => {
  const { partyId, email, shows } = await person()
  const check = login()
  const typed = { ...shows(PASSWORD), email: `  ${email.toUpperCase()} ` }
  assert.deepEqual(await check(typed), { result: 'known', partyId, email, viewer: false })
  hashed = 0
  await world.db.query(`update sign_in set role = 'viewer' where email = $1`, [email])
  assert.deepEqual(await check(shows(PASSWORD)), { result: 'known', partyId, email, viewer: true })
  assert.equal(hashed, 0, 'remembered')
})

test('a remembered password ends with the password, and an unknown address costs the same work', async () => {
  const { email, shows } = await person()
  const check = login()
  await check(shows(PASSWORD))
  hashed = 0
  await world.db.query('update sign_in set password_hash = $2 where email = $1', [email, await passwords.hash('new')])
  assert.deepEqual(await check(shows(PASSWORD)), { result: 'wrong' })
  assert.equal((await check(shows('new'))).result, 'known')
  assert.deepEqual(await check({ ...shows(PASSWORD), email: `x${email}` }), { result: 'wrong' })
  assert.equal(hashed, 3)
})

test('a password is remembered for a minute, and many at once with it are one attempt', async () => {
  const { shows } = await person()
  const check = login()
  hashed = 0
  const outcomes = await Promise.all(Array.from({ length: 16 }, () => check(shows(PASSWORD))))
  assert.deepEqual([outcomes.every(({ result }) => result === 'known'), hashed], [true, 1])
  now += 59_999
  await check(shows(PASSWORD))
  assert.equal(hashed, 1)
  now += 1
  await check(shows(PASSWORD))
  await check(shows(PASSWORD))
  assert.equal(hashed, 2)
})

test('guesses are slowed down by account and address; what is right clears the one and is given back to the other', async () => {
  const { email, shows } = await person()
  const check = login()
  const throttle = createThrottle(keyring)
  const guess = async (rule: 'account' | 'address', of: string, times: number) => {
    for (let i = 0; i < times; i++) assert.equal(await throttle.take(world.db, { rule, of }), 0)
  }
  const failures = async () =>
    (await world.db.query<{ failures: number }>('select failures from sign_in_throttle')).map((row) => row.failures)
  await world.db.query('delete from sign_in_throttle')
  await guess('account', email, 4)
  await guess('address', '192.0.2.7', 2)
  assert.equal((await check(shows(PASSWORD))).result, 'known')
  assert.deepEqual(await failures(), [2])
  assert.equal((await check(shows(PASSWORD))).result, 'known')
  assert.deepEqual(await failures(), [2], 'what is remembered is no attempt')
  assert.equal((await check(shows('wrong'))).result, 'wrong')
  assert.deepEqual((await failures()).sort(), [1, 3])
  await guess('account', email, 4)
  assert.deepEqual(await check(shows('wrong')), { result: 'throttled', seconds: 1 })
  await world.db.query('delete from sign_in_throttle')
  await guess('address', '192.0.2.7', 20)
  assert.equal((await check(shows('wrong'))).result, 'throttled')
  await world.db.query('delete from sign_in_throttle')
})

test('when too many sign in at once it says so, and the next may try', async () => {
  const { shows } = await person()
  let busy = true
  const verify: typeof passwords.verify = (...args) =>
    busy ? Promise.reject(new PasswordsBusy('too many')) : passwords.verify(...args)
  const check = createDashboardLogin({ db: world.db, keyring, passwords: { ...passwords, verify } })
  await assert.rejects(check(shows(PASSWORD)), PasswordsBusy)
  busy = false
  assert.equal((await check(shows(PASSWORD))).result, 'known')
  assert.equal((await check(shows(PASSWORD))).result, 'known')
})
