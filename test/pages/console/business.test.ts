import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readBusinessDays } from '../../../src/storage/business-days.ts'
import { call as callWalleo } from '../../protocols/walleo/harness.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
let owner: Visitor
let party: string
let other: Visitor
let walleo: Parameters<typeof callWalleo>[1]

before(async () => {
  server = await startConsole()
  const { api_key: apiKey, identifier, shared_key: sharedKey } = server.sandbox.walleo
  walleo = { apiKey, identifier, sharedKey }
  const [partner] = await server.db.query<{ party_id: string }>('select party_id from partner order by id limit 1')
  party = partner?.party_id ?? ''
  owner = await server.visitor('owner', party)
  other = await server.visitor('owner', await server.party('Nobody yet'))
  const cards = JSON.parse((await callWalleo(server.url, walleo, 'GET', '/gift_cards')).text) as { code: string }[]
  const codes = cards.map(({ code }) => code)
  const buy = (code: string | undefined, requestId: string) =>
    callWalleo(server.url, walleo, 'POST', '/cards', { card: { gift_card_code: code, amount: 50 } }, { requestId })
  await buy('EMPTYFR', 'failed-1')
  let bought = { status: 0, text: '' }
  for (const [index, code] of codes.filter((one) => one !== 'EMPTYFR').entries()) {
    bought = await buy(code, `bought-${index}`)
    if (bought.status === 200) break
  }
  assert.equal(bought.status, 200, bought.text)
  await server.assembly.calls.flush()
})
after(() => server.stop())

const linksTo = (text: string, pattern: RegExp) =>
  [...text.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? '').filter((href) => pattern.test(href))

test('the first page of a partner shows its floats, its sales and where to go on', async () => {
  const { text, status } = await owner.get('/console')
  assert.equal(status, 200)
  assert.match(text, /Floats/)
  assert.match(text, /EUR/)
  assert.match(text, /application\/json/)
  assert.match(text, /What needs you/)
})

test('a business that has nothing yet is told what to do', async () => {
  const { text } = await other.get('/console')
  assert.match(text, /To begin with/)
  assert.match(text, /href="\/tools\/signature"/)
  assert.match(text, /href="\/console\/team"/)
  assert.doesNotMatch(text, /What needs you/)
})

test('a float below its mark, an order that failed and a call that was refused need somebody', async () => {
  const [float] = await server.db.query<{ id: bigint }>(
    `select f.wallet_id as id from partner_float f join partner p on p.id = f.partner_id where p.party_id = $1 limit 1`,
    [party],
  )
  await server.db.query('insert into float_alert (wallet_id, below) values ($1, 1000000000000)', [float?.id])
  await callWalleo(server.url, walleo, 'GET', '/gift_cards', undefined, { timestamp: 1_000_000_000 })
  await server.assembly.calls.flush()
  const { text } = await owner.get('/console')
  assert.match(text, /is below its mark of/)
  assert.match(text, /Orders that failed within a day: \d/)
  assert.match(text, /The timestamp lies too far in the past/)
  assert.match(text, /href="\/console\/float-requests\/new"/)
})

test('days that are over are counted once and kept, today is counted anew', async () => {
  const before = await readBusinessDays(server.db, party, { days: 30, now: Date.now() })
  const kept = async () =>
    (await server.db.query('select from business_day_counted where party_id = $1', [party])).length
  assert.equal(await kept(), 29)
  assert.deepEqual(await readBusinessDays(server.db, party, { days: 30, now: Date.now() }), before)
  const later = await readBusinessDays(server.db, party, { days: 30, now: Date.now() + 3 * 86_400_000 })
  assert.equal(await kept(), 32)
  const sum = (rows: typeof before) => rows.reduce((all, { amount }) => all + amount, 0n)
  assert.equal(sum(later), sum(before))
})

test('statements lead from the accounts to a month, a day, the page to print and the file, and are nobody else’s', async () => {
  const list = await owner.get('/console/statements')
  const [account = ''] = linksTo(list.text, /\/console\/statements\/[^/?]+%3A[^/?]+EUR$/)
  assert.notEqual(account, '', list.text)
  const months = await owner.get(account)
  const [month = ''] = linksTo(months.text, /\/\d{4}-\d{2}$/)
  const page = await owner.get(month)
  assert.equal(page.status, 200)
  assert.match(page.text, /Opening balance/)
  const [day = ''] = linksTo(page.text, /\/\d{4}-\d{2}-\d{2}$/)
  assert.equal((await owner.get(day)).status, 200)
  const print = await owner.get(`${month}/print`)
  assert.equal(print.status, 200)
  assert.doesNotMatch(print.text, /<nav/)
  const file = await owner.get(`${month}/movements.csv`)
  assert.match(file.headers.get('content-disposition') ?? '', /reconciliation-.*\.csv/)
  const [header, ...lines] = file.text.trim().split('\r\n')
  assert.match(header ?? '', /^movement,at,line,protocol,request_id/)
  assert.ok(lines.length > 0)
  // What the file adds up to is what the page shows.
  const [first = [], last = []] = [lines[0]?.split(','), lines.at(-1)?.split(',')]
  const figures = [...page.text.matchAll(/class="numeric">(-?[\d,]+\.\d\d)<\/td>/g)].map(([, text]) =>
    text?.replaceAll(',', ''),
  )
  assert.ok(figures.includes(first[11]) && figures.includes(last[13]), `${figures} ${first[11]} ${last[13]}`)

  for (const path of [account, month, day, `${month}/print`, `${month}/movements.csv`]) {
    assert.equal((await other.get(path)).status, 404, path)
    assert.equal((await (await server.visitor('operator')).get(path)).status, 200, path)
  }
  for (const wrong of ['2026-13', '2026-02-30', 'x'])
    assert.equal((await owner.get(`${account}/${wrong}`)).status, 404, wrong)
  for (const kept of ['revenue', 'breakage']) {
    const [wallet] = await server.db.query<{ id: string }>(
      `select namespace || ':' || number || ':' || currency as id from wallet where namespace = $1 limit 1`,
      [kept],
    )
    if (wallet)
      assert.equal(
        (await (await server.visitor('operator')).get(`/console/statements/${encodeURIComponent(wallet.id)}`)).status,
        404,
      )
  }
})

test('all keys of a business stand on one page with their last use, for its owner alone', async () => {
  const { text } = await owner.get('/console/keys')
  for (const kind of ['Walleo API key', 'Tillo API key', 'Jackpot API key']) assert.match(text, new RegExp(kind))
  assert.match(text, /<time/)
  for (const secret of [walleo.apiKey, walleo.sharedKey, server.sandbox.tillo.secret]) assert.ok(!text.includes(secret))
  assert.equal((await (await server.visitor('viewer', party)).get('/console/keys')).status, 404)
  assert.match((await other.get('/console/keys')).text, /You have no keys yet/)
  for (const href of new Set(linksTo(text, /^\/console\/(partners|merchants|clients|api-keys|webhooks)\/./)))
    assert.equal((await owner.get(href)).status, 200, href)
})
