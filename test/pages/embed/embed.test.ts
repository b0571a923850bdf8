import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createVisitor } from '../visitor.ts'
import { type EmbedPages, startEmbedPages } from './harness.ts'

let pages: EmbedPages
let store: { id: string }
before(async () => {
  pages = await startEmbedPages()
  store = await pages.brand({ slug: 'meubles' }, { kind: 'bonus', rate: 10 })
})
after(async () => {
  await pages.assertClean().finally(pages.stop)
  assert.deepEqual(pages.faults, [])
})

const HOST = 'http://127.0.0.1:4321'
const cross = { origin: HOST, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }
const inside = { origin: 'null', 'sec-fetch-site': 'same-origin' }

/** A person whose browser keeps no cookies of frames, before a fresh session's page. */
async function openFrame(amount = 100, fields: Record<string, string> = {}) {
  const session = await pages.session(amount)
  const visitor = createVisitor(pages.url)
  const answer = await visitor.post('/embed/jackpot', { session, ...fields }, cross)
  assert.equal(answer.status, 303, answer.text)
  return { session, visitor, path: answer.location as string }
}

const directive = (headers: Headers, name: string) =>
  (headers.get('content-security-policy') ?? '')
    .split('; ')
    .find((one) => one.startsWith(`${name} `))
    ?.slice(name.length + 1)

const reserve = (visitor: ReturnType<typeof createVisitor>, path: string, card: string) =>
  visitor.post(`${path}/reserve`, { store: store.id, card }, inside)

async function cardsOn(visitor: ReturnType<typeof createVisitor>, path: string, query = '') {
  const { text } = await visitor.get(`${path}/stores/${store.id}${query}`)
  return [...text.matchAll(/name="card" value="([^"]+)"/g)].map(([, card]) => card as string)
}

test('a session becomes a page that its partner may frame, and nobody else, with no cookie and no token in its address', async () => {
  const { session, visitor, path } = await openFrame()
  const { status, headers, text } = await visitor.get(path)
  assert.equal(status, 200)
  assert.match(text, /Turn EUR\u00a0100\.00 into a gift card/)
  assert.match(text, /EUR\u00a0110\.00/)
  assert.equal(
    directive(headers, 'frame-ancestors'),
    'https://127.0.0.1:* http://127.0.0.1:* https://*.shop.example http://*.shop.example',
  )
  assert.equal(directive(headers, 'default-src'), "'none'")
  assert.equal(headers.get('referrer-policy'), 'no-referrer')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.deepEqual(headers.getSetCookie(), [])
  assert.equal(visitor.cookies.size, 0)
  assert.ok(!path.includes(session) && !text.includes(session))
  assert.ok(!path.includes(session.slice(4, 20)))
})

test('every other page stays one that nobody frames', async () => {
  const stranger = createVisitor(pages.url)
  for (const path of ['/', '/sign-in', '/cards/balance', '/nowhere', '/embed/jackpot/nothing', '/embed/nowhere']) {
    const { headers } = await stranger.get(path)
    assert.equal(directive(headers, 'frame-ancestors'), "'none'", path)
    assert.equal(directive(headers, 'connect-src'), undefined, path)
  }
})

test('a page of another domain opens nothing, whatever it says that it is', async () => {
  const session = await pages.session()
  const visitor = createVisitor(pages.url)
  for (const origin of [
    'https://evil.example',
    'http://localhost:4321',
    'https://shop.example',
    pages.url.replace('127.0.0.1', 'localhost'),
  ]) {
    const answer = await visitor.post('/embed/jackpot', { session, host: HOST }, { ...cross, origin })
    assert.equal(answer.status, 403, origin)
    assert.equal(answer.location, null)
  }
  const hidden = await visitor.post(
    '/embed/jackpot',
    { session, host: 'https://evil.example' },
    { ...cross, origin: 'null' },
  )
  const { text } = await visitor.get(hidden.location as string)
  assert.ok(!text.includes('data-host'), 'a page that hides who it is is told nothing')
})

test('what is no session opens nothing', async () => {
  const visitor = createVisitor(pages.url)
  for (const session of ['', 'x', `bfj_${'A'.repeat(43)}`]) {
    const answer = await visitor.post('/embed/jackpot', { session }, cross)
    assert.equal(answer.status, 410)
    assert.equal(directive(answer.headers, 'frame-ancestors'), "'none'")
  }
  assert.equal((await visitor.get('/embed/jackpot')).status, 405)
  assert.equal((await visitor.get(`/embed/jackpot?session=${await pages.session()}`)).status, 405)
  const typed = await fetch(`${pages.url}/embed/jackpot`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(typed.status, 400)
})

test('a card is reserved, confirmed and opened, step by step, without a script', async () => {
  const { session, visitor, path } = await openFrame(100, { lang: 'en' })
  const cards = await cardsOn(visitor, path)
  assert.deepEqual(
    cards.map((card) => card.split(':')[1]),
    ['11000', '5500', '2200', '1100', '550'],
  )
  const reserved = await reserve(visitor, path, cards[0] as string)
  assert.equal(reserved.status, 303, reserved.text)
  const voucherPage = reserved.location as string
  const shown = await visitor.get(voucherPage)
  assert.match(shown.text, /Your card is reserved/)
  const data = JSON.parse((/data-voucher="([^"]+)"/.exec(shown.text)?.[1] ?? '').replaceAll('&quot;', '"'))
  assert.deepEqual([data.state, data.value, data.price, data.currency], ['RESERVED', '110.00', '100.00', 'EUR'])
  assert.match(data.couponId, /^[A-Z]{10}$/)
  assert.equal((await visitor.get(`${voucherPage}/state`)).text, '{"state":"reserved"}')
  assert.ok(!shown.text.includes('/cards/'))

  assert.ok('voucher' in (await pages.confirm(data.id)))
  assert.equal((await visitor.get(`${voucherPage}/state`)).text, '{"state":"ready"}')
  const ready = await visitor.get(voucherPage)
  assert.match(ready.text, /Your card is ready/)
  const link = /href="(\/cards\/[A-Za-z0-9_-]{32})" target="_blank" rel="noopener noreferrer"/.exec(ready.text)?.[1]
  assert.ok(link)
  const card = await visitor.get(link)
  assert.match(card.text, /EUR\u00a0110\.00/)
  assert.equal(directive(card.headers, 'frame-ancestors'), "'none'")
  const telling = /data-voucher="([^"]+)"/.exec(ready.text)?.[1] ?? ''
  assert.ok(
    !telling.includes('cards') && telling.includes('READY'),
    'the page around is told nothing that opens the card',
  )

  // The old address, and the token, lead to the voucher: the session has ended for anything else.
  assert.match((await visitor.get(path)).text, /Your card is ready/)
  assert.equal((await visitor.get(`${path}/stores/${store.id}`)).status, 303)
  assert.equal((await reserve(visitor, path, cards[1] as string)).status, 303)
  const again = await visitor.post('/embed/jackpot', { session }, cross)
  assert.match((await visitor.get(again.location as string)).text, /Your card is ready/)
})

test('of 32 clicks on several cards at once, one reserves', async () => {
  const { visitor, path } = await openFrame()
  const cards = await cardsOn(visitor, path)
  const before = (await pages.vouchers()).length
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, i) => reserve(visitor, path, cards[i % 3] as string)),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303])
  assert.equal((await pages.vouchers()).length, before + 1)
  const shown = await Promise.all(answers.slice(0, 8).map(({ location }) => visitor.get(location as string)))
  assert.equal(new Set(shown.map(({ text }) => /<code>([A-Z]{10})/.exec(text)?.[1])).size, 1)
})

test('a cancelled reservation says that nothing was spent', async () => {
  const { visitor, path } = await openFrame()
  const [card = ''] = await cardsOn(visitor, path)
  const { location } = await reserve(visitor, path, card)
  const [voucher] = await pages.vouchers()
  assert.ok('voucher' in (await pages.cancel(voucher?.id as string)))
  assert.match((await visitor.get(location as string)).text, /The reservation has ended.+Nothing was spent/s)
})

test('an amount of one’s own shows its card, and is held to the session’s', async () => {
  const { visitor, path } = await openFrame()
  assert.deepEqual(
    (await cardsOn(visitor, path, '?amount=42.50')).map((card) => card.split(':')[1]),
    ['4675'],
  )
  const wrong = { '100.01': 'You have EUR\u00a0100.00', '0': 'above zero', abc: 'such as', '1.001': '2 decimals' }
  for (const [amount, message] of Object.entries(wrong)) {
    const answer = await visitor.get(`${path}/stores/${store.id}?amount=${amount}`)
    assert.equal(answer.status, 422, amount)
    assert.ok(answer.text.includes(message), amount)
  }
})

test('what the page never offered is refused, and nothing is reserved', async () => {
  const { visitor, path } = await openFrame()
  const [offer] = ((await cardsOn(visitor, path))[0] as string).split(':')
  const before = (await pages.vouchers()).length
  const asked: [string, number][] = [
    [`${offer}:11001`, 409],
    [`${offer}:100`, 409],
    [`${offer}:-5`, 422],
    [`${offer}:99999999999999999999`, 422],
    ['0198c0de-0000-7000-8000-000000000000:11000', 409],
    ['', 422],
  ]
  for (const [card, status] of asked) {
    const answer = await reserve(visitor, path, card)
    assert.equal(answer.status, status, card)
    assert.match(answer.text, /role="alert"/)
  }
  const elsewhere = await visitor.post(`${path}/reserve`, { store: store.id, card: `${offer}:11000` }, cross)
  assert.equal(elsewhere.status, 403, 'a form from the page around, which cannot know the path')
  assert.equal((await visitor.get(`${path}/stores/0198c0de-0000-7000-8000-000000000000`)).status, 404)
  assert.equal((await pages.vouchers()).length, before)
})

test('a page speaks the language of the page around it', async () => {
  const { visitor, path } = await openFrame(100, { lang: 'fr' })
  const { text } = await visitor.get(path, { 'accept-language': 'en' })
  assert.match(text, /<html lang="fr">/)
  assert.match(text, /Transformez 100,00\u00a0EUR en carte cadeau/)
})

test('the script comes from one address that pages of other sites may load', async () => {
  const answer = await fetch(`${pages.url}/embed/jackpot.js`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/javascript/)
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin')
  const etag = answer.headers.get('etag') ?? ''
  const again = await fetch(`${pages.url}/embed/jackpot.js`, { headers: { 'if-none-match': etag } })
  assert.equal(again.status, 304)
})
