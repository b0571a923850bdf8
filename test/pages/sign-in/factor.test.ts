import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { createDeviceMarks } from '../../../src/credentials/device-mark.ts'
import { createSecondFactor } from '../../../src/credentials/second-factor.ts'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import type { Throttle } from '../../../src/credentials/throttle.ts'
import { makeCookieToken } from '../../../src/credentials/web-session.ts'
import { finishSignIn } from '../../../src/operations/finish-sign-in.ts'
import { insertHalfSession } from '../../../src/storage/half-sessions.ts'
import { codeOf, type Factors, setUpTotp } from '../../support/factors.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'
import type { Visitor } from '../visitor.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

/** Somebody with an authenticator app. */
async function secured(): Promise<{ email: string; visitor: Visitor } & Factors> {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  return { email, visitor, ...(await setUpTotp(visitor, PASSWORD)) }
}

async function halfWay(email: string, at = pages.url): Promise<Visitor> {
  const visitor = pages.visitor(at)
  const answer = await visitor.submit('/sign-in', { email, password: PASSWORD })
  assert.deepEqual([answer.status, answer.location], [303, '/sign-in/factor'], answer.text)
  return visitor
}

const finish = (visitor: Visitor, factor: string) => visitor.submit('/sign-in/factor', { factor })
// Each test has its own person, and all share an address.
const forgetAttempts = () => pages.db.query('delete from sign_in_throttle')

test('after the password comes the second factor, and then where somebody was going', async () => {
  const { email, secret } = await secured()
  const visitor = pages.visitor()
  const first = await visitor.submit('/sign-in?next=%2Faccount%3Fx%3D1', { email, password: PASSWORD })
  assert.equal(first.location, '/sign-in/factor?next=%2Faccount%3Fx%3D1')
  assert.equal(visitor.cookies.has('billfold_session'), false)
  const second = await visitor.submit(
    first.location as string,
    { factor: ` ${codeOf(secret).replace(/^.../, '$& ')}` },
    '/sign-in/factor',
  )
  assert.deepEqual([second.status, second.location], [303, '/account?x=1'])
  assert.equal(visitor.cookies.has('billfold_half'), false)
  assert.equal((await visitor.get('/account')).status, 200)
})

test('a half session opens nothing but the question, also in another process, and lives ten minutes', async () => {
  const { email, secret } = await secured()
  const visitor = await halfWay(email)
  for (const path of ['/account', '/account/security', '/account/security/totp']) {
    assert.match((await visitor.get(path)).location ?? '', /^\/sign-in\?next=/, path)
  }
  // Nor as what it is not.
  const half = visitor.cookies.get('billfold_half') as string
  const other = pages.visitor()
  other.cookies.set('billfold_session', half)
  assert.equal((await other.get('/account')).status, 303)
  const [row] = await pages.db.query<{ token_hash: Buffer }>('select token_hash from half_session where email = $1', [
    email,
  ])
  assert.deepEqual(row?.token_hash, hashSecret(half))
  await pages.db.query(`update half_session set expires_at = clock_timestamp() where email = $1`, [email])
  const late = await visitor.get('/sign-in/factor')
  assert.equal(late.location, '/sign-in?done=over')
  const again = await halfWay(email, pages.otherUrl)
  assert.equal((await finish(again, codeOf(secret))).location, '/wallet')
})

test('without the first step there is no second', async () => {
  const visitor = pages.visitor()
  assert.equal((await visitor.get('/sign-in/factor')).location, '/sign-in?done=over')
  const hidden = await visitor.hidden('/sign-in')
  assert.equal((await visitor.post('/sign-in/factor', { ...hidden, factor: '123456' })).location, '/sign-in?done=over')
  const { email } = await secured()
  const half = await halfWay(email)
  assert.equal((await half.post('/sign-in/factor', { csrf: 'made-up', factor: '123456' })).status, 403)
})

test('each code works once: not again at sign-in, and not for a dangerous act', async () => {
  const { email, secret } = await secured()
  const code = codeOf(secret)
  const visitor = await halfWay(email)
  assert.equal((await finish(visitor, code)).status, 303)
  const again = await halfWay(email)
  const refused = await finish(again, code)
  assert.equal(refused.status, 422)
  assert.match(refused.text, /id="factor-error">That is not right, or was used already/)
  assert.equal((await visitor.submit('/account/security/codes', { password: PASSWORD, factor: code })).status, 422)
  // The one before it is over with it, the one after is not.
  assert.equal((await finish(again, codeOf(secret, -1))).status, 422)
  assert.equal((await finish(again, codeOf(secret, 1))).status, 303)
})

test('a code of two steps ago or ahead is none', async () => {
  const { email, secret } = await secured()
  const visitor = await halfWay(email)
  assert.equal((await finish(visitor, codeOf(secret, 2))).status, 422)
  assert.equal((await finish(visitor, codeOf(secret, -2))).status, 422)
})

test('of 64 who use one code at once, in two processes, one is signed in', async () => {
  await forgetAttempts()
  const { email, secret } = await secured()
  const visitors: Visitor[] = []
  for (let count = 0; count < 64; count++) visitors.push(await halfWay(email, count % 2 ? pages.url : pages.otherUrl))
  const forms = await Promise.all(visitors.map((visitor) => visitor.hidden('/sign-in/factor')))
  const factor = codeOf(secret)
  const answers = await Promise.all(
    visitors.map((visitor, index) => visitor.post('/sign-in/factor', { ...forms[index], factor })),
  )
  assert.equal(answers.filter(({ location }) => location === '/wallet').length, 1)
  assert.ok(answers.every(({ status }) => [303, 422, 429].includes(status)))
  const sessions = await pages.db.query('select from web_session where email = $1', [email])
  assert.equal(sessions.length, 2)
})

/** As if every attempt came from elsewhere. */
const patient: Throttle = {
  take: async () => 0,
  pause: async () => 0,
  clear: async () => {},
  giveBack: async () => {},
}

async function race(email: string, halves: string[], code: string) {
  const { deps, db } = pages
  const outcomes = await Promise.all(
    halves.map((half) =>
      finishSignIn(
        { ...deps, throttle: patient, marks: createDeviceMarks(deps.keyring), secondFactor: createSecondFactor(deps) },
        {
          half,
          proof: { code, passkey: '', scope: { bind: '', site: null } },
          visitor: { device: '', address: '192.0.2.1' },
          mark: undefined,
          replaces: undefined,
          language: 'en',
        },
      ),
    ),
  )
  const sessions = await db.query(`select from web_session where email = $1 and address = '192.0.2.1'`, [email])
  return { results: outcomes.map(({ result }) => result).sort(), sessions: sessions.length }
}

async function halves(email: string, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, makeCookieToken)
  for (const token of tokens) await insertHalfSession(pages.db, hashSecret(token), email)
  return tokens
}

test('were nothing slowed down, 64 uses of one code would still give one sign-in; so would 64 of one recovery code', async () => {
  const { email, secret, recoveryCodes } = await secured()
  const one = { results: ['signed-in', ...Array(63).fill('wrong')], sessions: 1 }
  assert.deepEqual(await race(email, await halves(email, 64), codeOf(secret)), one)
  const more = await race(email, await halves(email, 64), recoveryCodes[0] as string)
  assert.deepEqual(more, { ...one, sessions: 2 })
})

test('one half session gives one session, with however many good codes', async () => {
  const { email, recoveryCodes } = await secured()
  const [half] = await halves(email, 1)
  const outcomes = await Promise.all(recoveryCodes.map((code) => race(email, [half as string], code)))
  assert.equal(outcomes.flatMap(({ results }) => results).filter((result) => result === 'signed-in').length, 1)
  const left = await pages.db.query('select from recovery_code where email = $1 and used_at is null', [email])
  assert.equal(left.length, 9, 'a code that came too late is not used up')
})

test('a recovery code stands in for the app once, and its owner is told', async () => {
  await forgetAttempts()
  const { email, recoveryCodes } = await secured()
  const code = recoveryCodes[3] as string
  assert.equal((await finish(await halfWay(email), code)).status, 303)
  assert.equal((await finish(await halfWay(email), code)).status, 422)
  const [mail] = (await pages.mails()).filter(({ to }) => to === email)
  assert.match(mail?.text ?? '', /one of your recovery codes/)
})

test('guessing is slowed down; a browser that showed a factor before is counted for itself', async () => {
  await forgetAttempts()
  const { email, secret } = await secured()
  const mine = await halfWay(email)
  assert.equal((await finish(mine, codeOf(secret))).status, 303)
  await mine.submit('/account', {}, '/sign-out')
  await mine.submit('/sign-in', { email, password: PASSWORD })
  const thief = await halfWay(email)
  const fields = await thief.hidden('/sign-in/factor')
  const guesses = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      thief.post('/sign-in/factor', { ...fields, factor: String(200_000 + index) }),
    ),
  )
  assert.ok(guesses.filter(({ status }) => status === 422).length <= 5)
  const refused = await thief.post('/sign-in/factor', { ...fields, factor: codeOf(secret, 1) })
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.equal((await finish(mine, codeOf(secret, 1))).location, '/wallet')
})

test('a recovered password removes no factor, and gives no new guesses at it', async () => {
  await forgetAttempts()
  const { email, secret } = await secured()
  const halfBefore = await halfWay(email)
  const thief = pages.visitor()
  await thief.submit('/recover', { email })
  const link = await pages.linkTo(email)
  assert.equal((await thief.submit(link, { password: 'quite another one' })).status, 303)
  assert.equal((await finish(thief, codeOf(secret)).catch(() => null))?.status, undefined)
  const first = await thief.submit('/sign-in', { email, password: 'quite another one' })
  assert.equal(first.location, '/sign-in/factor')
  assert.equal(thief.cookies.has('billfold_factor'), false)
  assert.equal((await halfBefore.get('/sign-in/factor')).location, '/sign-in?done=over')
  assert.equal((await finish(thief, codeOf(secret))).location, '/wallet')
})

test('whether somebody has a factor is not told before the password is right', async () => {
  const [{ email: plain }, { email }] = [await pages.person(), await secured()]
  const answers = []
  for (const address of [plain, email])
    answers.push(await pages.visitor().submit('/sign-in', { email: address, password: 'wrong' }))
  const [one, two] = answers.map(({ text, status }) => [
    status,
    text
      .replaceAll(plain, '')
      .replaceAll(email, '')
      .replace(/name="csrf" value="[^"]*"/g, ''),
  ])
  assert.deepEqual(one, two)
})
