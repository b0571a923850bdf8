import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'
import type { Visitor } from '../visitor.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

const NEW = 'a quite different one'

test('nobody sees or changes an account without being signed in', async () => {
  const visitor = pages.visitor()
  for (const path of ['/account', '/account/password', '/account/anything']) {
    const answer = await visitor.get(path)
    assert.deepEqual([answer.status, answer.location?.split('?')[0]], [303, '/sign-in'], path)
  }
  for (const path of ['language', 'password', 'verify', 'sessions/others', 'sessions/x/end']) {
    assert.equal((await visitor.post(`/account/${path}`, {})).status, 303, path)
  }
})

test('the password changes for who knows the present one; other sessions end and this one gets a new token', async () => {
  const { email } = await pages.person()
  const [visitor, elsewhere] = [await pages.signedIn(email), await pages.signedIn(email, PASSWORD, pages.otherUrl)]
  const before = visitor.cookies.get('billfold_session') as string
  const answer = await visitor.submit('/account', { present: PASSWORD, next: NEW }, '/account/password')
  assert.deepEqual([answer.status, answer.location], [303, '/account?done=password'])
  assert.match((await visitor.get('/account?done=password')).text, /Your password is changed/)
  assert.equal((await elsewhere.get('/account')).status, 303)
  const old = pages.visitor()
  old.cookies.set('billfold_session', before)
  assert.equal((await old.get('/account')).status, 303)
  assert.equal((await pages.visitor().submit('/sign-in', { email, password: PASSWORD })).status, 422)
  await pages.signedIn(email, NEW)
  const [mail] = (await pages.mails()).filter(({ to }) => to === email)
  assert.equal(mail?.subject, 'Your password was changed')
})

test('a wrong present password changes nothing, is named at its field, and guessing is slowed down', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const change = (present: string, next = NEW) => visitor.submit('/account', { present, next }, '/account/password')
  const wrong = await change('wrong')
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /id="present-error">This is not your present password/)
  const short = await change(PASSWORD, 'short')
  assert.equal(short.status, 422)
  assert.match(short.text, /id="next-error">A password has 8 to 1000 characters/)
  const parallel = await Promise.all(Array.from({ length: 16 }, () => change('wrong')))
  assert.ok(parallel.filter(({ status }) => status === 422).length <= 5)
  const refused = await change(PASSWORD)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  await pages.signedIn(email)
})

test('of 16 concurrent changes of one password at most one takes place, and the last word is its', async () => {
  const { email } = await pages.person()
  const visitors: Visitor[] = []
  // One after the other: sign-ins at once would be slowed down.
  for (let count = 0; count < 16; count++) visitors.push(await pages.signedIn(email))
  const forms = await Promise.all(visitors.map((visitor) => visitor.hidden('/account', '/account/password')))
  const answers = await Promise.all(
    visitors.map((visitor, index) =>
      visitor.post('/account/password', { ...forms[index], present: PASSWORD, next: `password ${index}` }),
    ),
  )
  const changed = answers.flatMap(({ location }, index) => (location === '/account?done=password' ? [index] : []))
  assert.equal(changed.length, 1)
  await pages.signedIn(email, `password ${changed[0]}`)
  const live = await Promise.all(visitors.map((visitor) => visitor.get('/account')))
  assert.deepEqual(
    live.flatMap(({ status }, index) => (status === 200 ? [index] : [])),
    changed,
  )
})

test('changing the password ends links to recover it that are under way', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  await pages.visitor().submit('/recover', { email })
  const link = await pages.linkTo(email)
  await visitor.submit('/account', { present: PASSWORD, next: NEW }, '/account/password')
  assert.equal((await pages.visitor().get(link)).status, 410)
})

test('sessions are listed with device and address, and each can be ended', async () => {
  const { email } = await pages.person()
  const phone = pages.visitor(pages.otherUrl, {
    'user-agent': 'Mozilla/5.0 (Linux; Android 16; Pixel) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
  })
  await phone.submit('/sign-in', { email, password: PASSWORD })
  const visitor = await pages.signedIn(email)
  const page = await visitor.get('/account')
  assert.match(page.text, /Chrome · Android[\s\S]+127\.0\.0\.1/)
  assert.match(page.text, /this one/)
  const [, action] = /action="(\/account\/sessions\/[0-9a-f-]{36}\/end)"/.exec(page.text) ?? []
  const answer = await visitor.submit('/account', {}, action)
  assert.equal(answer.location, '/account?done=session')
  assert.equal((await phone.get('/account')).status, 303)
  assert.equal((await visitor.get('/account')).status, 200)
})

test('all other sessions end at once, and one’s own stays', async () => {
  const { email } = await pages.person()
  const others = [await pages.signedIn(email), await pages.signedIn(email, PASSWORD, pages.otherUrl)]
  const visitor = await pages.signedIn(email)
  await visitor.submit('/account', {}, '/account/sessions/others')
  for (const other of others) assert.equal((await other.get('/account')).status, 303)
  assert.equal((await visitor.get('/account')).status, 200)
})

test('nobody ends another person’s session', async () => {
  const [ana, ben] = [await pages.person(), await pages.person()]
  const theirs = await pages.signedIn(ben.email)
  const [row] = await pages.db.query<{ id: string }>('select id from web_session where email = $1', [ben.email])
  const visitor = await pages.signedIn(ana.email)
  const hidden = await visitor.hidden('/account', '/account/language')
  await visitor.post(`/account/sessions/${row?.id}/end`, hidden)
  assert.equal((await theirs.get('/account')).status, 200)
  assert.equal((await visitor.post("/account/sessions/'/end", hidden)).status, 404)
})

test('a person of two addresses has their own sessions under each', async () => {
  const { id, email } = await pages.person()
  const second = `second-${email}`
  await createSignIn(pages.deps, { partyId: id, email: second, password: PASSWORD })
  const [first, other] = [await pages.signedIn(email), await pages.signedIn(second)]
  await first.submit('/account', { present: PASSWORD, next: NEW }, '/account/password')
  assert.equal((await other.get('/account')).status, 200)
})
