import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createPledgWorld, openToken, type PledgWorld, token } from '../../support/pledg-world.ts'
import { createVisitor } from '../visitor.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant({ redirectHosts: ['127.0.0.1', 'shop.example'] })
  await world.fund(world.purse, 1_000_000n)
})
after(() => world.stop())

async function signedIn(person = world.ada) {
  const visitor = createVisitor(world.url)
  const answer = await visitor.submit('/sign-in', { email: person.email, password: person.password })
  assert.equal(answer.status, 303)
  return visitor
}

const stateOf = async (uid: string) => (await world.purchase(uid)).state

describe('the checkout page', () => {
  it('shows who asks for what, to whoever has the link, and asks to sign in', async () => {
    const { path } = await world.link(merchant, { title: 'Two <b>chairs</b>', subtitle: 'Oak' })
    const visitor = createVisitor(world.url)
    const { status, text, headers } = await visitor.get(path)
    assert.equal(status, 200)
    for (const shown of ['Meubles Dupont', '100.00', 'Two &lt;b&gt;chairs&lt;/b&gt;', 'Oak'])
      assert.ok(text.includes(shown), shown)
    assert.ok(text.includes(`/sign-in?next=${encodeURIComponent(path)}`))
    assert.ok(!text.includes('ada@shop.example'), 'the customer is nobody’s business before sign-in')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal((await visitor.get('/checkout/nothing')).status, 404)
    assert.equal((await visitor.get(`/checkout/${'x'.repeat(32)}`)).status, 404)
  })

  it('speaks the language of the purchase, before sign-in', async () => {
    const { path } = await world.link(merchant, { lang: 'fr_FR' })
    assert.match((await createVisitor(world.url).get(path)).text, /vous demande de payer/)
  })

  it('pays at once, and leads back to the shop, once however often the form is sent', async () => {
    const { path, uid } = await world.link(merchant)
    const visitor = await signedIn()
    const before = await world.server.balance(merchant.wallet)
    const hidden = await visitor.hidden(path)
    const fields = { ...hidden, plan: 'now', wallet: world.purse }
    const first = await visitor.post(path, fields)
    assert.deepEqual([first.status, first.location], [303, 'http://127.0.0.1:9/thanks?order=1&pledg_result=%7B%7D'])
    assert.equal((await visitor.post(path, fields)).location, first.location)
    assert.equal(await world.server.balance(merchant.wallet), before + 10_000n)
    assert.equal(await stateOf(uid), 'completed')
    const done = await visitor.get(path)
    assert.ok(done.text.includes(`/wallet/purchases/${uid}`) && done.text.includes('pledg_result'))
    assert.ok(!(await createVisitor(world.url).get(path)).text.includes('/wallet/purchases/'), 'only for who paid')
  })

  it('has one effect when sixty-four people accept at once', async () => {
    const { path, uid } = await world.link(merchant)
    const visitor = await signedIn()
    const before = await world.server.balance(merchant.wallet)
    const forms = await Promise.all(Array.from({ length: 64 }, () => visitor.hidden(path)))
    assert.equal(new Set(forms.map(({ key }) => key)).size, 64)
    const answers = await Promise.all(
      forms.map((hidden) => visitor.post(path, { ...hidden, plan: 'in-3', wallet: world.purse })),
    )
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
    for (const { status } of answers) assert.ok(status === 303 || status === 409, String(status))
    assert.equal(await world.server.balance(merchant.wallet), before + 10_000n)
    const parts = await world.db.query(
      'select from purchase_part s join purchase p on p.id = s.purchase_id where p.uid = $1',
      [uid],
    )
    assert.equal(parts.length, 3)
  })

  it('takes one of two purchases under one reference', async () => {
    const [one, two] = [
      await world.link(merchant, { reference: 'same' }),
      await world.link(merchant, { reference: 'same' }),
    ]
    const visitor = await signedIn()
    const pay = async (path: string) =>
      visitor.post(path, { ...(await visitor.hidden(path)), plan: 'now', wallet: world.purse })
    assert.equal((await pay(one.path)).status, 303)
    const second = await pay(two.path)
    assert.equal(second.status, 422)
    assert.match(second.text, /Nothing was paid this time/)
    const signed = token({ data: world.data(merchant, { reference: 'same' }) }, merchant.secret)
    const third = await world.post(`/api/purchase_link/?signature=${signed}`)
    assert.deepEqual([third.status, third.body.error.type], [409, 'conflict'])
  })

  it('says beside the field what is wrong, and takes nobody else’s wallet', async () => {
    const { path, uid } = await world.link(merchant)
    const visitor = await signedIn()
    const send = async (fields: Record<string, string>) =>
      visitor.post(path, { ...(await visitor.hidden(path)), plan: 'now', wallet: world.purse, ...fields })
    for (const fields of [
      { wallet: merchant.wallet },
      { wallet: 'us:8301234567:USD' },
      { wallet: 'x' },
      { plan: 'free' },
      { plan: '' },
    ]) {
      const answer = await send(fields)
      assert.equal(answer.status, 422, JSON.stringify(fields))
      assert.match(answer.text, /class="error"/)
    }
    assert.equal(await stateOf(uid), 'created')
    const foreign = await visitor.post(path, { plan: 'now', wallet: world.purse, key: 'A'.repeat(22) })
    assert.equal(foreign.status, 403)
    const dear = await world.link(merchant, { amountCents: 900_000_00 })
    const short = await visitor.post(dear.path, {
      ...(await visitor.hidden(dear.path)),
      plan: 'now',
      wallet: world.purse,
    })
    assert.equal(short.status, 422)
    assert.match(short.text, /not that much in the wallet/)
  })

  it('shows itself to a viewer of a team, and takes no word of theirs', async () => {
    const role = (name: string) =>
      world.db.query('update sign_in set role = $1 where email = $2', [name, world.ada.email])
    const { path, uid } = await world.link(merchant)
    const visitor = await signedIn()
    await role('viewer')
    try {
      const answer = await visitor.submit(path, { plan: 'now', wallet: world.purse })
      assert.equal(answer.status, 403)
      assert.equal(await stateOf(uid), 'created')
      assert.equal((await visitor.submit('/wallet/send', {})).status, 403)
    } finally {
      await role('owner')
    }
    assert.equal((await visitor.submit(path, { plan: 'now', wallet: world.purse })).status, 303)
  })

  it('is accepted on the terms that stood on the page, or shown again', async () => {
    const shop = await world.merchant()
    const { path, uid } = await world.link(shop)
    const visitor = await signedIn()
    const fields = { ...(await visitor.hidden(path)), plan: 'in-3', wallet: world.purse }
    await world.db.query("update merchant_plan set fee_bp = 2000 where merchant_id = $1 and name = 'in-3'", [shop.id])
    const dearer = await visitor.post(path, fields)
    assert.equal(dearer.status, 422)
    assert.match(dearer.text, /has changed/)
    assert.equal(await stateOf(uid), 'created')
    // What is paid now is what it was.
    const { location } = await visitor.post(path, { ...fields, plan: 'now' })
    assert.match(location as string, /pledg_result/)
    // The same form goes on telling how it ended, whatever became of the plan.
    const other = await world.link(shop)
    const sent = { ...(await visitor.hidden(other.path)), plan: 'in-3', wallet: world.purse }
    assert.equal((await visitor.post(other.path, sent)).status, 303)
    await world.db.query("update merchant_plan set fee_bp = 0 where merchant_id = $1 and name = 'in-3'", [shop.id])
    assert.equal((await visitor.post(other.path, sent)).status, 303)
  })

  it('is cancelled by who has the link, and tells the shop with a token of its secret', async () => {
    const notify = 'https://shop.example/failed'
    const { path, uid } = await world.link(merchant, { errorNotificationUrl: notify })
    const visitor = createVisitor(world.url)
    const { status, location } = await visitor.submit(path, {}, `${path}/cancel`)
    assert.equal(status, 303)
    const back = new URL(location as string)
    assert.equal(back.origin + back.pathname, 'http://127.0.0.1:9/basket')
    assert.deepEqual(openToken(back.searchParams.get('pledg_error') as string, merchant.secret), {
      type: 'payment_refused',
      message: 'The customer cancelled the purchase',
    })
    assert.equal(await stateOf(uid), 'cancelled')
    const told = (await world.deliveries(merchant)).filter(({ url }) => url === notify)
    assert.deepEqual(
      told.map(({ topic, body }) => [topic, JSON.parse(body).purchase_state]),
      [['error', 'ABANDONED']],
    )
    const ada = await signedIn()
    assert.match((await ada.get(path)).text, /This purchase was cancelled/)
  })
})

describe('the front', () => {
  const open = (path: string) => createVisitor(world.url).get(path)

  it('leads by a signature to the checkout page, from both of its addresses', async () => {
    for (const path of ['/purchase', '/payment_solutions']) {
      const { status, location } = await open(
        `${path}?signature=${token({ data: world.data(merchant) }, merchant.secret)}`,
      )
      assert.equal(status, 303)
      assert.match(location as string, /^\/checkout\/[A-Za-z0-9_-]{32}$/)
    }
  })

  it('leads to the same purchase when it is reloaded, until that one is over', async () => {
    const path = `/purchase?signature=${token({ data: world.data(merchant, { reference: 'reloaded' }) }, merchant.secret)}`
    const answers = await Promise.all(Array.from({ length: 32 }, () => open(path)))
    assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
    const link = answers[0]?.location as string
    await createVisitor(world.url).submit(link, {}, `${link}/cancel`)
    const again = (await open(path)).location
    assert.notEqual(again, link)
    const rows = await world.db.query("select from purchase where reference = 'reloaded'")
    assert.equal(rows.length, 2)
  })

  it('begins one purchase by one signature, whatever a stranger writes around it', async () => {
    const signature = token({ data: world.data(merchant, { reference: 'decorated' }) }, merchant.secret)
    const paths = Array.from({ length: 16 }, (_, i) => `/${i % 2 ? 'purchase' : 'payment_solutions'}?x=${i}&signature=`)
    const answers = await Promise.all(paths.map((path) => open(path + signature)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
    assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
    assert.equal((await world.db.query("select from purchase where reference = 'decorated'")).length, 1)
  })

  it('takes plain parameters where the merchant allows it, to registered hosts only', async () => {
    const lax = await world.merchant({ requiresSignature: false, redirectHosts: ['shop.example'] })
    const ask = (shop: typeof merchant, more: Record<string, string> = {}) => {
      const { redirectUrl: _r, cancelUrl: _c, ...data } = world.data(shop)
      const at = 'https://shop.example/'
      const query = { ...data, redirectUrl: at, cancelUrl: at, metadata: '{"stay":{}}', ...more } as Record<
        string,
        string
      >
      return open(`/purchase?${new URLSearchParams(query)}`)
    }
    assert.match((await ask(lax)).location as string, /^\/checkout\//)
    assert.equal((await ask(merchant)).status, 400, 'a merchant that requires signatures')
    for (const url of [
      'https://evil.example/',
      'https://shop.example.evil.example/',
      'https://shop.example:444/',
      'http://shop.example/',
    ]) {
      const answer = await ask(lax, { redirectUrl: url })
      assert.equal(answer.status, 303, url)
      assert.match(answer.location as string, /^https:\/\/shop\.example\/\?pledg_error=/)
      const lost = await ask(lax, { cancelUrl: url })
      assert.deepEqual([lost.status, lost.location], [400, null], `nobody is led to ${url}`)
      assert.equal((await ask(lax, { paymentNotificationUrl: url, cancelUrl: url })).location, null)
    }
  })

  it('leads back to the shop with what is wrong, if it is the shop who asks', async () => {
    const data = world.data(merchant, { amountCents: -5 })
    const { status, location } = await open(`/purchase?signature=${token({ data }, merchant.secret)}`)
    assert.equal(status, 303)
    const error = openToken(new URL(location as string).searchParams.get('pledg_error') as string, merchant.secret)
    assert.deepEqual(error, { type: 'invalid_request_error', message: 'amountCents: must be above zero' })
    const forged = await open(`/purchase?signature=${token({ data }, 'guess')}`)
    assert.deepEqual([forged.status, forged.location], [403, null])
    assert.match(forged.text, /cannot be used/)
    assert.equal((await open('/purchase')).status, 400)
  })
})

describe("a person's purchases", () => {
  it('show the schedule, and take a part before its day, once', async () => {
    const { path, uid } = await world.link(merchant, { reference: 'early' })
    const visitor = await signedIn()
    await visitor.submit(path, { plan: 'in-3', wallet: world.purse })
    const at = `/wallet/purchases/${uid}`
    const list = await visitor.get('/wallet/purchases')
    assert.ok(list.text.includes(at))
    const page = await visitor.get(at)
    for (const shown of ['33.84', '33.83', 'to come', '67.66']) assert.ok(page.text.includes(shown), shown)
    const hidden = await visitor.hidden(`${at}/parts/3`)
    const before = await world.server.balance(world.purse)
    const answers = await Promise.all(Array.from({ length: 16 }, () => visitor.post(`${at}/parts/3`, hidden)))
    assert.deepEqual(new Set(answers.map(({ location }) => location)), new Set([`${at}?done=paid`]))
    assert.equal(await world.server.balance(world.purse), before - 3_383n)
    assert.equal((await visitor.get(`${at}/parts/3`)).status, 303)
  })

  it('are nobody else’s', async () => {
    const { path, uid } = await world.link(merchant)
    await (await signedIn()).submit(path, { plan: 'now', wallet: world.purse })
    const ben = await signedIn(world.server.sandbox.people[1])
    assert.equal((await ben.get(`/wallet/purchases/${uid}`)).status, 404)
    assert.equal((await ben.get(`/wallet/purchases/${uid}/parts/1`)).status, 404)
    assert.equal((await ben.get('/wallet/purchases/pur_x')).status, 404)
    assert.ok(!(await ben.get('/wallet/purchases')).text.includes(uid))
    assert.equal((await createVisitor(world.url).get(`/wallet/purchases/${uid}`)).status, 303)
  })
})
