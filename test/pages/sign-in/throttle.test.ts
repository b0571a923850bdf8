import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  // As behind a proxy: each test comes from addresses of its own.
  pages = await startPages({ config: { trustedProxies: ['127.0.0.1'] } })
})
after(() => pages.stop())

const from = (address: string, url = pages.url) => pages.visitor(url, { 'x-forwarded-for': address })

test('of 64 wrong passwords at once for one account no more are tried than may be one after the other', async () => {
  const { email } = await pages.person()
  const attempts = Array.from({ length: 64 }, async (_, index) => {
    const visitor = from(`192.0.2.${index}`, index % 2 ? pages.url : pages.otherUrl)
    return visitor.submit('/sign-in', { email, password: `guess ${index}` })
  })
  const answers = await Promise.all(attempts)
  const tried = answers.filter(({ status }) => status === 422)
  const refused = answers.filter(({ status }) => status === 429)
  assert.equal(tried.length + refused.length, 64)
  // Five are free; while they all ran, pauses of 1 and 2 seconds may have passed.
  assert.ok(tried.length >= 5 && tried.length <= 7, `${tried.length} were tried`)
  for (const { headers, text } of refused) {
    assert.ok(Number(headers.get('retry-after')) >= 1)
    assert.match(text, /Too many attempts\. Try again in \d+ s\./)
  }
})

test('pauses grow, end, and are five minutes at most; then the owner gets in, and nothing is held against them', async () => {
  const { email } = await pages.person()
  let host = 0
  const wait = async (password: string) => {
    const answer = await from(`198.51.100.${++host}`).submit('/sign-in', { email, password })
    return answer.status === 429 ? Number(answer.headers.get('retry-after')) : answer.status
  }
  const pass = () =>
    pages.db.query("update sign_in_throttle set blocked_until = blocked_until - interval '400 seconds'")
  for (let attempt = 0; attempt < 5; attempt++) assert.equal(await wait('wrong'), 422)
  const pauses: number[] = []
  for (let attempt = 0; attempt < 11; attempt++) {
    pauses.push(await wait(PASSWORD))
    await pass()
    await wait('wrong')
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
  await pass()
  assert.equal(await wait(PASSWORD), 303)
  for (let attempt = 0; attempt < 4; attempt++) assert.equal(await wait('wrong'), 422)
  assert.equal(await wait(PASSWORD), 303)
})

test('whoever guesses at an account from elsewhere does not keep its owner out of a device of theirs', async () => {
  const { email } = await pages.person()
  const owner = from('203.0.113.1')
  await owner.submit('/sign-in', { email, password: PASSWORD })
  await owner.submit('/account', {}, '/sign-out')
  for (let attempt = 0; attempt < 6; attempt++) {
    await from('203.0.113.66').submit('/sign-in', { email, password: `guess ${attempt}` })
  }
  assert.equal((await from('203.0.113.2').submit('/sign-in', { email, password: PASSWORD })).status, 429)
  assert.equal((await owner.submit('/sign-in', { email, password: PASSWORD })).status, 303)
})

test('a device’s mark is of use for its own account only, and guesses with it are slowed down too', async () => {
  const [{ email }, other] = [await pages.person(), await pages.person()]
  const device = from('203.0.113.10')
  await device.submit('/sign-in', { email, password: PASSWORD })
  await device.submit('/account', {}, '/sign-out')
  const tried = []
  for (let attempt = 0; attempt < 6; attempt++) {
    tried.push((await device.submit('/sign-in', { email, password: 'wrong' })).status)
  }
  assert.deepEqual(tried, [422, 422, 422, 422, 422, 429])
  for (let attempt = 0; attempt < 5; attempt++) {
    await from('203.0.113.67').submit('/sign-in', { email: other.email, password: 'wrong' })
  }
  assert.equal((await device.submit('/sign-in', { email: other.email, password: PASSWORD })).status, 429)
})

test('an address that tries many accounts is slowed down, whether they exist or not, and an IPv6 network is one address', async () => {
  const statuses = []
  for (let attempt = 0; attempt < 22; attempt++) {
    const visitor = from(`2001:db8:0:1::${attempt.toString(16)}`)
    statuses.push((await visitor.submit('/sign-in', { email: `someone-${attempt}@example.com`, password: 'x' })).status)
  }
  assert.deepEqual(statuses.slice(0, 20), Array(20).fill(422))
  assert.equal(statuses.at(-1), 429)
  assert.equal(
    (await from('2001:db8:0:2::1').submit('/sign-in', { email: 'a@example.com', password: 'x' })).status,
    422,
  )
})

test('a caller that is no trusted proxy cannot choose its address', async (t) => {
  const open = await startPages()
  t.after(() => open.stop())
  const statuses = []
  for (let attempt = 0; attempt < 22; attempt++) {
    const visitor = open.visitor(open.url, { 'x-forwarded-for': `192.0.2.${attempt}` })
    statuses.push((await visitor.submit('/sign-in', { email: `n-${attempt}@example.com`, password: 'x' })).status)
  }
  assert.equal(statuses.at(-1), 429)
})

test('more sign-ins at once than the machine can check are asked to come back', async () => {
  const visitors = Array.from({ length: 130 }, (_, index) => from(`203.0.${113 + (index >> 7)}.${index & 127}`))
  const forms = await Promise.all(visitors.map((visitor) => visitor.hidden('/sign-in')))
  const answers = await Promise.all(
    visitors.map((visitor, index) =>
      visitor.post('/sign-in', { ...forms[index], email: `crowd-${index}@example.com`, password: 'x' }),
    ),
  )
  const busy = answers.filter(({ status }) => status === 503)
  for (const { status } of answers) assert.ok(status === 503 || status === 422, String(status))
  for (const { headers, text } of busy) {
    assert.equal(headers.get('retry-after'), '5')
    assert.match(text, /Many people are signing in/)
  }
})

test('the table of attempts names nobody', async () => {
  const { email } = await pages.person()
  await from('192.0.2.200').submit('/sign-in', { email, password: 'wrong' })
  const rows = await pages.db.query<{ row: string }>('select sign_in_throttle::text as row from sign_in_throttle')
  assert.ok(rows.length > 0)
  for (const { row } of rows) assert.ok(!row.includes(email) && !row.includes('192.0.2.200'))
})
