import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { PASSWORD, type PagesHarness, startPages } from './harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

async function language(email: string): Promise<string | null> {
  const rows = await pages.db.query<{ language: string | null }>('select language from sign_in where email = $1', [
    email,
  ])
  return rows[0]?.language ?? null
}

test('a form without the session’s token, with another’s, or with a stranger’s changes nothing', async () => {
  const { email } = await pages.person()
  const other = await pages.person()
  const visitor = await pages.signedIn(email)
  const foreign = await (await pages.signedIn(other.email)).hidden('/account', '/account/language')
  const stranger = await pages.visitor().hidden('/sign-in')
  for (const csrf of [undefined, '', 'x', foreign.csrf, stranger.csrf]) {
    const answer = await visitor.post('/account/language', { language: 'fr', ...(csrf === undefined ? {} : { csrf }) })
    assert.equal(answer.status, 403)
    assert.match(answer.text, /This form is out of date/)
  }
  assert.equal(await language(email), null)
})

test('the token of before signing in is none afterwards', async () => {
  const { email } = await pages.person()
  const visitor = pages.visitor()
  const hidden = await visitor.hidden('/sign-in')
  await visitor.post('/sign-in', { ...hidden, email, password: PASSWORD })
  assert.equal((await visitor.post('/account/language', { ...hidden, language: 'fr' })).status, 403)
})

test('tabs that a fresh browser opens at once all sign in, one after the other, and into nothing but the sign-in', async () => {
  const [first, second] = [await pages.person(), await pages.person()]
  const visitor = pages.visitor()
  const tabs = await Promise.all([1, 2, 3].map(() => visitor.hidden('/sign-in')))
  assert.equal(new Set(tabs.map(({ csrf }) => csrf)).size, 3, 'each had no cookie when it was asked for')
  const held = [...visitor.cookies.keys()]
  const send = (tab: number, { email }: { email: string }, password = PASSWORD) =>
    visitor.post('/sign-in', { ...tabs[tab], email, password })
  const wrong = await send(2, first, 'not it')
  assert.equal(wrong.status, 422, wrong.text)
  assert.ok(wrong.text.includes(tabs[2]?.csrf as string), 'the form comes back with the proof it was sent with')
  assert.equal((await send(0, first)).status, 303)
  assert.match((await visitor.get('/account')).text, new RegExp(first.email))
  assert.equal((await send(1, second)).status, 303)
  assert.match((await visitor.get('/account')).text, new RegExp(second.email))
  for (const { csrf = '' } of tabs)
    assert.equal((await visitor.post('/account/language', { csrf, language: 'fr' })).status, 403)
  assert.deepEqual(held.length, 3)
  const again = await visitor.hidden('/sign-in?again=1', '/sign-in')
  assert.ok(!tabs.some(({ csrf }) => csrf === again.csrf))
})

test('a browser that has a form’s cookie is given no other, and somebody signed in is not signed in as another by a stranger', async () => {
  const visitor = pages.visitor()
  const [one, other] = [await visitor.hidden('/sign-in'), await visitor.hidden('/sign-in')]
  assert.equal(one.csrf, other.csrf)
  assert.equal(visitor.cookies.size, 1)
  const { email } = await pages.person()
  const stranger = await pages.visitor().hidden('/sign-in')
  assert.equal((await visitor.post('/sign-in', { ...one, email, password: PASSWORD })).status, 303)
  for (const path of ['/sign-in', '/sign-in/factor', '/sign-in/passkey'])
    assert.equal((await visitor.post(path, { ...stranger, email, password: PASSWORD })).status, 403, path)
})

test('nobody is signed in by a form of another site, whose cookie this browser does not have', async () => {
  const { email } = await pages.person()
  const attacker = pages.visitor()
  const hidden = await attacker.hidden('/sign-in')
  const victim = pages.visitor()
  assert.equal((await victim.post('/sign-in', { ...hidden, email, password: PASSWORD })).status, 403)
  await victim.get('/sign-in')
  assert.equal((await victim.post('/sign-in', { ...hidden, email, password: PASSWORD })).status, 403)
  assert.equal((await victim.post('/recover', { ...hidden, email })).status, 403)
  assert.equal(victim.cookies.has('billfold_session'), false)
  assert.deepEqual(await pages.mails(), [])
})

test('a form whose browser says that it came from elsewhere is refused, token or not', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const hidden = await visitor.hidden('/account', '/account/language')
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
  ] as Record<string, string>[]) {
    const answer = await visitor.post('/account/language', { ...hidden, language: 'fr' }, headers)
    assert.equal(answer.status, 403, JSON.stringify(headers))
    assert.match(answer.text, /This form came from elsewhere/)
  }
  assert.equal(await language(email), null)
  for (const headers of [
    {},
    { origin: pages.url },
    { origin: 'http://billfold.example' },
    { 'sec-fetch-site': 'same-origin', origin: 'null' },
  ] as Record<string, string>[]) {
    const answer = await visitor.post('/account/language', { ...hidden, language: 'fr' }, headers)
    assert.equal(answer.status, 303, JSON.stringify(headers))
  }
  assert.equal(await language(email), 'fr')
})

test('in production only the configured origins are ours, whatever the Host says', async (t) => {
  const config = { mode: 'production', publicUrls: ['https://pay.example'] } as const
  const production = await startPages({ config: { ...config, publicUrls: [...config.publicUrls] }, leaves: true })
  t.after(() => production.stop())
  const visitor = production.visitor()
  const hidden = await visitor.hidden('/sign-in')
  const fields = { ...hidden, email: 'a@example.com', password: 'x' }
  assert.equal((await visitor.post('/sign-in', fields, { origin: production.url })).status, 403)
  assert.equal((await visitor.post('/sign-in', fields, { origin: 'https://pay.example' })).status, 422)
  assert.equal((await visitor.get('/outbox')).status, 404)
  assert.equal((await visitor.get('/')).headers.has('set-cookie'), false)
})

test('what is no form of ours is refused for what it is', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const { csrf = '' } = await visitor.hidden('/account', '/account/language')
  const cookie = `billfold_session=${visitor.cookies.get('billfold_session')}`
  const post = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${pages.url}/account/language`, { method: 'POST', body, headers: { cookie, 'content-type': type } })
  const wrong: [number, string, string?][] = [
    [400, JSON.stringify({ csrf, language: 'fr' }), 'application/json'],
    [400, `csrf=${csrf}&language=fr`, 'text/plain'],
    [400, `csrf=${csrf}&language=fr`, 'multipart/form-data; boundary=x'],
    [400, `csrf=${csrf}&language=fr&language=en`],
    [400, `csrf=${csrf}&csrf=${csrf}&language=fr`],
    [400, `csrf=${csrf}&language=f%00r`],
    [400, `csrf=${csrf}&language=f%1Br`],
    [400, `csrf=${csrf}&language=de`],
    [400, `csrf=${csrf}`],
    [413, `csrf=${csrf}&language=fr&x=${'x'.repeat(70_000)}`],
    [403, ''],
  ]
  for (const [status, body, type] of wrong) {
    const answer = await post(body, type)
    assert.equal(answer.status, status, `${type} ${body.slice(0, 80)}`)
    assert.match(await answer.text(), /^<!doctype html>/)
  }
  assert.equal(await language(email), null)
})

test('a form sent after its session ended leads to sign-in, and from there back to its page', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const hidden = await visitor.hidden('/account', '/account/language')
  await pages.db.query('delete from web_session where email = $1', [email])
  const referer = `${pages.url}/account?done=verify`
  const answer = await visitor.post('/account/language', { ...hidden, language: 'fr' }, { referer })
  assert.deepEqual(
    [answer.status, answer.location],
    [303, `/sign-in?next=${encodeURIComponent('/account?done=verify')}&done=unsent`],
  )
  assert.match((await visitor.get(answer.location ?? '')).text, /before this form arrived: nothing was done/)
  const foreign = await visitor.post('/account/language', hidden, { referer: 'https://evil.example/x' })
  assert.equal(foreign.location, '/sign-in?next=%2F&done=unsent')
})

test('what a stranger sends is shown as text', async () => {
  const nasty = '"><script>alert(1)</script>@example.com'
  for (const path of ['/sign-in', '/recover']) {
    const { text } = await pages.visitor().submit(path, { email: nasty, password: 'x' })
    assert.ok(!text.includes('<script>alert'), path)
    assert.ok(text.includes('&lt;script&gt;'), path)
  }
})
