import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createThrottle } from '../../../src/credentials/throttle.ts'
import { setCardBlocked } from '../../../src/operations/gift-cards/block-card.ts'
import { checkBalance } from '../../../src/operations/gift-cards/check-balance.ts'
import { grouped } from '../../../src/pages/cards/card-facts.ts'
import type { Database, Sql } from '../../../src/storage/database.ts'
import type { Visitor } from '../visitor.ts'
import { type CardPages, startCardPages } from './harness.ts'

let pages: CardPages

before(async () => {
  pages = await startCardPages()
  await pages.brand({
    slug: 'meubles',
    validityDays: 365,
    barcode: 'qrcode',
    texts: { how_to_use: { en: 'Show it at the till.', fr: 'Montrez-la en caisse.' }, terms: 'No <b>cash</b> back.' },
  })
})
after(async () => {
  await pages.assertClean().finally(pages.stop)
  assert.deepEqual(pages.faults, [])
})

const SAME = { 'sec-fetch-site': 'same-origin' }
const many = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)))

/** The same database, and which statements were sent through it. */
function listening(real: Database): { db: Database; statements: string[] } {
  const statements: string[] = []
  const heard = (sql: Sql): Sql => ({
    query: (text, values) => {
      statements.push(text)
      return sql.query(text, values)
    },
  })
  return {
    db: { ...real, ...heard(real), transaction: (work) => real.transaction((sql) => work(heard(sql))) },
    statements,
  }
}

describe('the page of a card', () => {
  test('shows the brand, the balance and the texts, and of the code its end', async () => {
    const card = await pages.sell('meubles')
    const { status, text, headers } = await pages.stranger().get(`/cards/${card.link}`)
    assert.equal(status, 200)
    for (const part of ['Meubles &amp; Cie', 'EUR\u00a050.00', 'Valid', 'Show it at the till.', 'No &lt;b&gt;cash'])
      assert.ok(text.includes(part), part)
    assert.ok(text.includes(`•••• •••• ${card.tail}`))
    assert.ok(!text.includes(card.code) && !text.includes(grouped(card.code)))
    assert.ok(!text.includes(`>${card.pin}<`))
    assert.match(text, /<title>Gift card · Billfold<\/title>/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.match(headers.get('x-robots-tag') ?? '', /noindex/)
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe-inline/)
    const french = await pages.stranger({ 'accept-language': 'fr' }).get(`/cards/${card.link}`)
    assert.match(french.text, /Montrez-la en caisse\./)
    assert.match(french.text, /50,00\u00a0EUR/)
    assert.deepEqual(await pages.events(card.id), [])
  })

  test('shows the code, and then the PIN, only when asked by a form, and writes each look down', async () => {
    const card = await pages.sell('meubles')
    const visitor = pages.stranger()
    const path = `/cards/${card.link}`
    const code = await visitor.submit(path, {}, `${path}/show`)
    assert.ok(code.text.includes(grouped(card.code)))
    assert.ok(!code.text.includes(`>${card.pin}<`))
    assert.equal(code.headers.get('cache-control'), 'no-store')
    const hidden = await visitor.hidden(path, `${path}/show`)
    const pin = await visitor.post(`${path}/show`, { ...hidden, what: 'pin' }, SAME)
    assert.ok(pin.text.includes(`>${card.pin}<`))
    const foreign = await visitor.post(`${path}/show`, { ...hidden, what: 'pin' }, { 'sec-fetch-site': 'cross-site' })
    assert.equal(foreign.status, 403)
    assert.equal((await visitor.get(`${path}/show`)).status, 404)
    assert.deepEqual(await pages.events(card.id), ['code-shown link', 'pin-shown link'])
  })

  test('has its barcode as a picture and its PDF, neither of which is cached or found by its address without the link', async () => {
    const card = await pages.sell('meubles')
    const visitor = pages.stranger()
    const svg = await visitor.get(`/cards/${card.link}/barcode.svg`)
    assert.deepEqual([svg.status, svg.headers.get('content-type')], [200, 'image/svg+xml'])
    assert.doesNotMatch(svg.text, /style=|<script/)
    assert.equal(svg.headers.get('cache-control'), 'no-store')
    const pdf = await visitor.get(`/cards/${card.link}.pdf`)
    assert.deepEqual([pdf.status, pdf.headers.get('content-type')], [200, 'application/pdf'])
    assert.match(pdf.text, /^%PDF-1\.\d/)
    assert.equal(pdf.headers.get('cache-control'), 'no-store')
    assert.match(pdf.headers.get('x-robots-tag') ?? '', /noindex/)
    for (const path of [
      '/cards/x',
      `/cards/${'A'.repeat(32)}`,
      `/cards/${'A'.repeat(32)}.pdf`,
      `/cards/${card.code}`,
    ]) {
      const answer = await visitor.get(path)
      assert.equal(answer.status, 404, path)
      assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
    }
    assert.deepEqual(await pages.events(card.id), ['barcode-shown link', 'pdf-made link'])
  })

  test('of a card that is blocked, cancelled or over says so, and has no barcode', async () => {
    const [blocked, expired] = [await pages.sell('meubles'), await pages.sell('meubles')]
    await setCardBlocked(pages.gift, 'test', { cardId: blocked.id, to: 'blocked', reason: null })
    await pages.db.query("update card set expires_at = clock_timestamp() - interval '1 second' where id = $1", [
      expired.id,
    ])
    for (const [card, words] of [
      [blocked, 'This card is blocked'],
      [expired, 'This card has expired'],
    ] as const) {
      const { text } = await pages.stranger().get(`/cards/${card.link}`)
      assert.ok(text.includes(words))
      assert.doesNotMatch(text, /barcode\.svg|\.pdf/)
      assert.equal((await pages.stranger().get(`/cards/${card.link}/barcode.svg`)).status, 404)
      assert.equal((await pages.stranger().get(`/cards/${card.link}.pdf`)).status, 404)
    }
  })

  test('of a card from stock has no balance, and of a vendor’s page its link when asked', async () => {
    const stock = await pages.sell('triofr', 1500n)
    const { text } = await pages.stranger().get(`/cards/${stock.link}`)
    assert.match(text, /Value<\/span> EUR\u00a015\.00/)
    assert.doesNotMatch(text, /Balance/)
    const row = { code: '', pin: null, url: 'https://vendor.example/c/1?x=<y>' }
    await pages.db.query('update card set code = $2 where id = $1', [
      stock.id,
      pages.assembly.keyring.seal(JSON.stringify(row), `card:${stock.id}:secrets`),
    ])
    const visitor = pages.stranger()
    const path = `/cards/${stock.link}`
    assert.doesNotMatch((await visitor.get(path)).text, /barcode\.svg|vendor\.example/)
    const shown = await visitor.submit(path, {}, `${path}/show`)
    assert.match(shown.text, /href="https:\/\/vendor\.example\/c\/1\?x=&lt;y&gt;" rel="noreferrer noopener"/)
    assert.equal((await visitor.get(`${path}.pdf`)).status, 200)
    await pages.db.query('update card set code = $2 where id = $1', [
      stock.id,
      pages.assembly.keyring.seal(JSON.stringify({ ...row, url: 'javascript:alert(1)' }), `card:${stock.id}:secrets`),
    ])
    assert.doesNotMatch((await visitor.submit(path, {}, `${path}/show`)).text, /href="javascript/)
  })
})

describe('a card is kept and given away', () => {
  test('by one of 16 who try at once; the old link ends, and the page is its holder’s alone', async () => {
    const card = await pages.sell('meubles')
    const path = `/cards/${card.link}`
    const people = await many(2, (i) => pages.visitor(i === 0 ? 'ada' : 'carla'))
    const forms = await Promise.all(people.map((visitor) => visitor.hidden(path, `${path}/claim`)))
    const answers = await many(16, async (i) => {
      const form = forms[i % 2] as Record<string, string>
      const { status, location } = await (people[i % 2] as Visitor).post(`${path}/claim`, form, SAME)
      return { status, location, who: i % 2 }
    })
    const won = answers.filter(({ status }) => status === 303)
    assert.equal(won.length, 1)
    for (const { status } of answers.filter((it) => it !== won[0]))
      assert.ok([404, 409, 410].includes(status), `${status}`)
    const { who, location } = won[0] as { who: number; location: string }
    const [winner, loser] = [people[who], people[1 - who]] as [Visitor, Visitor]
    const now = location.replace('?done=claimed', '')
    assert.match(now, /^\/cards\/[A-Za-z0-9_-]{32}$/)
    assert.notEqual(now, path)
    assert.equal((await winner.get(location)).status, 200)
    for (const gone of [path, `${path}.pdf`, `${path}/barcode.svg`])
      assert.equal((await pages.stranger().get(gone)).status, 410, gone)
    assert.equal((await loser.get(now)).status, 404)
    assert.equal((await loser.get(`${now}/barcode.svg`)).status, 404)
    const stranger = await pages.stranger().get(now)
    assert.deepEqual([stranger.status, stranger.location], [303, `/sign-in?next=${encodeURIComponent(now)}`])

    assert.ok((await winner.get('/wallet/cards')).text.includes(`href="${now}"`))
    assert.ok(!(await loser.get('/wallet/cards')).text.includes(card.tail))

    const given = await winner.submit(now, {}, `${now}/give`)
    assert.equal(given.status, 303)
    const gift = (given.location as string).replace('?done=given', '')
    const page = await winner.get(given.location as string)
    assert.ok(page.text.includes(`${pages.url}${gift}`))
    assert.equal((await winner.get(now)).status, 410)
    assert.equal((await pages.stranger().get(gift)).status, 200)
    const taken = await loser.submit(gift, {}, `${gift}/claim`)
    assert.equal(taken.status, 303)
    assert.ok((await loser.get('/wallet/cards')).text.includes(card.tail))
    assert.ok(!(await winner.get('/wallet/cards')).text.includes(card.tail))
    assert.deepEqual(await pages.events(card.id), ['claimed person', 'given person', 'claimed person'])
  })

  test('by nobody who is not signed in, and given away only by its holder', async () => {
    const card = await pages.sell('meubles')
    const path = `/cards/${card.link}`
    const stranger = pages.stranger()
    assert.match((await stranger.get(path)).text, /href="\/sign-in\?next=/)
    assert.equal((await stranger.post(`${path}/claim`, {})).status, 303)
    const ada = await pages.visitor('ada')
    const { csrf = '' } = await ada.hidden(path, `${path}/claim`)
    const give = await ada.post(`${path}/give`, { csrf }, SAME)
    assert.equal(give.status, 409)
    assert.deepEqual(await pages.events(card.id), [])
  })
})

describe('the balance check', () => {
  test('tells what is on a card to whoever has code and PIN', async () => {
    const card = await pages.sell('meubles')
    const typed = { code: grouped(card.code).toLowerCase(), pin: card.pin as string }
    const { status, text, headers } = await pages.stranger().submit('/cards/balance', typed)
    assert.equal(status, 200)
    assert.match(text, /Balance<\/span> EUR\u00a050\.00/)
    assert.ok(!text.includes(grouped(card.code)))
    assert.equal(headers.get('cache-control'), 'no-store')
  })

  test('answers an unknown code, a wrong PIN and a code from stock alike', async () => {
    const card = await pages.sell('meubles')
    const stock = await pages.sell('triofr', 1500n)
    const wrong = card.pin === '0000' ? '0001' : '0000'
    const asked: string[][] = []
    const texts: string[] = []
    for (const [code, pin] of [
      [card.code, wrong],
      ['0'.repeat(20), wrong],
      [stock.code, wrong],
      ['nothing', wrong],
    ] as const) {
      const answer = await pages.stranger().submit('/cards/balance', { code, pin })
      assert.equal(answer.status, 422)
      texts.push(answer.text.replaceAll(code, 'CODE').replace(/name="csrf" value="[^"]*"/, ''))
      // What the page does, on a database of its own: nothing of the server's other work is counted.
      const { db, statements } = listening(pages.db)
      const deps = { ...pages.gift, db, throttle: createThrottle(pages.assembly.keyring) }
      const check = await checkBalance(deps, { code, pin, address: '127.0.0.1' })
      assert.equal(check.status, 'unknown')
      asked.push(statements)
    }
    assert.equal(new Set(texts).size, 1)
    // Two attempts counted in one transaction, and one look.
    for (const statements of asked) {
      assert.equal(statements.length, 3)
      assert.deepEqual(statements, asked[0])
    }
  })

  test('slows down who tries PINs of one card, from wherever, and others not', async () => {
    const card = await pages.sell('meubles')
    const wrong = card.pin === '0000' ? '0001' : '0000'
    const answers = await many(16, () => pages.stranger().submit('/cards/balance', { code: card.code, pin: wrong }))
    const statuses = answers.map(({ status }) => status)
    assert.ok(statuses.filter((status) => status === 422).length <= 5, statuses.join())
    assert.ok(statuses.includes(429))
    const right = await pages.stranger().submit('/cards/balance', { code: card.code, pin: card.pin as string })
    assert.equal(right.status, 429)
    assert.ok(Number(right.headers.get('retry-after')) >= 1)
    // As from another address.
    const rows = await pages.db.query('delete from sign_in_throttle where failures > 5 returning key_hash')
    assert.ok(rows.length <= 1)
    const other = await pages.sell('meubles')
    const fine = await pages.stranger().submit('/cards/balance', { code: other.code, pin: other.pin as string })
    assert.equal(fine.status, 200)
  })
})
