import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSignIn } from '../../../../src/operations/create-sign-in.ts'
import { createVisitor } from '../../visitor.ts'
import { linesOf, type Shop, startShop } from './shop.ts'

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.assertClean().finally(shop.stop))

const FLOAT = 'float:sandbox:EUR'
const ask = async (amount: string, reference: string) => {
  const asked = await shop.member.submit('/console/float-requests/new', { float: FLOAT, amount, reference })
  assert.equal(asked.status, 303, asked.text)
  return (asked.location as string).split('?')[0] as string
}
const approve = (path: string, amount: string, more: Record<string, string> = {}) =>
  shop.operator.submit(`${path}/approve`, { source: 'bank:gateway:EUR', amount, password: shop.password, ...more })

test('a member asks, an operator approves: the money is in the float, once, also for sixteen who approve at once', async () => {
  const path = await ask('950.00', 'T-1')
  const before = await shop.balance(FLOAT)
  assert.match((await shop.operator.get('/console/float-requests?status=pending')).text, />T-1</)
  const form = {
    ...(await shop.operator.hidden(`${path}/approve`)),
    source: 'bank:gateway:EUR',
    amount: '950.00',
    password: shop.password,
  }
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => shop.operator.post(`${path}/approve`, form, { origin: shop.url })),
  )
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  assert.equal(await shop.balance(FLOAT), before + 950_00n)
  const [row] = await shop.db.query<{ status: string; transaction_id: string }>(
    `select status, transaction_id from float_request where reference = 'T-1'`,
  )
  assert.equal(row?.status, 'approved')
  const shown = await shop.viewer.get(path)
  assert.match(shown.text, new RegExp(row.transaction_id))
  assert.doesNotMatch(shown.text, /Approve/)
})

test('another amount approves as edited; a refused one moves nothing', async () => {
  const edited = await ask('100.00', 'T-2')
  const before = await shop.balance(FLOAT)
  assert.equal((await approve(edited, '80.00')).status, 303)
  assert.equal(await shop.balance(FLOAT), before + 80_00n)
  assert.match((await shop.owner.get(edited)).text, /approved, edited/)
  const refused = await ask('100.00', 'T-3')
  assert.equal((await shop.operator.submit(`${refused}/refuse`, {})).status, 303)
  assert.equal(await shop.balance(FLOAT), before + 80_00n)
  assert.equal((await approve(refused, '100.00')).status, 422)
  assert.equal(await shop.balance(FLOAT), before + 80_00n)
  const csv = linesOf((await shop.viewer.get('/console/float-requests.csv')).text)
  assert.deepEqual(
    csv.slice(1).map((line) => [line[5], line[4], line[6]]),
    [
      ['T-3', '', 'removed'],
      ['T-2', '80.00', 'approved_edited'],
      ['T-1', '950.00', 'approved'],
    ],
  )
})

test('wrong wishes are refused beside their field, with nothing written', async () => {
  await ask('10.00', 'T-4')
  const send = (fields: Record<string, string>) =>
    shop.member.submit('/console/float-requests/new', { float: FLOAT, amount: '10.00', reference: '', ...fields })
  assert.match((await send({ amount: '-1' })).text, /amount-error/)
  assert.match((await send({ float: 'float:other:EUR' })).text, /float-error/)
  assert.match((await send({ amount: '11.00', reference: 'T-4' })).text, /reference-error/)
  const path = await ask('10.00', 'T-4')
  assert.match((await approve(path, '10.00', { source: 'float:sandbox:EUR' })).text, /source-error/)
  assert.match((await approve(path, '10.00', { password: 'wrong' })).text, /password-error/)
  const rows = await shop.db.query('select from float_request where status = $1', ['pending'])
  assert.equal(rows.length, 1)
})

test('another business’s request is not there, and who only looks asks for nothing', async () => {
  const path = await ask('10.00', 'T-5')
  assert.equal((await shop.stranger.get(path)).status, 404)
  // By its path: what is as short as a reference may stand in a token by chance.
  const lists = async (visitor: typeof shop.member) =>
    (await visitor.get('/console/float-requests?partner=sandbox')).text.includes(`href="${path}"`)
  assert.deepEqual([await lists(shop.member), await lists(shop.stranger)], [true, false])
  assert.equal((await shop.viewer.get('/console/float-requests/new')).status, 404)
  for (const visitor of [shop.owner, shop.member]) assert.equal((await visitor.get(`${path}/approve`)).status, 404)
})

const OWN_PASSWORD = 'correct horse battery staple 9'

test('nobody approves what their own party asked for, and nobody more than was asked for', async () => {
  const { db, partner } = shop
  await createSignIn(shop.assembly, {
    partyId: partner.partyId,
    email: 'both@operators.example',
    password: OWN_PASSWORD,
    operator: true,
  })
  const both = createVisitor(shop.url)
  assert.equal((await both.submit('/sign-in', { email: 'both@operators.example', password: OWN_PASSWORD })).status, 303)
  const path = await ask('40.00', 'T-6')
  const before = await shop.balance(FLOAT)
  assert.doesNotMatch((await both.get(path)).text, /\/approve"/)
  const wish = { source: 'bank:gateway:EUR', amount: '40.00', password: OWN_PASSWORD }
  const own = await both.submit(`${path}/approve`, wish)
  assert.equal(own.status, 422)
  assert.match(own.text, /Your own party asked for it/)
  const more = await approve(path, '40.01')
  assert.equal(more.status, 422)
  assert.match(more.text, /amount-error/)
  assert.equal(await shop.balance(FLOAT), before)
  assert.equal((await approve(path, '40.00')).status, 303)
  assert.equal((await both.submit(`${await ask('1.00', 'T-7')}/refuse`, {})).status, 303, 'taking it back is free')
  assert.equal((await db.query("select from float_request where reference = 'T-7' and status = 'removed'")).length, 1)
})

test('a wish that is sent sixteen times at once without a reference is one request', async () => {
  const form = { ...(await shop.member.hidden('/console/float-requests/new')), float: FLOAT, amount: '77.70' }
  const answers = await Promise.all(
    Array.from({ length: 16 }, () =>
      shop.member.post('/console/float-requests/new', { ...form, reference: '' }, { origin: shop.url }),
    ),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
  assert.equal((await shop.db.query('select from float_request where amount = 7770')).length, 1)
  const other = await shop.member.post('/console/float-requests/new', { ...form, amount: '78', reference: '' })
  assert.equal(other.status, 422, 'the form stands for one request')
})
