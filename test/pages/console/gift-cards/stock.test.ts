import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Brand, findBrand } from '../../../../src/storage/brands.ts'
import { linesOf, type Shop, startShop } from './shop.ts'

let shop: Shop
let brand: Brand
let page: string
before(async () => {
  shop = await startShop()
  const [row] = await shop.db.query<{ id: string }>(`select id from brand where supply = 'stock' order by slug limit 1`)
  brand = (await findBrand(shop.db, { id: row?.id as string })) as Brand
  await shop.db.query(
    `update brand set fixed_values = '{1000,2500}', min_value = null, max_value = null, step_value = null where id = $1`,
    [brand.id],
  )
  page = `/console/brands/${brand.id}/stock`
})
after(() => shop.assertClean().finally(shop.stop))

const counted = async () => {
  const [row] = await shop.db.query<{ count: bigint }>('select count(*) from stock_code where brand_id = $1', [
    brand.id,
  ])
  return Number(row?.count)
}

test('a file is uploaded from the page: each line is added or refused with its reason, and the codes stay masked', async () => {
  const before = await counted()
  const csv =
    'code,pin,value\nUPLOAD-0001-AAAA,1234,10.00\nUPLOAD-0002-BBBB,,25\nUPLOAD-0001-AAAA,,10\nUPLOAD-0003-CCCC,,11\nnonsense\n'
  const sent = await shop.upload(shop.operator, page, csv)
  assert.equal(sent.status, 303, sent.text)
  assert.equal(await counted(), before + 2)
  const act = await shop.lastAct()
  assert.deepEqual([act.act, act.outcome, act.detail.lines, act.detail.added], ['stock.upload', 'done', 5, 2])
  const report = sent.location as string
  const { text } = await shop.operator.get(report)
  assert.match(text, /stands above in the file/)
  assert.doesNotMatch(text, /UPLOAD-0001-AAAA/)
  const lines = linesOf((await shop.operator.get(`${report}.csv`)).text)
  assert.deepEqual(
    lines.slice(1).map(([line, reason]) => [line, reason]),
    [
      ['4', 'in-file'],
      ['5', 'malformed'],
      ['6', 'malformed'],
    ],
  )
  const again = await shop.upload(shop.operator, page, csv)
  assert.equal(await counted(), before + 2)
  assert.match((await shop.operator.get(again.location as string)).text, /already in stock/)
  assert.ok((await shop.operator.get('/console/stock')).text.includes(brand.name))
})

test('the page’s script is told where the report stands, or what is wrong', async () => {
  const json = 'application/json'
  const sent = await shop.upload(shop.operator, page, 'code,value\nSCRIPT-1,10\n', { accept: json })
  assert.match(JSON.parse(sent.text).location, /^\/console\/stock\/.+\/report$/)
  const refused = await shop.upload(shop.operator, page, 'no,header\n', { accept: json })
  assert.equal(refused.status, 422)
  assert.ok(JSON.parse(refused.text).error)
})

test('a session alone adds no codes: the password stands before the file, which is not read without it', async () => {
  const before = await counted()
  for (const password of ['', 'not it']) {
    const page_ = await shop.upload(shop.operator, page, 'code,value\nSTOLEN-1,10\n', { password })
    assert.equal(page_.status, 422)
    assert.match(page_.text, /id="password-error"/)
    assert.match(page_.text, /sold to customers as good/)
  }
  const accept = 'application/json'
  const told = await shop.upload(shop.operator, page, 'code,value\nSTOLEN-1,10\n', { password: 'not it', accept })
  assert.equal(told.status, 422)
  assert.deepEqual(JSON.parse(told.text), { error: 'That is not your password.' })
  assert.equal(await counted(), before)
})

test('no file, an empty one, one without a header and a form from elsewhere add nothing', async () => {
  const before = await counted()
  for (const csv of [null, '', 'just text']) {
    const answer = await shop.upload(shop.operator, page, csv)
    assert.equal(answer.status, 422, String(csv))
    assert.match(answer.text, /id="file-error"/)
  }
  const acts = async () => (await shop.db.query('select from console_act')).length
  const so = await acts()
  assert.equal((await shop.upload(shop.operator, page, 'code,value\nX,10\n', { csrf: 'made-up' })).status, 403)
  assert.equal(await acts(), so, 'no act')
  assert.equal(await counted(), before)
})

test('a form sent twice adds its codes once, also sixteen times at once', async () => {
  const before = await counted()
  // A session has five attempts at its password at a time.
  const visitors = [shop.operator, ...(await Promise.all(Array.from({ length: 3 }, () => shop.visitor('operator'))))]
  const forms = await Promise.all(visitors.map((visitor) => visitor.hidden(page)))
  const key = forms[0]?.key as string
  const csv = `code,value\n${Array.from({ length: 50 }, (_, i) => `TWICE-${i},10`).join('\n')}\n`
  const send = async (_: unknown, at: number) => {
    const form = new FormData()
    const visitor = visitors[at % 4] as (typeof visitors)[number]
    const fields = { ...forms[at % 4], key, password: shop.password }
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([csv], { type: 'text/csv' }), 'twice.csv')
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { cookie, origin: shop.url }
    return fetch(shop.url + page, { method: 'POST', body: form, headers, redirect: 'manual' })
  }
  const answers = await Promise.all(Array.from({ length: 16 }, send))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303])
  assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1)
  assert.equal(await counted(), before + 50)
})

test('a large file goes through without being held in memory', async () => {
  const before = await counted()
  const csv = `code,value\n${Array.from({ length: 20_000 }, (_, i) => `LARGE-${i}-${'x'.repeat(60)},10`).join('\n')}\n`
  assert.equal((await shop.upload(shop.operator, page, csv)).status, 303)
  assert.equal(await counted(), before + 20_000)
  assert.match((await shop.operator.get('/console/stock')).text, /1,000 or more/)
  assert.match((await shop.operator.get(page)).text, /20,000 or more/)
})

test('the mark of low stock is set, and a value below it is shown', async () => {
  const set = (low_stock: string) => shop.operator.submit(page, { low_stock }, `/console/brands/${brand.id}/low-stock`)
  assert.match((await set('many')).text, /low_stock-error/)
  assert.equal((await set('1000000')).status, 303)
  assert.equal((await findBrand(shop.db, { id: brand.id }))?.lowStock, 1_000_000)
  assert.match((await shop.operator.get('/console/stock')).text, /class="tag bad">low/)
  assert.match((await shop.operator.get('/console/stock')).text, /Ran low/)
})

test('a brand that sells no stock has no such page, and a business has none at all', async () => {
  const [own] = await shop.db.query<{ id: string }>(`select id from brand where supply = 'own' limit 1`)
  assert.equal((await shop.operator.get(`/console/brands/${own?.id}/stock`)).status, 404)
  assert.equal((await shop.owner.get(page)).status, 404)
})
