import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

const sessionLine = (headers: Headers) =>
  headers.getSetCookie().find((cookie) => cookie.startsWith('billfold_session=')) ?? ''

test('whoever knows the password is signed in and goes on where they were going', async () => {
  const { email } = await pages.person()
  const visitor = pages.visitor()
  const asked = await visitor.get('/account?x=1')
  assert.equal(asked.status, 303)
  assert.equal(asked.location, '/sign-in?next=%2Faccount%3Fx%3D1')
  const answer = await visitor.submit(asked.location as string, {
    email: ` ${email.toUpperCase()} `,
    password: PASSWORD,
  })
  assert.equal(answer.status, 303)
  assert.equal(answer.location, '/account?x=1')
  assert.match(sessionLine(answer.headers), /^billfold_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  const page = await visitor.get('/account')
  assert.equal(page.status, 200)
  assert.ok(page.text.includes(email))
  assert.equal(page.headers.get('cache-control'), 'no-store')
})

test('an unknown address and a wrong password get one answer', async () => {
  const { email } = await pages.person()
  const stranger = 'nobody@example.com'
  const answers = []
  for (const asked of [email, stranger]) {
    const answer = await pages.visitor().submit('/sign-in', { email: asked, password: 'not this one' })
    assert.equal(answer.status, 422)
    assert.equal(sessionLine(answer.headers), '')
    answers.push(answer.text.replaceAll(asked, 'ADDRESS').replace(/name="csrf" value="[^"]*"/g, ''))
  }
  assert.equal(answers[0], answers[1])
  assert.match(answers[0] as string, /role="alert"><p>This address and this password do not belong together/)
})

test('an unknown address costs the same work as a wrong password', async () => {
  const { email } = await pages.person()
  const took = async (asked: string) => {
    const visitor = pages.visitor()
    const hidden = await visitor.hidden('/sign-in')
    const began = performance.now()
    await visitor.post('/sign-in', { ...hidden, email: asked, password: 'not this one' })
    return performance.now() - began
  }
  await took('first@example.com')
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 3; round++) {
    known.push(await took(email))
    unknown.push(await took('nobody-at-all@example.com'))
  }
  // Argon2id takes tens of milliseconds: without it an answer would come in a tenth of the time.
  assert.ok(Math.min(...unknown) > Math.min(...known) / 3, `${unknown} against ${known}`)
})

test('a missing address or password is named at its field, and nothing is counted', async () => {
  const answer = await pages.visitor().submit('/sign-in', { email: ' ', password: '' })
  assert.equal(answer.status, 422)
  assert.match(answer.text, /aria-describedby="email-error" aria-invalid="true"/)
  assert.match(answer.text, /id="password-error">Type your password/)
})

test('the session is a new one at each sign-in, and the one before it ends', async () => {
  const { email } = await pages.person()
  const planted = 'A'.repeat(43)
  const visitor = pages.visitor()
  visitor.cookies.set('billfold_session', planted)
  await visitor.submit('/sign-in', { email, password: PASSWORD })
  const first = visitor.cookies.get('billfold_session') as string
  assert.notEqual(first, planted)
  await visitor.submit('/sign-in?again=1', { email, password: PASSWORD }, '/sign-in')
  assert.notEqual(visitor.cookies.get('billfold_session'), first)
  assert.equal((await visitor.get('/account')).status, 200)
  visitor.cookies.set('billfold_session', first)
  assert.equal((await visitor.get('/account')).status, 303)
})

test('the database holds a hash of the token and nothing that opens a session', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const token = visitor.cookies.get('billfold_session') as string
  const rows = await pages.db.query<{ token_hash: Buffer; row: string }>(
    'select token_hash, web_session::text as row from web_session where email = $1',
    [email],
  )
  assert.deepEqual(rows[0]?.token_hash, hashSecret(token))
  assert.ok(!rows[0]?.row.includes(token))
})

test('someone signed in goes straight on, unless they are asked to prove it again', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const straight = await visitor.get('/sign-in?next=/account')
  assert.deepEqual([straight.status, straight.location], [303, '/account'])
  const again = await visitor.get('/sign-in?next=/account&again=1')
  assert.equal(again.status, 200)
  assert.match(again.text, /Confirm that it is you/)
  assert.ok(again.text.includes(`value="${email}"`))
})

for (const next of [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\\/evil.example',
  '\\\\evil.example',
  '/a/..//evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  ' /account',
  '/account\n/x',
  '/\t/evil.example',
  'account',
  `/${'a'.repeat(3000)}`,
]) {
  test(`signing in does not lead to ${JSON.stringify(next.slice(0, 30))}`, async () => {
    const { email } = await pages.person()
    const visitor = pages.visitor()
    const hidden = await visitor.hidden(`/sign-in?next=${encodeURIComponent(next)}`, '/sign-in')
    assert.equal(hidden.next, undefined)
    const answer = await visitor.post('/sign-in', { ...hidden, next, email, password: PASSWORD })
    assert.deepEqual([answer.status, answer.location], [303, '/wallet'])
  })
}

test('on to a consent the browser goes by a page, not by a redirect that would be held against the form', async () => {
  const { email } = await pages.person()
  const answer = await pages.visitor().submit('/sign-in?next=/interaction/abc', { email, password: PASSWORD })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('refresh'), '0;url=/interaction/abc')
  assert.match(answer.text, /<a href="\/interaction\/abc">Go on<\/a>/)
})

test('signing out is a form, and ends the session in every process', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const elsewhere = pages.visitor(pages.otherUrl)
  elsewhere.cookies.set('billfold_session', visitor.cookies.get('billfold_session') as string)
  assert.equal((await elsewhere.get('/account')).status, 200)
  assert.equal((await visitor.get('/sign-out')).status, 405)
  assert.equal((await visitor.get('/account')).status, 200)
  const answer = await visitor.submit('/account', {}, '/sign-out')
  assert.deepEqual([answer.status, answer.location], [303, '/sign-in?done=signed-out'])
  assert.equal(visitor.cookies.has('billfold_session'), false)
  assert.equal((await elsewhere.get('/account')).status, 303)
  assert.match((await visitor.get('/sign-in?done=signed-out')).text, /You have signed out/)
})

test('a session ends when it was idle for 12 hours, and after 14 days however busy', async () => {
  const { email } = await pages.person()
  for (const [change, status] of [
    ["seen_at = clock_timestamp() - interval '11 hours 59 minutes'", 200],
    ["seen_at = clock_timestamp() - interval '12 hours'", 303],
    ["expires_at = created_at + interval '14 days' - interval '13 days 23 hours'", 200],
    ["expires_at = created_at + interval '14 days' - interval '14 days'", 303],
  ] as const) {
    const visitor = await pages.signedIn(email)
    await pages.db.query(`update web_session set ${change} where email = $1`, [email])
    assert.equal((await visitor.get('/account')).status, status, change)
    await pages.db.query('delete from web_session where email = $1', [email])
  }
})

test('being used keeps a session alive, and is noted once a minute at most', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const seen = async () =>
    (await pages.db.query<{ seen_at: Date }>('select seen_at from web_session where email = $1', [email]))[0]?.seen_at
  const first = await seen()
  await visitor.get('/account')
  assert.deepEqual(await seen(), first)
  await pages.db.query("update web_session set seen_at = seen_at - interval '2 minutes' where email = $1", [email])
  await visitor.get('/account')
  assert.ok(((await seen()) as Date) > (first as Date))
})

test('the language is that of the account, else of the browser', async () => {
  const french = pages.visitor(pages.url, { 'accept-language': 'de, fr-CA;q=0.8, en;q=0.7' })
  assert.match((await french.get('/sign-in')).text, /<html lang="fr">[\s\S]*<h1>Se connecter<\/h1>/)
  const { email } = await pages.person()
  await french.submit('/sign-in', { email, password: PASSWORD })
  assert.match((await french.get('/account')).text, /<h1>Compte<\/h1>/)
  await french.submit('/account', { language: 'en' }, '/account/language')
  assert.match((await french.get('/account')).text, /<html lang="en">/)
})

test('over TLS the cookies belong to TLS and to this host alone', async (t) => {
  const secure = await startPages({ config: { publicUrls: ['https://billfold.example'] } })
  t.after(() => secure.stop())
  const { email } = await secure.person()
  const visitor = await secure.signedIn(email)
  assert.deepEqual(
    [...visitor.cookies.keys()].sort().map((name) => name.replace(/(_form)_[\w-]{8}$/, '$1')),
    ['__Host-billfold_device', '__Host-billfold_form', '__Host-billfold_session'],
  )
  const again = secure.visitor()
  const answer = await again.submit('/sign-in', { email, password: PASSWORD })
  assert.match(
    answer.headers.getSetCookie().join('\n'),
    /__Host-billfold_session=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax/,
  )
  await again.submit('/account', {}, '/sign-out')
  assert.equal(again.cookies.has('__Host-billfold_session'), false)
  // A cookie that anyone on the network may have planted counts for nothing.
  const planted = secure.visitor()
  planted.cookies.set('billfold_session', visitor.cookies.get('__Host-billfold_session') as string)
  assert.equal((await planted.get('/account')).status, 303)
})
