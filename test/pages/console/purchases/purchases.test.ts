import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../../../src/domain/uuid.ts'
import { acceptPurchase } from '../../../../src/operations/purchases/accept-purchase.ts'
import { changeMerchant } from '../../../../src/operations/purchases/change-merchant.ts'
import { createPurchase } from '../../../../src/operations/purchases/create-purchase.ts'
import { requireMerchant } from '../../../../src/operations/purchases/require-merchant.ts'
import { submitForWallet } from '../../../../src/operations/submit-for-wallet.ts'
import type { Visitor } from '../../visitor.ts'
import { type Access, startAccess } from '../access.ts'

let server: Access
let operator: Visitor
let member: Visitor
before(async () => {
  server = await startAccess()
  operator = await server.visitor('operator')
  member = await server.visitor('member')
  const partyId = await server.party('Mint')
  const bank = await server.open(partyId, { id: 'mint:gateway:EUR', lower: null, upper: 0 })
  const wallet = await purse()
  await submitForWallet(server.assembly.ledger, {
    principal: 'test',
    transaction: uuidV7(Date.now()),
    kind: 'funds',
    legs: [{ type: 'transfer', source: bank.id, target: wallet.id, amount: 100_000n }],
    payload: '{}',
  })
})
after(async () => {
  await server.assertClean()
  await server.stop()
})

let references = 0
const merchant = () => requireMerchant(server.db, server.sandbox.pledg.merchant_uid)
const SHOP = 'shop:corner-cafe:EUR'

/** Of the sandbox's first person. */
async function purse() {
  const [ada] = server.sandbox.people
  const wallet = await server.assembly.directory.find(ada?.wallets.find((id) => id.endsWith(':EUR')) as string)
  assert.ok(wallet)
  return wallet
}

/** A purchase of 20 EUR, accepted by the sandbox's first person under a plan unless it is to wait. */
async function purchase(plan: string | null = 'now') {
  const { purchases } = server.assembly
  const of = await merchant()
  const wish = {
    reference: `order-${++references}`,
    amount: 2000n,
    title: 'Two chairs',
    details: { email: 'ada@shop.example' },
  }
  const made = await createPurchase(purchases, { merchant: of, via: 'front', wish })
  assert.ok('purchase' in made)
  if (plan !== null) {
    const wallet = await purse()
    const wish = { purchase: made.purchase, merchant: of, partyId: wallet.partyId, wallet, plan, key: randomUUID() }
    const accepted = await acceptPurchase(purchases, wish)
    assert.ok(accepted.accepted, JSON.stringify(accepted))
  }
  return made.purchase
}

const stateOf = async (id: string) =>
  (
    await server.db.query<{ state: string; credited: bigint; captured: bigint | null }>(
      'select * from purchase where id = $1',
      [id],
    )
  )[0]

test('purchases are found by reference, merchant, state, person and day', async () => {
  const paid = await purchase()
  const waits = await purchase(null)
  const [ada] = server.sandbox.people
  const found = async (query: string, visitor = operator) => {
    const { text, status } = await visitor.get(`/console/purchases?${query}`)
    assert.equal(status, 200)
    return [text.includes(paid.id), text.includes(waits.id)]
  }
  assert.deepEqual(await found(''), [true, true])
  assert.deepEqual(await found(`reference=${paid.reference}`), [true, false])
  assert.deepEqual(await found('state=created'), [false, true])
  assert.deepEqual(await found(`person=${encodeURIComponent(ada?.email ?? '')}`), [true, false])
  assert.deepEqual(await found('person=nobody'), [false, false])
  assert.deepEqual(await found(`merchant=${server.sandbox.pledg.merchant_uid}`), [true, true])
  assert.deepEqual(await found('merchant=mer_x'), [false, false])
  const today = new Date().toISOString().slice(0, 10)
  assert.deepEqual(await found(`from=${today}&until=${today}`), [true, true])
  assert.deepEqual(await found('until=2020-01-01'), [false, false])
  assert.deepEqual(await found('state=created', member), [false, true])
  const csv = await member.get('/console/purchases.csv')
  assert.match(csv.text, new RegExp(`${paid.uid},.*,EUR,20.00,20.00,0.00`))
})

test('pages of a list follow each other without a gap', async () => {
  for (let made = 0; made < 52; made++) await purchase(null)
  const seen = new Set<string>()
  let path = '/console/purchases'
  for (let page = 0; page < 5 && path; page++) {
    const { text } = await member.get(path)
    for (const [, id] of text.matchAll(/href="\/console\/purchases\/([0-9a-f-]{36})"/g)) {
      assert.ok(!seen.has(id as string))
      seen.add(id as string)
    }
    path = /href="(\/console\/purchases\?after=[^"]+)"/.exec(text)?.[1] ?? ''
  }
  const [row] = await server.db.query<{ count: number }>('select count(*)::int as count from purchase')
  assert.equal(seen.size, row?.count)
})

test('a purchase is shown with schedule, entries and notifications', async () => {
  await changeMerchant(server.db, await merchant(), { paymentNotificationUrl: 'http://127.0.0.1:9/pay' })
  const bought = await purchase('3x')
  const { text } = await operator.get(`/console/purchases/${bought.id}`)
  assert.match(text, /EUR&nbsp;6\.66|EUR\u00a06\.66/)
  assert.match(text, /<code>purchase<\/code>/)
  assert.match(text, /back/)
  assert.match(text, /ada@shop\.example/)
  const own = await member.get(`/console/purchases/${bought.uid}`)
  assert.equal(own.status, 200)
  const [ada] = server.sandbox.people
  assert.ok(
    !own.text.includes(ada?.wallets.find((id) => id.endsWith(':EUR')) as string),
    'a business does not see the wallet',
  )
})

test('part of a purchase is given back once, however often the form is sent', async () => {
  const bought = await purchase()
  const before = await server.balance(SHOP)
  const path = `/console/purchases/${bought.id}/credit`
  const hidden = await member.hidden(path)
  const fields = { ...hidden, amount: '7.50', password: server.password('member') }
  const wrong = await member.post(path, { ...fields, password: 'not it' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /value="7.50"/, 'what was written stays')
  for (let sent = 0; sent < 2; sent++) assert.equal((await member.post(path, fields)).status, 303)
  assert.equal((await stateOf(bought.id))?.credited, 750n)
  assert.equal(await server.balance(SHOP), before - 750n)
  const other = await member.post(path, { ...fields, amount: '1' })
  assert.equal(other.status, 422)
  assert.match(other.text, /sent before with another amount/)
  const much = await member.submit(path, { amount: '100', password: server.password('member') })
  assert.equal(much.status, 422)
  assert.match(much.text, /more than there is/)
  for (const amount of ['', 'x', '0', '1.234']) {
    const { status, text } = await member.submit(path, { amount, password: server.password('member') })
    assert.equal(status, 422)
    assert.match(text, /aria-invalid="true"/)
  }
  const act = await server.lastAct('purchase.credit')
  assert.equal(act.outcome, 'refused')
})

test('sixteen people who give the same back give it back once between them', async () => {
  const bought = await purchase()
  const path = `/console/purchases/${bought.id}/credit`
  const password = server.password('member')
  const hidden = await member.hidden(path)
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, at) =>
      // Half of them the same form, half of them each its own.
      member.post(path, { ...hidden, key: at % 2 ? randomUUID() : (hidden.key as string), amount: '20', password }),
    ),
  )
  assert.ok(answers.every(({ status }) => status === 303 || status === 422 || status === 429))
  assert.equal((await stateOf(bought.id))?.credited, 2000n)
})

test('what a merchant captures by hand is captured, released or taken back', async () => {
  await changeMerchant(server.db, await merchant(), { manualCapture: true })
  const [captured, released, waits] = [await purchase(), await purchase(), await purchase(null)]
  const password = server.password('member')
  const part = await server.dare(member, `/purchases/${captured.id}/capture`, password, { amount: '15' })
  assert.equal(part.location, `/console/purchases/${captured.id}?done=captured`)
  assert.deepEqual(await stateOf(captured.id).then((row) => [row?.state, row?.captured]), ['completed', 1500n])
  assert.equal(
    (await member.submit(`/console/purchases/${captured.id}/capture`, { amount: '1', password })).status,
    422,
  )
  assert.equal((await server.dare(member, `/purchases/${released.id}/release`, server.password('member'))).status, 303)
  assert.equal((await stateOf(released.id))?.state, 'voided')
  assert.equal((await member.submit(`/console/purchases/${waits.id}/cancel`, {})).status, 303)
  assert.equal((await stateOf(waits.id))?.state, 'cancelled')
  for (const act of ['purchase.capture', 'purchase.release', 'purchase.cancel'])
    assert.ok((await server.lastAct(act)).outcome)
  await changeMerchant(server.db, await merchant(), { manualCapture: false })
})

test('another business has none of it, and who only looks decides nothing', async () => {
  const bought = await purchase()
  const path = `/purchases/${bought.id}`
  assert.equal((await server.stranger.get(`/console${path}`)).status, 404)
  await server.hidden(['/credit', '/capture', '/release', '/cancel'].map((act) => path + act))
  assert.ok(
    !(await server.stranger.get(`/console/purchases?merchant=${server.sandbox.pledg.merchant_uid}`)).text.includes(
      bought.id,
    ),
  )
  assert.ok(!(await server.stranger.get('/console/purchases.csv')).text.includes(bought.uid))
  const viewer = await server.visitor('viewer')
  const shown = await viewer.get(`/console${path}`)
  assert.equal(shown.status, 200)
  assert.ok(!shown.text.includes(`${path}/credit`))
  assert.equal((await viewer.get(`/console${path}/credit`)).status, 404)
})
