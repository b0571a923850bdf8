import assert from 'node:assert/strict'
import test from 'node:test'
import { createVisitor } from '../pages/visitor.ts'
import { startSandboxServer } from '../support/server.ts'

test('the people of the sandbox sign in with what sandbox.json says, and each sees what is theirs', async (t) => {
  const server = await startSandboxServer()
  t.after(() => server.stop())
  const { people, operator } = server.sandbox
  for (const { email, password } of [...people, operator]) {
    const visitor = createVisitor(server.url)
    const answer = await visitor.submit('/sign-in', { email, password })
    const home = email === operator.email ? '/console' : '/wallet'
    assert.deepEqual([answer.status, answer.location], [303, home], email)
    const account = await visitor.get('/account')
    assert.equal(account.status, 200)
    assert.ok(account.text.includes(email))
    assert.equal(account.text.includes('Operator of this server'), email === operator.email)
    const wallets = await visitor.get('/wallet')
    assert.equal(wallets.status, 200)
    assert.match(wallets.text, /<nav class="places"/)
  }
  const stranger = createVisitor(server.url)
  for (const path of ['/wallet', '/account']) assert.equal((await stranger.get(path)).status, 303)
  const [ada] = people
  await stranger.submit('/recover', { email: ada?.email as string })
  const outbox = await stranger.get('/outbox')
  assert.match(outbox.text, new RegExp(`To ${ada?.email}[\\s\\S]+<a href="/recover/[A-Za-z0-9_-]{43}">`))
  assert.deepEqual(server.faults, [])
})
