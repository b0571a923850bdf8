import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../visitor.ts'
import {
  ADA_EUR,
  ADA_USD,
  BEN_USD,
  CARLA_COP,
  CARLA_USD,
  DAICHI_JPY,
  startWalletPages,
  type WalletPages,
} from './harness.ts'

let pages: WalletPages
let ada: Visitor
let references: string[]

before(async () => {
  // The course of an old wallet has points too far apart for what happens within a second.
  pages = await startWalletPages({ young: true })
  await pages.fund(ADA_USD, '1000.00')
  ada = await pages.visitor('ada')
  references = []
  for (let n = 1; n <= 40; n++) {
    const form = await ada.hidden('/wallet/send')
    const to = n % 2 ? BEN_USD : CARLA_USD
    const fields = {
      from: ADA_USD,
      to,
      amount: `0.${String(n).padStart(2, '0')}`,
      description: n % 10 ? 'Bread' : '=SUM(A1) "Café"',
    }
    const sent = await ada.post('/wallet/send', { ...form, ...fields, step: 'confirm' })
    references.push(/transactions\/([0-9a-f-]{36})/.exec(sent.location ?? '')?.[1] as string)
  }
})
after(() => pages.stop())

const linesOf = (text: string) => text.match(/<li>\s*<a class="line"/g)?.length ?? 0

test('the overview has a card for each wallet: balance, what may be spent, credit, ceiling, and its course in words', async () => {
  const { text } = await ada.get('/wallet')
  assert.match(text, /US Dollar/)
  assert.match(text, /USD\u00a0991\.80/)
  assert.match(
    text,
    /<svg class="course"[^>]*role="img" aria-label="Balance of US Dollar since [^"]+: USD\u00a0[\d.,]+ then, USD\u00a0991\.80 now; least [^"]+, most USD\u00a01,000\.00"/,
  )
  assert.match(text, /Nothing has come in yet[^<]*<code>be:412345678:EUR/, 'the empty one says how to fill it')
  const carla = await (await pages.visitor('carla')).get('/wallet')
  assert.match(carla.text, /Credit line<\/dt><dd>COP\u00a0500,000\.00/)
  assert.match(carla.text, /Free to spend<\/dt><dd>COP\u00a0500,000\.00/)
  const ben = await (await pages.visitor('ben')).get('/wallet')
  assert.match(ben.text, /May hold up to<\/dt><dd>USD\u00a0200\.00/)
})

test('points and currencies without decimals are shown as they are counted', async () => {
  const daichi = await (await pages.visitor('daichi')).get('/wallet')
  assert.match(daichi.text, /JPY\u00a00</)
  assert.match(daichi.text, /PTS of corner-cafe/)
  assert.match(daichi.text, /PTS\u00a00</)
  assert.ok(DAICHI_JPY && CARLA_COP)
})

test('French readers get French words and figures', async () => {
  const french = await pages.visitor('ada', { 'accept-language': 'fr-CA, en;q=0.5' })
  const { text } = await french.get(`/wallet/${ADA_USD}`)
  assert.match(text, /<html lang="fr">/)
  assert.match(text, /991,80\u00a0USD/)
  assert.match(text, /Paiement envoyé/)
  assert.match(text, /Dollar des États-Unis/)
})

test('a history has pages that neither skip nor repeat a line', async () => {
  const seen: string[] = []
  let path: string | undefined = `/wallet/${ADA_USD}`
  let visits = 0
  while (path) {
    const { text } = await ada.get(path)
    visits++
    seen.push(
      ...[...text.matchAll(/class="line" href="[^"]*transactions\/([0-9a-f-]{36})"/g)].map(([, id]) => id as string),
    )
    path = /rel="next" href="([^"#]+)/.exec(text)?.[1]?.replaceAll('&amp;', '&')
  }
  assert.equal(visits, 2)
  assert.equal(seen.length, 41)
  assert.deepEqual(seen.slice(0, 40), [...references].reverse())
})

test('a search narrows by text, kind, direction, amount and day, keeps what was asked, and says when nothing matches', async () => {
  const search = async (query: string) => (await ada.get(`/wallet/${ADA_USD}?${query}`)).text
  assert.equal(linesOf(await search('q=caf%C3%A9')), 4)
  assert.equal(linesOf(await search('q=carla+r.')), 20)
  assert.equal(linesOf(await search('kind=funds')), 1)
  assert.equal(linesOf(await search('direction=in')), 1)
  assert.equal(linesOf(await search('least=0.39&most=0.40')), 2)
  const today = new Date().toISOString().slice(0, 10)
  assert.equal(linesOf(await search(`from=${today}&kind=funds`)), 1)
  const none = await search('q=nothing+like+it%3Cb%3E')
  assert.match(none, /Nothing matches, as far back/)
  assert.match(none, /value="nothing like it&lt;b&gt;"/)
  assert.match(none, /Show everything/)
  const next = await search('q=bread')
  assert.match(next, /rel="next" href="[^"]*q=bread&amp;before=\d+#history"/)
})

test('a whole reference leads to its transaction at once', async () => {
  const answer = await ada.get(`/wallet/${ADA_USD}?q=${references[0]}`)
  assert.deepEqual([answer.status, answer.location], [303, `/wallet/${ADA_USD}/transactions/${references[0]}`])
  const page = await ada.get(answer.location as string)
  assert.match(page.text, /Payment sent/)
  assert.match(page.text, /Ben M\./)
  assert.doesNotMatch(page.text, /Ben Moreno/)
  assert.match(page.text, new RegExp(references[0] as string))
  assert.match(page.text, /<time datetime="\d{4}-/)
})

test('what is wrong with a search stands beside its field', async () => {
  const cases: [string, RegExp][] = [
    ['least=ten', /id="least-error">[^<]*such as 12\.50/],
    ['least=5&most=4', /id="most-error">[^<]*less than the least/],
    ['from=2026-02-30', /id="from-error">[^<]*year-month-day/],
    ['until=0000-01-01', /id="until-error"/],
    ['from=2026-11-02&until=2026-11-01', /id="until-error">[^<]*before the first/],
    [`q=${'x'.repeat(201)}`, /id="q-error">[^<]*200/],
  ]
  for (const [query, words] of cases) {
    const answer = await ada.get(`/wallet/${ADA_USD}?${query}`)
    assert.equal(answer.status, 422, query)
    assert.match(answer.text, words)
  }
  for (const query of ['kind=%27', 'before=x', 'before=-1', 'before=99999999999999999999', 'range=ever', 'q=%00'])
    assert.equal((await ada.get(`/wallet/${ADA_USD}?${query}`)).status, 200, query)
})

test('the chart takes a range, and its steps can be read as a table', async () => {
  for (const range of ['week', 'month', 'quarter', 'year']) {
    const { text } = await ada.get(`/wallet/${ADA_USD}?range=${range}`)
    assert.match(text, /aria-current="true"/)
    assert.match(text, /<rect class="course-step"[^>]*><title>[^<]+: USD/)
    assert.match(text, /The same as a table/)
    assert.doesNotMatch(text, /NaN|undefined|Infinity/)
  }
})

test('the history downloads as CSV, newest first, with formulas disarmed', async () => {
  const answer = await ada.get(`/wallet/${ADA_USD}/history.csv`)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/csv; charset=utf-8/)
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="us-8301234567-USD.csv"')
  const lines = answer.text.split('\r\n')
  assert.equal(lines.length, 43)
  assert.equal(lines[0], 'number,at,kind,amount,currency,balance,counterparty,counterparty_name,reference,description')
  assert.match(
    lines[1] as string,
    /^41,\d{4}-[\dT:.-]+Z,payments,-0\.40,USD,991\.80,us:8301234569:USD,Carla R\.,[0-9a-f-]{36},"'=SUM\(A1\) ""Café"""$/,
  )
  assert.match(lines[41] as string, /^1,[^,]+,funds,1000\.00,USD,1000\.00,bank:gateway:USD,Sandbox gateway,/)

  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const empty = await ada.get(`/wallet/${ADA_USD}/history.csv?from=${tomorrow}`)
  assert.equal(empty.text.split('\r\n').length, 2, 'the head alone')
  const wrong = await ada.get(`/wallet/${ADA_USD}/history.csv?from=never`)
  assert.deepEqual([wrong.status, wrong.location], [303, `/wallet/${ADA_USD}?from=never#history`])
})

test('a range too long for a file is refused before it begins', async () => {
  const [{ id }] = (await pages.db.query<{ id: bigint }>("select id from wallet where number = '412345678'")) as [
    { id: bigint },
  ]
  assert.ok(id)
  // Rows past the ledger's door, which the audit below must not see.
  await pages.db.query(
    `insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
     select $1, n, 1, n, now(), gen_random_uuid(), 0 from generate_series(1, 100001) n`,
    [id],
  )
  await pages.db.query('update account set entries = 100001 where id = $1', [id])
  const answer = await ada.get(`/wallet/${ADA_EUR}/history.csv`)
  await pages.db.query('delete from entry where account_id = $1', [id])
  await pages.db.query('update account set entries = 0 where id = $1', [id])
  assert.equal(answer.status, 422)
  assert.match(answer.text, /100,001 entries, and a file takes at most 100,000/)
})

test('a wallet without a history says what will stand there', async () => {
  const { text } = await ada.get(`/wallet/${ADA_EUR}`)
  assert.match(text, /Nothing has happened in this wallet yet/)
  assert.doesNotMatch(text, /role="search"/)
})

test('the books of all this are clean', () => pages.assertClean())
