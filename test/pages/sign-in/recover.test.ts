import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages({ config: { trustedProxies: ['127.0.0.1'] } })
})
after(() => pages.stop())

let hosts = 0
/** From an address of its own, so that tests do not slow each other down. */
const visitor = (url = pages.url) => pages.visitor(url, { 'x-forwarded-for': `192.0.2.${hosts++}` })

async function requestLink(email: string): Promise<string> {
  assert.equal((await visitor().submit('/recover', { email })).status, 200)
  return pages.linkTo(email)
}

const NEW = 'a quite different one'

test('the answer is the same whether the address signs in here or not, in text and in time', async () => {
  const { email } = await pages.person()
  const answers: string[] = []
  for (const asked of [email, 'nobody@example.com']) {
    const began = performance.now()
    const answer = await visitor().submit('/recover', { email: asked })
    assert.equal(answer.status, 200)
    assert.ok(performance.now() - began >= 300)
    answers.push(answer.text.replaceAll(asked, 'ADDRESS'))
  }
  assert.equal(answers[0], answers[1])
  assert.equal((await pages.mails()).filter(({ to }) => to === 'nobody@example.com').length, 0)
  const [mail] = (await pages.mails()).filter(({ to }) => to === email)
  assert.equal(mail?.subject, 'Choose a new password')
  assert.match(mail?.text ?? '', /^Hello Ana Núñez,[\s\S]+http:\/\/billfold\.example\/recover\/[A-Za-z0-9_-]{43}\n/)
})

test('a link sets a new password, ends all sessions, confirms the address, and is then dead', async () => {
  const { email } = await pages.person()
  const elsewhere = await pages.signedIn(email)
  const link = await requestLink(email)
  const person = visitor()
  const form = await person.get(link)
  assert.equal(form.status, 200)
  assert.ok(form.text.includes(email))
  const answer = await person.submit(link, { password: NEW })
  assert.deepEqual([answer.status, answer.location], [303, '/sign-in?done=recovered'])
  assert.match((await person.get('/sign-in?done=recovered')).text, /Your new password is set/)
  assert.equal((await elsewhere.get('/account')).status, 303)
  assert.equal((await visitor().submit('/sign-in', { email, password: PASSWORD })).status, 422)
  assert.equal((await person.submit('/sign-in', { email, password: NEW })).status, 303)
  assert.match((await person.get('/account')).text, /tag good">confirmed/)
  const again = await person.get(link)
  assert.equal(again.status, 410)
  assert.match(again.text, /This link no longer works/)
  const [mail] = (await pages.mails()).filter(({ to }) => to === email)
  assert.equal(mail?.subject, 'Your password was changed')
})

test('of 64 concurrent uses of one link in two processes, one has an effect', async () => {
  const { email } = await pages.person()
  const link = await requestLink(email)
  const people = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const person = visitor(index % 2 ? pages.url : pages.otherUrl)
      return { person, hidden: await person.hidden(link) }
    }),
  )
  const answers = await Promise.all(
    people.map(({ person, hidden }, index) => person.post(link, { ...hidden, password: `password ${index}` })),
  )
  const won = answers.flatMap(({ status }, index) => (status === 303 ? [index] : []))
  assert.equal(won.length, 1)
  for (const { status } of answers) assert.ok(status === 303 || status === 410, String(status))
  assert.equal((await visitor().submit('/sign-in', { email, password: `password ${won[0]}` })).status, 303)
  const changed = (await pages.mails()).filter((mail) => mail.to === email && mail.subject.includes('changed'))
  assert.equal(changed.length, 1)
})

test('two links of one account, used at once, do not get stuck, and the first use ends the other link', async () => {
  const { email } = await pages.person()
  const links = [await requestLink(email), await requestLink(email)]
  assert.notEqual(links[0], links[1])
  for (let round = 0; round < 3; round++) {
    await pages.db.query('update one_time_link set used_at = null where email = $1', [email])
    const answers = await Promise.all(
      links.flatMap((link) => [pages.url, pages.otherUrl].map((url) => visitor(url).submit(link, { password: NEW }))),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 410, 410, 410])
  }
})

test('opening a link uses nothing up, and a password that is too short neither', async () => {
  const { email } = await pages.person()
  const link = await requestLink(email)
  const person = visitor()
  for (let look = 0; look < 3; look++) assert.equal((await person.get(link)).status, 200)
  const short = await person.submit(link, { password: 'short' })
  assert.equal(short.status, 422)
  assert.match(short.text, /id="password-error">A password has 8 to 1000 characters/)
  assert.equal((await person.submit(link, { password: 'x'.repeat(1001) })).status, 422)
  assert.equal((await person.submit(link, { password: NEW })).status, 303)
})

test('a link lives 30 minutes', async () => {
  const { email } = await pages.person()
  const link = await requestLink(email)
  const age = (minutes: number) =>
    pages.db.query(
      `update one_time_link set expires_at = created_at + interval '30 minutes' - make_interval(mins => $2) where email = $1`,
      [email, minutes],
    )
  await age(29)
  const person = visitor()
  const hidden = await person.hidden(link)
  await age(30)
  assert.equal((await person.get(link)).status, 410)
  assert.equal((await person.post(link, { ...hidden, password: NEW })).status, 410)
})

test('a link is good for its own purpose only, and what is no link is none', async () => {
  const { email } = await pages.person()
  const link = await requestLink(email)
  const token = link.split('/').at(-1) as string
  for (const path of [`/invitation/${token}`, `/verify/${token}`, '/recover/x', `/recover/${'A'.repeat(43)}`]) {
    assert.equal((await visitor().get(path)).status, 410, path)
  }
  assert.equal((await visitor().get(link)).status, 200)
})

test('the database holds neither the link nor the mail in the open', async () => {
  const { email } = await pages.person()
  const token = (await requestLink(email)).split('/').at(-1) as string
  const dump = await pages.db.query<{ row: string }>(
    `select one_time_link::text as row from one_time_link union all select mail_outbox::text from mail_outbox`,
  )
  const text = dump.map(({ row }) => row).join()
  for (const form of [token, Buffer.from(token).toString('hex')]) assert.ok(!text.includes(form))
})

test('a mailbox is not filled: after three mails there are pauses, and the answer stays the same', async () => {
  const { email } = await pages.person()
  for (let attempt = 0; attempt < 8; attempt++) {
    assert.equal((await visitor().submit('/recover', { email })).status, 200)
  }
  const count = (await pages.mails()).filter(({ to }) => to === email).length
  assert.ok(count >= 3 && count <= 5, String(count))
})

test('one address that asks again and again is slowed down', async () => {
  const asker = visitor()
  const statuses: number[] = []
  for (let attempt = 0; attempt < 11; attempt++) {
    const answer = await asker.submit('/recover', { email: `nobody-${attempt}@example.com` })
    statuses.push(answer.status)
    if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  }
  assert.deepEqual(statuses, [...Array(10).fill(200), 429])
})

test('recovering ends the pause that strangers’ guesses brought', async () => {
  const { email } = await pages.person()
  for (let attempt = 0; attempt < 7; attempt++) await visitor().submit('/sign-in', { email, password: 'wrong' })
  assert.equal((await visitor().submit('/sign-in', { email, password: PASSWORD })).status, 429)
  const link = await requestLink(email)
  await visitor().submit(link, { password: NEW })
  assert.equal((await visitor().submit('/sign-in', { email, password: NEW })).status, 303)
})

test('a mail’s links never come from the request: a forged Host changes nothing', async () => {
  const { email } = await pages.person()
  const forger = pages.visitor(pages.url, { 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '192.0.2.250' })
  await forger.submit('/recover', { email })
  const [mail] = (await pages.mails()).filter(({ to }) => to === email)
  assert.ok(mail?.text.includes('http://billfold.example/recover/') && !mail.text.includes('evil'))
})

test('a server without mail says so instead of promising one', async (t) => {
  const config = { mode: 'production' as const, publicUrls: ['https://pay.example'] }
  const silent = await startPages({ config })
  t.after(() => silent.stop())
  assert.match((await silent.visitor().get('/recover')).text, /This server sends no mail/)
})
