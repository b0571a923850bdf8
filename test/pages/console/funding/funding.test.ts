import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSignIn } from '../../../../src/operations/create-sign-in.ts'
import { createVisitor, type Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

const PASSWORD = 'correct horse battery staple 8'
const ADA = 'us:8301234567:USD'
const BANK = 'bank:gateway:USD'

let server: Console
let first: Visitor
let second: Visitor
before(async () => {
  server = await startConsole()
  first = await server.visitor('operator')
  second = await signIn(server.sandbox.second_operator)
})
after(async () => {
  await server.assertClean()
  await server.stop()
})

async function operatorOf(partyId: string, email: string): Promise<Visitor> {
  await createSignIn(server.assembly, { partyId, email, password: PASSWORD, operator: true })
  return signIn({ email, password: PASSWORD })
}

async function signIn(who: { email: string; password: string }): Promise<Visitor> {
  const visitor = createVisitor(server.url)
  assert.equal((await visitor.submit('/sign-in', { ...who })).status, 303)
  return visitor
}

const own = () => server.password('operator')
const others = () => server.sandbox.second_operator.password
const NEW = `/console/funding/new?wallet=${ADA}`
const fields = (amount: string, more: Record<string, string> = {}) => ({
  direction: 'in',
  bank: BANK,
  amount,
  reason: 'Bank transfer 4711',
  password: own(),
  ...more,
})
const ask = (amount: string, more: Record<string, string> = {}) =>
  first.submit(NEW, fields(amount, more), '/console/funding/new')
const idOf = (location: string | null) => /funding\/([0-9a-f-]{36})/.exec(location ?? '')?.[1] as string

test('below the limit money moves at once, in and out, under the operator’s name', async () => {
  const before = await server.balance(ADA)
  const moved = await ask('250.00')
  assert.match(moved.location ?? '', /done=made$/, moved.text)
  assert.equal(await server.balance(ADA), before + 250_00n)
  const page = await first.get(moved.location as string)
  assert.match(page.text, /Bank transfer 4711/)
  const out = await ask('50.00', { direction: 'out', reason: 'Paid back' })
  assert.match(out.location ?? '', /done=made$/)
  assert.equal(await server.balance(ADA), before + 200_00n)
  const [row] = await server.db.query<{ principal: string }>(
    "select principal from transaction where kind = 'funding' order by id desc limit 1",
  )
  assert.equal(row?.principal, 'operator:operator@sandbox.example')
  assert.match((await first.get(`/console/wallets/${ADA}/statement`)).text, /Paid back/)
})

test('the same form sent twice moves the money once', async () => {
  const before = await server.balance(ADA)
  const hidden = await first.hidden(NEW, '/console/funding/new')
  const origin = { origin: server.url, 'sec-fetch-site': 'same-origin' }
  const send = (more: Record<string, string> = {}) =>
    first.post('/console/funding/new', { ...hidden, ...fields('1.00'), ...more }, origin)
  const answers = await Promise.all([send(), send(), send()])
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
  assert.equal(await server.balance(ADA), before + 1_00n)
  const other = await send({ amount: '2.00' })
  assert.equal(other.status, 422)
  assert.equal(await server.balance(ADA), before + 1_00n)
})

test('above the limit nothing moves until another person approves it, who is of another party', async () => {
  const before = await server.balance(ADA)
  const asked = await ask('1,000.01')
  assert.match(asked.location ?? '', /done=waiting$/)
  assert.equal(await server.balance(ADA), before)
  const path = `/console/funding/${idOf(asked.location)}`
  assert.match((await first.get('/console')).text, /wait for a second person: 1/)
  assert.doesNotMatch((await first.get(path)).text, /\/approve"/)

  const byHimself = await first.submit(`${path}/approve`, { password: own() })
  assert.equal(byHimself.status, 422)
  assert.match(byHimself.text, /Another person approves it/)
  const [party] = await server.db.query<{ id: string }>(
    "select party_id as id from sign_in where email = 'operator@sandbox.example'",
  )
  const colleague = await operatorOf(party?.id as string, 'colleague@operators.example')
  const byHisOwn = await colleague.submit(`${path}/approve`, { password: PASSWORD })
  assert.equal(byHisOwn.status, 422)
  assert.equal(await server.balance(ADA), before)

  assert.equal((await second.submit(`${path}/approve`, { password: 'wrong' })).status, 422)
  const approved = await second.submit(`${path}/approve`, { password: others() })
  assert.equal(approved.status, 303, approved.text)
  assert.equal(await server.balance(ADA), before + 1000_01n)
  const again = await second.submit(`${path}/approve`, { password: others() })
  assert.equal(again.status, 422)
  assert.equal((await second.submit(`${path}/refuse`, {})).status, 422)
  assert.equal(await server.balance(ADA), before + 1000_01n)
})

test('what was refused or taken back cannot be approved any more', async () => {
  const before = await server.balance(ADA)
  for (const refuser of [second, first]) {
    const path = `/console/funding/${idOf((await ask('5,000')).location)}`
    assert.equal((await refuser.submit(`${path}/refuse`, {})).status, 303)
    assert.equal((await second.submit(`${path}/approve`, { password: others() })).status, 422)
  }
  assert.equal(await server.balance(ADA), before)
})

test('a reason, an amount of the unit and an issuing account are asked for, and floats are not touched', async () => {
  for (const [amount, more] of [
    ['0', {}],
    ['1.001', {}],
    ['12,5', {}],
    ['', {}],
    ['5', { reason: ' ' }],
    ['5', { bank: 'be:412345678:EUR' }],
    ['5', { bank: 'us:8301234568:USD' }],
    ['99999999999999999', {}],
  ] as const)
    assert.equal((await ask(amount, more)).status, 422, `${amount} ${JSON.stringify(more)}`)
  const kept = await server.db.query<{ id: string }>(
    "select w.namespace || ':' || w.number || ':' || w.currency as id from wallet w join partner_float f on f.wallet_id = w.id limit 1",
  )
  assert.match((await first.get(`/console/funding/new?wallet=${kept[0]?.id}`)).text, /keeps a float/)
  const out = await ask('900.00', { direction: 'out', reason: 'Too much' })
  const alone = await server.db.query<{ used: bigint }>('select used from funding_use')
  assert.ok(out.status === 422 || /waiting/.test(out.location ?? ''), `${out.status} ${alone[0]?.used}`)
})

test('every movement is in the list and its CSV, and acts are in the log without the password', async () => {
  const { text } = await first.get('/console/funding')
  assert.match(text, /Bank transfer 4711/)
  const csv = await first.get('/console/funding.csv')
  assert.match(
    csv.text,
    /,in,bank:gateway:USD,us:8301234567:USD,250\.00,USD,public,Bank transfer 4711,operator@sandbox\.example,made,/,
  )
  const acts = await server.db.query<{ act: string; detail: object }>(
    "select act, detail from console_act where act like 'funding.%'",
  )
  assert.ok(acts.length > 5)
  assert.ok(!JSON.stringify(acts, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes(own()))
})
