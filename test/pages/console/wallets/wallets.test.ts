import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sendPayment } from '../../../../src/operations/send-payment.ts'
import { findWallet } from '../../../../src/storage/wallets.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
let owner: Visitor
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
  await pay('bank:gateway:USD', 'us:8301234567:USD', 50_00n, 'First money')
})
after(async () => {
  await server.assertClean()
  await server.stop()
})

async function pay(from: string, to: string, amount: bigint, description: string): Promise<void> {
  const [source, target] = [await findWallet(server.db, from), await findWallet(server.db, to)]
  assert.ok(source && target)
  const ask = { actor: 'test', key: `${from} ${to} ${amount} ${description}` }
  const result = await sendPayment(server.assembly, { ...ask, source, target, amount, description })
  assert.equal(result.accepted, true)
}

const wallet = async (id: string) => {
  const found = await findWallet(server.db, id)
  assert.ok(found)
  const rows = await server.db.query<{
    lower: bigint | null
    upper: bigint | null
    status: number
    parent: bigint | null
  }>(
    'select a.lower, a.upper, a.status, w.parent_id as parent from account a join wallet w on w.id = a.id where a.id = $1',
    [found.id],
  )
  return { ...found, ...(rows[0] as NonNullable<(typeof rows)[0]>) }
}
const password = () => server.password('operator')
const ADA = 'us:8301234567:USD'
const BEN = 'us:8301234568:USD'
const CARLA = 'us:8301234569:USD'
const shown = (text: string) => new Set([...text.matchAll(/<code>([a-z]+:[^<:]+:[A-Z]+)<\/code>/g)].map(([, id]) => id))

test('operators find wallets by id, owner, currency, circle and state', async () => {
  const found = async (query: string) => shown((await operator.get(`/console/wallets?${query}`)).text)
  assert.ok((await found('')).size > 10)
  assert.deepEqual(await found(`id=${ADA.toUpperCase().replace('US:', 'us:')}`), new Set([ADA]))
  const { opaqueId, partyId } = await wallet(ADA)
  assert.deepEqual(await found(`id=${opaqueId}`), new Set([ADA]))
  assert.deepEqual(await found('id=nobody'), new Set())
  for (const owner of ['ada mor', partyId, 'ada@sandbox.example', 'ADA@sandbox.example'])
    assert.deepEqual(await found(`owner=${encodeURIComponent(owner)}&currency=usd`), new Set([ADA]), owner)
  assert.deepEqual(await found('owner=%25'), new Set())
  const points = await found('circle=corner-cafe')
  assert.ok(points.has('jp:01234567890:PTS') && points.has('bank:gateway:PTS') && points.size === 2)
  assert.ok(!(await found('currency=EUR')).has(ADA))
  assert.deepEqual(await found('circle=nowhere'), new Set())
  assert.deepEqual(await found('after=x&currency=USD&id='), await found('currency=USD'))
})

test('pages follow each other without a gap, and the CSV has every line', async () => {
  const party = await server.party('Many Wallets')
  for (let i = 0; i < 60; i++) await server.open(party, { id: `many:${1000 + i}:USD` })
  const first = await operator.get('/console/wallets?owner=many+w')
  const next = /href="([^"]+after=\d+)"/.exec(first.text)?.[1]
  assert.ok(next)
  const second = await operator.get(next.replaceAll('&amp;', '&'))
  const both = new Set([...shown(first.text), ...shown(second.text)])
  assert.equal(shown(first.text).size, 50)
  assert.equal(both.size, 60)
  const csv = await operator.get('/console/wallets.csv?owner=many+w')
  assert.equal(csv.text.trim().split('\r\n').length, 61)
  assert.match(csv.headers.get('content-disposition') ?? '', /wallets\.csv/)
})

test('a business reads its own wallets, floats among them, and nobody else’s', async () => {
  const mine = shown((await owner.get('/console/wallets')).text)
  assert.ok(mine.has('shop:corner-cafe:USD'))
  assert.ok(!mine.has(ADA))
  assert.deepEqual(shown((await owner.get(`/console/wallets?id=${ADA}`)).text), new Set())
  assert.deepEqual(shown((await owner.get('/console/wallets?owner=ada')).text), mine)
  const csv = (await owner.get('/console/wallets.csv')).text
  assert.doesNotMatch(csv, /8301234567/)
  for (const visitor of [owner, await server.visitor('viewer')]) {
    assert.equal((await visitor.get('/console/wallets/shop:corner-cafe:USD')).status, 200)
    for (const path of ['', '/statement', '/statement.csv'])
      assert.equal((await visitor.get(`/console/wallets/${ADA}${path}`)).status, 404, path)
    const { opaqueId } = await wallet(ADA)
    assert.equal((await visitor.get(`/console/wallets/${opaqueId}`)).status, 404)
    for (const path of ['limits', 'freeze', 'parent', 'refills'])
      assert.equal((await visitor.get(`/console/wallets/shop:corner-cafe:USD/${path}`)).status, 404, path)
  }
  // Books of brands stand with a party too, and are not its to see.
  const [kept] = await server.db.query<{ id: string; party: string }>(
    `select w.namespace || ':' || w.number || ':' || w.currency as id, w.party_id as party from brand b
     join wallet w on w.id = b.settlement_id limit 1`,
  )
  assert.ok(kept)
  const keeper = await server.visitor('owner', kept.party)
  assert.equal((await keeper.get(`/console/wallets/${kept.id}`)).status, 404)
  assert.equal((await operator.get(`/console/wallets/${kept.id}`)).status, 200)
})

test('the statement has every line, is searched, and comes as CSV', async () => {
  await pay(ADA, CARLA, 1_25n, 'Lunch <b>')
  const page = await operator.get(`/console/wallets/${ADA}/statement`)
  assert.match(page.text, /Lunch &lt;b&gt;/)
  assert.match(page.text, /First money/)
  const searched = await operator.get(`/console/wallets/${ADA}/statement?q=lunch`)
  assert.match(searched.text, /Lunch/)
  assert.doesNotMatch(searched.text, /First money/)
  assert.equal((await operator.get(`/console/wallets/${ADA}/statement?from=2026-02-31`)).status, 422)
  const csv = await operator.get(`/console/wallets/${ADA}/statement.csv`)
  assert.match(csv.text, /,-1\.25,USD,48\.75,/)
  assert.equal(csv.text.trim().split('\r\n').length, 3)
})

test('limits are changed with the password, as a transaction of the one who did it', async () => {
  const path = `/console/wallets/${CARLA}/limits`
  const wrong = await operator.submit(path, { lower: '-250.00', upper: '1,000.00', password: 'no' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /value="-250.00"/)
  assert.equal((await wallet(CARLA)).lower, -100_00n)
  const done = await operator.submit(path, { lower: '-250.00', upper: '1,000.00', password: password() })
  assert.equal(done.status, 303, done.text)
  const { lower, upper } = await wallet(CARLA)
  assert.deepEqual([lower, upper], [-250_00n, 1000_00n])
  const [change] = await server.db.query<{ principal: string }>(
    "select principal from transaction where kind = 'wallet-change' order by id desc limit 1",
  )
  assert.equal(change?.principal, 'operator:operator@sandbox.example')
  for (const [fields, what] of [
    [{ lower: '12,50', upper: '' }, 'a comma that parts nothing'],
    [{ lower: '5', upper: '1' }, 'crossed'],
    [{ lower: '100', upper: '' }, 'broken by the balance'],
  ] as const) {
    const refused = await operator.submit(path, { ...fields, password: password() })
    assert.equal(refused.status, 422, what)
  }
  const none = await operator.submit(path, { lower: '-250', upper: '', password: password() })
  assert.equal(none.status, 303)
  assert.equal((await wallet(CARLA)).upper, null)
})

test('a wallet is frozen and pays again; a form that is sent twice does not undo itself', async () => {
  const path = `/console/wallets/${CARLA}/freeze`
  const hidden = await operator.hidden(path)
  const freeze = () => operator.post(path, hidden, { origin: server.url, 'sec-fetch-site': 'same-origin' })
  assert.equal((await freeze()).status, 303)
  assert.equal((await wallet(CARLA)).status, 1)
  assert.equal((await freeze()).status, 422)
  assert.equal((await wallet(CARLA)).status, 1)
  assert.deepEqual(shown((await operator.get('/console/wallets?frozen=yes')).text), new Set([CARLA]))
  assert.match((await operator.get('/console')).text, /Wallets that are frozen: 1/)
  assert.equal((await operator.submit(path, {})).status, 303)
  assert.equal((await wallet(CARLA)).status, 0)
})

test('parent and refill policy are set and ended', async () => {
  const parent = `/console/wallets/${CARLA}/parent`
  const proof = { password: password() }
  assert.match((await operator.submit(parent, { parent: ADA })).text, /password-error/)
  assert.equal((await operator.submit(parent, { parent: 'us:999:USD', ...proof })).status, 422)
  assert.equal((await operator.submit(parent, { parent: 'be:412345678:EUR', ...proof })).status, 422)
  assert.equal((await operator.submit(parent, { parent: CARLA, ...proof })).status, 422)
  const refills = `/console/wallets/${CARLA}/refills`
  const terms = { per_refill: '25.00', per_period: '100.00', period_seconds: '86400', ...proof }
  assert.equal((await operator.submit(refills, terms)).status, 422)
  assert.equal((await operator.submit(parent, { parent: ADA, ...proof })).status, 303)
  assert.equal((await wallet(CARLA)).parent, (await wallet(ADA)).id)
  assert.equal((await operator.submit(refills, { ...terms, per_period: '' })).status, 422)
  assert.equal((await operator.submit(refills, { ...terms, period_seconds: '5' })).status, 422)
  assert.equal((await operator.submit(refills, { ...terms, per_refill: '250' })).status, 422)
  assert.equal((await operator.submit(refills, terms)).status, 303)
  assert.match((await operator.get(`/console/wallets/${CARLA}`)).text, /USD 100/)
  assert.equal(
    (await operator.submit(refills, { per_refill: '', per_period: '', period_seconds: '', ...proof })).status,
    303,
  )
  assert.match((await operator.get(`/console/wallets/${CARLA}`)).text, /has no policy/)
  assert.equal((await operator.submit(parent, { parent: '', ...proof })).status, 303)
  assert.equal((await wallet(CARLA)).parent, null)
})

test('a wallet is opened for a party, once', async () => {
  const party = await server.party('Newcomer')
  const fields = {
    party_id: party,
    id: 'us:8309999999:USD',
    circle: 'public',
    lower: '-5',
    upper: '',
    parent: BEN,
    exponent: '',
    password: password(),
  }
  const form = '/console/wallets/new'
  assert.equal((await operator.submit(form, { ...fields, party_id: 'nobody' })).status, 422)
  assert.equal((await operator.submit(form, { ...fields, id: 'no id' })).status, 422)
  assert.equal((await operator.submit(form, { ...fields, parent: 'us:1:USD' })).status, 422)
  assert.equal((await operator.submit(form, { ...fields, exponent: 'two' })).status, 422)
  const done = await operator.submit(form, fields)
  assert.equal(done.location, '/console/wallets/us:8309999999:USD?done=open')
  assert.equal((await wallet('us:8309999999:USD')).lower, -5_00n)
  assert.equal((await operator.get(done.location)).status, 200)
  assert.equal((await operator.submit(form, fields)).status, 422)
})
