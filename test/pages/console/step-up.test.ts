import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, setUpTotp } from '../../support/factors.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
before(async () => {
  server = await startConsole()
})
after(() => server.stop())

const invitation = { role: 'viewer', language: 'en' }

test('a dangerous act asks for the second factor where there is one, and keeps what was filled in', async () => {
  const owner = await server.visitor('owner')
  const password = server.password('owner')
  assert.doesNotMatch((await owner.get('/console/team/invite')).text, /name="factor"/)
  const { secret, recoveryCodes } = await setUpTotp(owner, password)
  const act = (email: string, fields: Record<string, string>) =>
    owner.submit('/console/team/invite', { ...invitation, email, password, ...fields })
  const none = await act('one@new.example', {})
  assert.equal(none.status, 422)
  assert.match(none.text, /id="factor-error"/)
  assert.match(none.text, /value="one@new\.example"/)
  assert.doesNotMatch(none.text, /id="password-error"/)
  const code = codeOf(secret)
  assert.match((await act('one@new.example', { factor: code, password: 'wrong' })).text, /id="password-error"/)
  assert.equal((await act('one@new.example', { factor: code })).status, 303)
  assert.equal((await act('two@new.example', { factor: code })).status, 422, 'a code serves one act')
  assert.equal((await act('two@new.example', { factor: recoveryCodes[0] as string })).status, 303)
  const [logged] = await server.db.query<{ text: string }>(
    `select string_agg(console_act::text, '') as text from console_act`,
  )
  assert.ok(!logged?.text.includes(code) && !logged?.text.includes(recoveryCodes[0] as string))
})

test('a wrong password stands in the log of acts as refused, and what was typed does not', async () => {
  const member = await server.visitor('member')
  const path = '/console/grants/00000000-0000-7000-8000-000000000000/revoke'
  const csrf = (await member.hidden('/console/float-requests', '/sign-out')).csrf as string
  await member.post(path, { csrf, password: '' })
  await member.post(path, { csrf, password: 'a guess of somebody' })
  const rows = await server.db.query<{ outcome: string; detail: object }>(
    "select outcome, detail from console_act where act = 'grant.revoke'",
  )
  assert.deepEqual(rows, [{ outcome: 'refused', detail: { proven: false } }])
})

test('of 16 acts at once with one code one is done', async () => {
  const email = `owner-${server.shop.slice(-6)}@shop.example`
  await server.db.query('delete from totp_factor where email = $1', [email])
  const owner = await server.visitor('owner')
  assert.equal((await owner.get('/console')).status, 200)
  const fresh = await server.visitor('owner')
  const { secret } = await setUpTotp(fresh, server.password('owner'))
  assert.equal((await owner.get('/console')).status, 303)
  const fields = { ...(await fresh.hidden('/console/team/invite')), ...invitation, password: server.password('owner') }
  const factor = codeOf(secret)
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      fresh.post('/console/team/invite', { ...fields, email: `race-${index}@new.example`, factor }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
})

test('operators are told to set one up; where it is required nothing else is open to them before', async () => {
  const operator = await server.visitor('operator')
  assert.match((await operator.get('/console/acts')).text, /Your password alone opens this console/)
  Object.assign(server.assembly.config, { requireSecondFactor: true })
  for (const path of ['/console', '/console/acts.csv', '/wallet', '/till']) {
    const answer = await operator.get(path)
    assert.deepEqual([answer.status, answer.location], [303, '/account/security?required=1'], path)
  }
  const csrf = /name="csrf" value="([^"]+)"/.exec((await operator.get('/account')).text)?.[1] ?? ''
  const post = await operator.post(`/console/parties/${server.shop}/team/invite`, { csrf })
  assert.equal(post.location, '/account/security?required=1')
  assert.match((await operator.get('/account/security?required=1')).text, /wants a second factor of its operators/)
  assert.equal((await (await server.person()).get('/wallet')).status, 200, 'people are not operators')
  await setUpTotp(operator, server.password('operator'))
  const page = await operator.get('/console/acts')
  assert.equal(page.status, 200)
  assert.doesNotMatch(page.text, /Your password alone opens/)
})
