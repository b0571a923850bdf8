import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Brand, findBrand, listBrandCodes } from '../../../../src/storage/brands.ts'
import { listVelocityRules } from '../../../../src/storage/velocity-rules.ts'
import { linesOf, type Shop, startShop } from './shop.ts'

let shop: Shop
before(async () => {
  shop = await startShop()
})
after(() => shop.assertClean().finally(shop.stop))

const FORM = {
  slug: 'cafe-rio',
  currency: 'eur',
  circle: '',
  supply: 'own',
  name: 'Café Río',
  values_type: 'range',
  min: '5',
  max: '500',
  step: '5',
  values: '',
  discount: '4.5',
  discount_keeper: 'operator',
  validity_days: '365',
  delivery_code: 'yes',
  delivery_email: 'yes',
  barcode: 'qrcode',
  countries: 'FR, BE',
  categories: 'food, home',
  cancellable: 'yes',
  code_walleo: 'RIOFR',
  code_tillo: '',
  code_jackpot: 'rio',
  text_how_to_use_online: 'Type it in.',
  text_term_of_use: '',
}
const brandOf = async (slug: string) => (await findBrand(shop.db, { slug })) as Brand

test('a brand is made with its terms, found by name, edited, paused with a reason and sold again', async () => {
  const { operator, db } = shop
  const party_id = await shop.party('Río')
  const made = await operator.submit('/console/brands/new', { ...FORM, party_id, password: shop.password })
  assert.equal(made.status, 303, made.text)
  const brand = await brandOf('cafe-rio')
  const path = `/console/brands/${brand.id}`
  assert.deepEqual(brand.values, { type: 'range', min: 500n, max: 50_000n, step: 500n })
  assert.equal(brand.discountBp, 450)
  assert.equal(brand.discountKeeper, 'operator')
  assert.deepEqual(brand.delivery, ['code', 'email'])
  assert.deepEqual(brand.countries, ['FR', 'BE'])
  assert.deepEqual(brand.texts, { how_to_use_online: 'Type it in.' })
  assert.equal((await shop.lastAct()).act, 'brand.create')
  assert.match((await operator.get('/console/brands?search=r%C3%ADo&status=enabled')).text, /Café Río/)
  assert.match((await operator.get('/console/brands?search=r%C3%ADo&status=paused')).text, /Nothing matches/)

  const edit = {
    ...FORM,
    name: 'Río',
    values_type: 'fixed',
    values: '10 25 50',
    code_walleo: '',
    text_how_to_use_online: '',
  }
  assert.equal((await operator.submit(`${path}/edit`, { ...edit, password: shop.password })).status, 303)
  const after = await brandOf('cafe-rio')
  assert.deepEqual(after.values, { type: 'fixed', values: [1000n, 2500n, 5000n] })
  assert.deepEqual(after.texts, {})
  assert.deepEqual(
    (await listBrandCodes(db, [brand.id])).map(({ scheme }) => scheme),
    ['jackpot'],
  )

  const hasty = await operator.submit(`${path}/status`, { status: 'paused', reason: '' })
  assert.match(hasty.text, /reason-error/)
  assert.equal(
    (await operator.submit(`${path}/status`, { status: 'paused', reason: 'The vendor is down' })).status,
    303,
  )
  assert.equal((await brandOf('cafe-rio')).statusReason, 'The vendor is down')
  assert.match((await operator.get(path)).text, /The vendor is down/)
  const again = { status: 'enabled', reason: '' }
  assert.match((await operator.submit(`${path}/status`, again)).text, /id="password-error"/)
  const end = { status: 'disabled', reason: 'It is over' }
  assert.equal((await operator.submit(`${path}/status`, end)).status, 422)
  assert.equal((await brandOf('cafe-rio')).status, 'paused')
  assert.equal((await operator.submit(`${path}/status`, { ...again, password: shop.password })).status, 303)
  assert.deepEqual([(await brandOf('cafe-rio')).status, (await brandOf('cafe-rio')).statusReason], ['enabled', null])
  const csv = linesOf((await operator.get('/console/brands.csv?search=cafe-rio')).text)
  assert.equal(csv[1]?.[1], 'cafe-rio')
})

test('a brand’s texts change without the password; nothing that moves money does', async () => {
  const { operator } = shop
  const brand = await brandOf('cafe-rio')
  const path = `/console/brands/${brand.id}/edit`
  const same = {
    ...{ ...FORM, name: 'Río', values_type: 'fixed', values: '10.00 25.00 50.00', min: '', max: '', step: '' },
    ...{ discount: '4.5', code_walleo: '', text_how_to_use_online: '' },
  }
  const texts = { ...same, name: 'Café Río', countries: 'FR', text_term_of_use: 'As printed.' }
  assert.equal((await operator.submit(path, texts)).status, 303)
  assert.equal((await brandOf('cafe-rio')).name, 'Café Río')
  const { cancellable: _, ...kept } = same
  for (const change of [
    { ...same, values: '10.00 25.00 5000.00' },
    { ...same, values_type: 'range', min: '5', max: '500', step: '5' },
    { ...same, discount: '99' },
    { ...same, discount_keeper: 'partner' },
    { ...same, validity_days: '' },
    { ...same, code_tillo: 'amazon' },
    kept,
  ]) {
    const answer = await operator.submit(path, { ...change, name: 'Thief' })
    assert.equal(answer.status, 422, JSON.stringify(change))
    assert.match(answer.text, /id="password-error"/)
    assert.match(answer.text, /value="Thief"/)
  }
  const after = await brandOf('cafe-rio')
  assert.deepEqual(
    [after.name, after.values, after.discountBp, after.discountKeeper, after.validityDays, after.cancellable],
    ['Café Río', brand.values, 450, 'operator', 365, true],
  )
})

test('what is wrong with a brand’s terms is said beside the field, and nothing is written', async () => {
  const { operator } = shop
  const party_id = await shop.party('Wrong')
  const wrong: [string, Record<string, string>][] = [
    ['min', { min: '0' }],
    ['min', { min: '5', max: '1' }],
    ['values', { values_type: 'fixed', values: '50 10' }],
    ['discount', { discount: '101' }],
    ['validity_days', { validity_days: '0' }],
    ['barcode', { barcode: 'QR code' }],
    ['countries', { countries: 'France' }],
    ['delivery', { delivery_code: 'no', delivery_email: 'no' }],
    ['code_tillo', { code_tillo: 'two words' }],
    ['slug', { slug: 'Not A Slug' }],
    ['party_id', { party_id: 'nobody' }],
    ['currency', { currency: '???' }],
  ]
  for (const [field, change] of wrong) {
    const answer = await operator.submit('/console/brands/new', {
      ...{ ...FORM, slug: 'wrong', party_id, password: shop.password },
      ...change,
    })
    assert.equal(answer.status, 422, field)
    assert.match(answer.text, new RegExp(`id="${field}-error"`), `${field}: ${JSON.stringify(change)}`)
  }
  assert.equal(await findBrand(shop.db, { slug: 'wrong' }), undefined)
})

test('an offer of Jackpot is made and ended; another brand’s is not there', async () => {
  const { operator, db } = shop
  const party_id = await shop.party('Offers')
  for (const slug of ['offers-a', 'offers-b']) {
    const made = await operator.submit('/console/brands/new', {
      ...FORM,
      slug,
      party_id,
      code_walleo: '',
      code_jackpot: '',
      password: shop.password,
    })
    assert.equal(made.status, 303, made.text)
  }
  const [a, b] = [await brandOf('offers-a'), await brandOf('offers-b')]
  const make = (fields: Record<string, string>) =>
    operator.submit(`/console/brands/${a.id}/offers`, {
      kind: 'bonus',
      rate: '10',
      rounding: 'whole',
      funder: 'operator',
      password: shop.password,
      ...fields,
    })
  assert.match((await make({ kind: 'discount', rate: '100' })).text, /rate-error/)
  assert.match((await make({ rate: '200' })).text, /rate-error/)
  assert.equal((await make({})).status, 303)
  const [offer] = await db.query<{ id: string; rate_bp: number; rounding: string }>(
    'select id, rate_bp, rounding from voucher_offer where brand_id = $1',
    [a.id],
  )
  assert.deepEqual([offer?.rate_bp, offer?.rounding], [1000, 'whole'])
  const { csrf = '' } = await operator.hidden(
    `/console/brands/${a.id}`,
    `/console/brands/${a.id}/offers/${offer?.id}/end`,
  )
  const end = (brand: string) => operator.post(`/console/brands/${brand}/offers/${offer?.id}/end`, { csrf })
  assert.equal((await end(b.id)).status, 404)
  assert.equal((await end(a.id)).status, 303)
  const rows = await db.query('select from voucher_offer where brand_id = $1 and ended_at is null', [a.id])
  assert.equal(rows.length, 0)
})

test('a velocity rule is made, listed for its partner, and removed with what it counted', async () => {
  const { operator, db } = shop
  const make = (fields: Record<string, string>) =>
    operator.submit('/console/velocity/new', {
      ...{
        subject: 'recipient',
        partner: 'sandbox',
        brand: '',
        period: '86400',
        max_count: '',
        max_amount: '500',
        currency: 'EUR',
      },
      ...fields,
    })
  for (const [field, change] of [
    ['period', { period: '0' }],
    ['max_count', { max_count: '1.5' }],
    ['max_count', { max_amount: '', currency: '' }],
    ['currency', { currency: '' }],
    ['partner', { partner: 'nobody' }],
    ['brand', { brand: 'nobody' }],
    ['max_amount', { max_amount: 'much' }],
  ] as [string, Record<string, string>][]) {
    const answer = await make(change)
    assert.equal(answer.status, 422, JSON.stringify(change))
    assert.match(answer.text, new RegExp(`id="${field}-error"`), JSON.stringify(change))
  }
  assert.deepEqual(await listVelocityRules(db, { limit: 10 }), [])
  assert.equal((await make({})).status, 303)
  const [rule] = await listVelocityRules(db, { limit: 10 })
  assert.equal(rule?.max_amount, 50_000n)
  const list = (await operator.get('/console/velocity?partner=sandbox')).text
  assert.match(list, /recipient of mail/)
  assert.match(list, /EUR\u00a0500\.00/)
  const path = `/console/velocity/${rule.id}/remove`
  const hasty = await operator.submit(path, {})
  assert.match(hasty.text, /id="password-error"/)
  assert.match(hasty.text, /Nothing is held back by it any more/)
  assert.equal((await listVelocityRules(db, { limit: 10 })).length, 1)
  assert.equal((await operator.submit(path, { password: shop.password })).status, 303)
  assert.deepEqual(await listVelocityRules(db, { limit: 10 }), [])
  assert.equal((await shop.lastAct()).act, 'velocity.remove')
})

test('reports add up: what is owed, what was sold by brand and month, as pages and downloads', async () => {
  const { operator, db } = shop
  await shop.order('cafe-rio', 2500n, 'report-1')
  await shop.order('cafe-rio', 5000n, 'report-2')
  const month = new Date().toISOString().slice(0, 7)
  const sales = linesOf((await operator.get('/console/reports/sales.csv?brand=cafe-rio')).text)
  assert.deepEqual(sales[1], [month, 'cafe-rio', 'EUR', '2', '75.00', '75.00', '0', '0.00'])
  const [owed] = await db.query<{ sum: bigint }>(
    `select sum(a.balance)::bigint as sum from card c join account a on a.id = c.account_id join brand b on b.id = c.brand_id
     where b.slug = 'cafe-rio'`,
  )
  const liability = linesOf((await operator.get('/console/reports/liability.csv')).text)
  assert.equal(liability.find(([brand]) => brand === 'cafe-rio')?.[3], (Number(owed?.sum) / 100).toFixed(2))
  const page = await operator.get('/console/reports/sales?brand=cafe-rio')
  assert.match(page.text, /class="chart"/)
  assert.match(page.text, /EUR\u00a075\.00/)
  assert.match((await operator.get('/console/reports')).text, /cafe-rio/)
  assert.match((await operator.get('/console/reports/sales?from=2020-01-01&to=2026-01-01')).text, /1 to 366 days/)
  assert.match((await operator.get('/console/reports/sales?brand=nobody')).text, /Nothing was sold/)
  assert.equal((await operator.get('/console/reports.csv')).status, 200)
})
