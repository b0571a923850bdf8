import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createParty } from '../../../../src/operations/create-party.ts'
import { give } from '../../../protocols/webwallet/money.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
let person: string
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
  person = (await createParty(server.assembly, { kind: 'person', name: 'Olga Tkachenko' })).id
  await server.open(person, { id: 'us:8301230987:USD' })
})
after(async () => {
  await server.assertClean()
  await server.stop()
})

test('handing out asks for the password, gives one file, and stands in the log of acts', async () => {
  const path = `/console/parties/${person}/data`
  assert.equal((await operator.submit(path, { password: 'wrong' })).status, 422)
  const file = await operator.submit(path, { password: server.password('operator') })
  assert.equal(file.status, 200)
  assert.match(file.headers.get('content-disposition') ?? '', /attachment/)
  assert.equal(JSON.parse(file.text).wallets[0].wallet, 'us:8301230987:USD')
  const acts = await server.db.query(`select outcome from console_act where act = 'person.export' order by id`)
  assert.deepEqual(acts.at(-1), { outcome: 'done' })
})

test('erasing asks for the password and leaves a party under a pseudonym', async () => {
  const path = `/console/parties/${person}/erasure`
  assert.match((await operator.get(path)).text, /Nobody can undo it/)
  assert.equal((await operator.submit(path, { password: 'wrong' })).status, 422)
  const done = await operator.submit(path, { password: server.password('operator') })
  assert.deepEqual([done.status, done.location], [303, `/console/parties/${person}?done=erased`])
  const page = await operator.get(`/console/parties/${person}?done=erased`)
  assert.match(page.text, /Erased [0-9a-f]{16}/)
  assert.match(page.text, /is gone, for good/)
})

test('somebody who has money left is not erased, and the page says why', async () => {
  const [rich] = server.sandbox.people
  const [row] = await server.db.query<{ id: string }>('select party_id as id from sign_in where email = $1', [
    rich?.email,
  ])
  const wallet = rich?.wallets.find((id) => id.endsWith(':USD')) as string
  await give(server, wallet, '5.00')
  const path = `/console/parties/${row?.id}/erasure`
  assert.match((await operator.get(path)).text, /Not yet:.+there is money in the wallets/)
  const refused = await operator.submit(path, { password: server.password('operator') })
  assert.equal(refused.status, 422)
  assert.match(refused.text, /role="alert"><p>there is money in the wallets/)
  assert.equal((await server.db.query('select from sign_in where email = $1', [rich?.email])).length, 1)
})

test('of a business one of the team is chosen; its sign-in and its name in the acts go, the business stays', async () => {
  await server.visitor('member')
  const email = `member-${server.shop.slice(-6)}@shop.example`
  await server.db.query(
    `insert into console_act (id, email, party_id, role, address, act, object) values (gen_random_uuid(), $1, $2, 'member', '', 'x.y', '')`,
    [email, server.shop],
  )
  const path = `/console/parties/${server.shop}/erasure`
  assert.equal((await operator.submit(path, { password: server.password('operator') })).status, 422)
  const done = await operator.submit(path, { password: server.password('operator'), email })
  assert.equal(done.status, 303, done.text)
  assert.equal((await server.db.query('select from sign_in where email = $1', [email])).length, 0)
  const acts = await server.db.query<{ email: string }>(`select email from console_act where act = 'x.y'`)
  assert.match(acts[0]?.email ?? '', /^erased-[0-9a-f]{16}@erased\.invalid$/)
  const [shop] = await server.db.query<{ name: string }>('select name from party where id = $1', [server.shop])
  assert.doesNotMatch(shop?.name ?? '', /Erased/)
})
