import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { codeOf, hiddenIn, recoveryCodesIn, secretIn, setUpTotp } from '../../support/factors.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

const mailsTo = async (email: string) => (await pages.mails()).filter(({ to }) => to === email).map(({ text }) => text)

test('an authenticator app is set up with the password and a code; ten recovery codes are shown once', async () => {
  const { email } = await pages.person()
  const [visitor, elsewhere] = [await pages.signedIn(email), await pages.signedIn(email)]
  assert.match((await visitor.get('/account')).text, /Your password alone opens this account/)
  assert.equal((await visitor.submit('/account/security/totp', { password: 'wrong' })).status, 422)
  const page = await visitor.submit('/account/security/totp', { password: PASSWORD })
  assert.equal(page.status, 200)
  assert.match(page.text, /<svg class="qr"/)
  const secret = secretIn(page.text)
  assert.match(secret, /^[A-Z2-7]{32}$/)
  const wrong = await visitor.post('/account/security/totp/confirm', { ...hiddenIn(page.text), code: '000000' })
  assert.equal(wrong.status, 422)
  assert.equal(secretIn(wrong.text), secret, 'the same secret, so that the app need not scan again')
  const done = await visitor.post('/account/security/totp/confirm', { ...hiddenIn(wrong.text), code: codeOf(secret) })
  assert.equal(done.status, 200)
  const codes = recoveryCodesIn(done.text)
  assert.equal(new Set(codes).size, 10)
  const overview = await visitor.get('/account/security')
  assert.match(overview.text, /10 of 10 are left/)
  assert.ok(!overview.text.includes(codes[0] as string))
  assert.equal((await elsewhere.get('/account')).status, 303, 'sessions of the password alone have ended')
  assert.match((await mailsTo(email))[0] ?? '', /An authenticator app was set up/)
  const [row] = await pages.db.query<{ sealed: Buffer }>('select sealed from totp_factor where email = $1', [email])
  assert.ok(row && !row.sealed.includes(secret))
  assert.equal((await visitor.get('/account/security/totp')).status, 404, 'one app at a time')
})

test('the secret of a page serves the session that it was shown to, and not for ever', async () => {
  const { email } = await pages.person()
  const [visitor, other] = [await pages.signedIn(email), await pages.signedIn(email)]
  const page = await visitor.submit('/account/security/totp', { password: PASSWORD })
  const { setup = '' } = hiddenIn(page.text)
  const stolen = await other.hidden('/account/security/totp')
  const answer = await other.post('/account/security/totp/confirm', {
    ...stolen,
    setup,
    code: codeOf(secretIn(page.text)),
  })
  assert.equal(answer.status, 409)
  assert.match(answer.text, /action="\/account\/security\/totp"/)
})

test('of 16 who confirm one secret at once one has set it up', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const page = await visitor.submit('/account/security/totp', { password: PASSWORD })
  const fields = { ...hiddenIn(page.text), code: codeOf(secretIn(page.text)) }
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => visitor.post('/account/security/totp/confirm', fields)),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 422).length, 15)
})

test('the app goes with the password and a factor; the codes go with the last factor, and the owner is told', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const { secret, recoveryCodes } = await setUpTotp(visitor, PASSWORD)
  const remove = (factor: string, password = PASSWORD) =>
    visitor.submit('/account/security/totp/remove', { password, factor })
  const missing = await remove('')
  assert.equal(missing.status, 422)
  assert.match(missing.text, /id="factor-error">Enter a code/)
  assert.equal((await remove('123456')).status, 422)
  // A wrong password uses no code up.
  assert.match((await remove(codeOf(secret), 'wrong')).text, /id="password-error"/)
  assert.equal((await remove(codeOf(secret))).location, '/account/security?done=totp-removed')
  const rows = await pages.db.query('select from recovery_code where email = $1', [email])
  assert.equal(rows.length, 0)
  assert.match((await mailsTo(email))[0] ?? '', /authenticator app was taken away/)
  const old = pages.visitor()
  const answer = await old.submit('/sign-in', { email, password: PASSWORD })
  assert.equal(answer.location, '/wallet')
  assert.equal(recoveryCodes.length, 10)
})

test('new recovery codes end the ones before', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const { recoveryCodes } = await setUpTotp(visitor, PASSWORD)
  const renew = (factor: string) => visitor.submit('/account/security/codes', { password: PASSWORD, factor })
  const page = await renew((recoveryCodes[0] as string).toUpperCase().replaceAll('-', ' '))
  assert.equal(page.status, 200)
  const fresh = recoveryCodesIn(page.text)
  assert.equal(fresh.length, 10)
  assert.equal((await renew(recoveryCodes[1] as string)).status, 422)
  assert.equal((await renew(fresh[0] as string)).status, 200)
})

test('guessing at the factor of a stolen session is slowed down, however many guess at once', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const { secret } = await setUpTotp(visitor, PASSWORD)
  const fields = await visitor.hidden('/account/security/codes')
  const guesses = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      visitor.post('/account/security/codes', { ...fields, password: PASSWORD, factor: String(100_000 + index) }),
    ),
  )
  assert.ok(guesses.filter(({ status }) => status === 422).length <= 5)
  const refused = await visitor.post('/account/security/codes', {
    ...fields,
    password: PASSWORD,
    factor: codeOf(secret),
  })
  assert.equal(refused.status, 429)
})

test('an account’s pages on this are nobody else’s, and a form from elsewhere does nothing', async () => {
  const stranger = pages.visitor()
  for (const path of ['', '/totp', '/codes', '/passkeys/new', '/applications/new']) {
    assert.equal((await stranger.get(`/account/security${path}`)).status, 303, path)
  }
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  for (const path of ['/totp', '/totp/confirm', '/passkeys/new', '/passkeys', '/applications/new']) {
    const answer = await visitor.post(`/account/security${path}`, { csrf: 'made-up', password: PASSWORD })
    assert.equal(answer.status, 403, path)
  }
  assert.equal((await visitor.get('/account/security/codes')).status, 404)
  assert.equal((await visitor.get('/account/security/totp/remove')).status, 404)
})
