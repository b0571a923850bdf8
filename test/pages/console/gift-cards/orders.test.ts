import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { normaliseCardCode } from '../../../../src/credentials/card-codes.ts'
import { findCard } from '../../../../src/storage/cards.ts'
import { linesOf, type Shop, secretsOf, startShop } from './shop.ts'

let shop: Shop
let own: string
before(async () => {
  shop = await startShop()
  const [brand] = await shop.db.query<{ slug: string }>(
    `select b.slug from brand b join asset s on s.id = b.asset_id
     where b.supply = 'own' and b.status = 'enabled' and s.code = 'EUR' and b.min_value is not null and not b.asynchronous
     order by b.slug limit 1`,
  )
  own = brand?.slug as string
})
after(() => shop.assertClean().finally(shop.stop))

const FLOAT = 'float:sandbox:EUR'
const idOf = (placed: { order: { id: string } }) => placed.order.id
const cardOf = async (orderId: string) => {
  const card = await findCard(shop.db, { orderId })
  assert.ok(card)
  return card
}

test('orders are found by request, partner, brand, status, day and their own id, page by page', async () => {
  const ids: string[] = []
  for (let i = 0; i < 3; i++) ids.push(idOf(await shop.order(own, 5000n, `list-${i}`)))
  const found = async (query: string, visitor = shop.operator) =>
    linesOf((await visitor.get(`/console/orders.csv?${query}`)).text)
      .slice(1)
      .map(([id]) => id)
  assert.deepEqual(await found('request=list-1'), [ids[1]])
  assert.deepEqual(await found(`request=${ids[2]}`), [ids[2]], 'an order’s own id')
  assert.deepEqual(await found(`request=${ids[2]}`, shop.viewer), [ids[2]])
  assert.deepEqual(await found(`request=${ids[2]}`, shop.stranger), [])
  assert.deepEqual((await found(`partner=sandbox&brand=${own}&status=succeeded`)).slice(0, 3), ids.toReversed())
  assert.deepEqual(await found('partner=nobody'), [])
  assert.deepEqual(await found('brand=nobody'), [])
  assert.deepEqual(await found('status=failed&from=2000-01-01&to=2000-01-02'), [])
  const today = new Date().toISOString().slice(0, 10)
  assert.equal((await found(`from=${today}&to=${today}&request=list-0`)).length, 1)
  assert.match((await shop.operator.get(`/console/orders?after=${ids[0]}&request=list-1`)).text, /Nothing matches/)
  assert.deepEqual(await found('', shop.stranger), [])
  const { text } = await shop.owner.get('/console/orders?request=list-2')
  assert.match(text, /list-2/)
  assert.doesNotMatch(text, /name="partner"/, 'a business has no other partners to look for')
})

test('an order shows what happened; a business sees its own and no card’s page; another’s is not there', async () => {
  const id = idOf(await shop.order(own, 5000n, 'shown'))
  const card = await cardOf(id)
  const path = `/console/orders/${id}`
  const mine = await shop.viewer.get(path)
  assert.equal(mine.status, 200)
  assert.match(mine.text, new RegExp(`••••${card.tail}`))
  assert.doesNotMatch(mine.text, /console\/cards\//)
  assert.match((await shop.operator.get(path)).text, new RegExp(`/console/cards/${card.id}`))
  assert.equal((await shop.stranger.get(path)).status, 404)
  assert.equal((await shop.owner.get(`${path}/cancel`)).status, 404)
  assert.equal((await shop.stranger.get(`${path}/resend`)).status, 404)
})

test('an order is taken back once, after the password, and its price returns', async () => {
  const before = await shop.balance(FLOAT)
  const id = idOf(await shop.order(own, 5000n, 'taken-back'))
  const path = `/console/orders/${id}/cancel`
  assert.match((await shop.operator.get(path)).text, /goes back to the float of sandbox/)
  const wrong = await shop.operator.submit(path, { password: 'wrong' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /not your password/)
  const form = { ...(await shop.operator.hidden(path)), password: shop.password }
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => shop.operator.post(path, form, { origin: shop.url })),
  )
  assert.ok(answers.every(({ status }) => status === 303 || status === 422))
  assert.equal(await shop.balance(FLOAT), before)
  assert.equal((await cardOf(id)).status, 'ended')
  assert.match((await shop.operator.get(`/console/orders/${id}?done=cancelled`)).text, /was taken back/)
})

test('a mail is sent again by who works there, not by who looks', async () => {
  const [brand] = await shop.db.query<{ slug: string }>(
    `select b.slug from brand b join asset s on s.id = b.asset_id
     where 'email' = any (b.delivery) and b.supply = 'own' and s.code = 'EUR' and b.status = 'enabled' and not b.asynchronous
       and 5000 between b.min_value and b.max_value limit 1`,
  )
  if (!brand) await shop.db.query(`update brand set delivery = '{code,email}' where slug = $1`, [own])
  const id = idOf(
    await shop.order(brand?.slug ?? own, 5000n, 'mailed', {
      delivery: 'email',
      details: { recipient: { email: 'ada@sandbox.example', name: 'Ada' } },
    }),
  )
  const path = `/console/orders/${id}`
  assert.equal((await shop.viewer.get(`${path}/resend`)).status, 404)
  const early = await shop.member.submit(`${path}/resend`, {})
  assert.equal(early.status, 422)
  assert.match(early.text, /The mail is still to be sent/)
  await shop.db.query(`insert into order_event (order_id, what, at) values ($1, 'delivered', now())`, [id])
  await shop.db.query('update gift_order set mailed = true where id = $1', [id])
  assert.equal((await shop.member.submit(`${path}/resend`, {})).status, 303)
  const [row] = await shop.db.query<{ mailed: boolean }>('select mailed from gift_order where id = $1', [id])
  assert.equal(row?.mailed, false)
  assert.equal((await shop.lastAct()).act, 'order.resend')
})

test('a card is found by its end and by its whole code, which stands in no log; a masked one is said to be', async () => {
  const card = await cardOf(idOf(await shop.order(own, 5000n, 'find-me')))
  const ends = linesOf((await shop.operator.get(`/console/cards.csv?tail=%E2%80%A2%E2%80%A2${card.tail}`)).text)
  assert.ok(ends.some(([id]) => id === card.id))
  const { code } = JSON.parse(shop.assembly.keyring.open(card.code, `card:${card.id}:secrets`)) as { code: string }
  const find = (text: string) => shop.operator.submit('/console/cards', { code: text }, '/console/cards/find')
  assert.equal((await find(code.toLowerCase())).location, `/console/cards/${card.id}`)
  const acts = JSON.stringify(await shop.db.query('select * from console_act'))
  assert.ok(!acts.includes(normaliseCardCode(code)) && !acts.includes(code))
  assert.match((await find(`••••${card.tail}`)).text, /This code is masked/)
  const unknown = await find('N3ZK 8Q2M 4T7V W1XA 9B5C')
  assert.equal(unknown.status, 422)
  assert.match(unknown.text, /No card that was sold has this code/)
  assert.equal((await shop.owner.get('/console/cards')).status, 404)
  assert.equal((await shop.owner.get(`/console/cards/${card.id}`)).status, 404)
})

test('a card is blocked with a reason, let go, revealed with a reason and the password, and ended', async () => {
  const before = await shop.balance(FLOAT)
  const card = await cardOf(idOf(await shop.order(own, 5000n, 'card-life')))
  const path = `/console/cards/${card.id}`
  const status = async () => (await cardOf(card.order_id as string)).status
  assert.equal((await shop.operator.submit(`${path}/block`, { reason: '' })).status, 422)
  assert.equal((await shop.operator.submit(`${path}/block`, { reason: 'Reported stolen' })).status, 303)
  assert.equal(await status(), 'blocked')
  assert.deepEqual((await shop.lastAct()).detail, { reason: 'Reported stolen' })
  const refused = await shop.operator.submit(`${path}/cancel`, { password: shop.password })
  assert.equal(refused.status, 422)
  assert.match(refused.text, /The card is blocked: unblock it first/)
  assert.equal((await shop.operator.submit(`${path}/unblock`, { reason: '' })).status, 303)
  assert.equal(await status(), 'active')

  const hasty = await shop.operator.submit(`${path}/reveal`, { reason: 'The printer ate it', password: '' })
  assert.equal(hasty.status, 422)
  assert.match(hasty.text, /value="The printer ate it"/, 'what was filled in is kept')
  assert.equal((await shop.operator.submit(`${path}/reveal`, { reason: '', password: shop.password })).status, 422)
  const shown = await shop.operator.submit(`${path}/reveal`, { reason: 'The printer ate it', password: shop.password })
  assert.equal(shown.status, 200)
  assert.equal(shown.headers.get('cache-control'), 'no-store')
  const [code = ''] = secretsOf(shown.text)
  assert.ok(code.replaceAll(/[\s-]/g, '').endsWith(card.tail))
  const page = (await shop.operator.get(path)).text
  assert.ok(!page.includes(code))
  assert.match(page, /The printer ate it/)
  assert.match(page, /Looked at in full/)
  assert.match(page, new RegExp(`operator:${shop.sandbox.operator.email}`))

  assert.equal((await shop.operator.submit(`${path}/cancel`, { password: shop.password })).status, 303)
  assert.equal(await status(), 'ended')
  assert.equal(await shop.balance(FLOAT), before)
})
