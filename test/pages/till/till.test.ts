import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { grouped } from '../../../src/pages/cards/card-facts.ts'
import { type CardPages, startCardPages } from '../cards/harness.ts'

let pages: CardPages

before(async () => {
  pages = await startCardPages()
  await pages.brand({ slug: 'meubles', validityDays: 365 })
})
after(async () => {
  await pages.assertClean().finally(pages.stop)
  assert.deepEqual(pages.faults, [])
})

const plain = (text: string) => text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

test('the till is for people of a business with a wallet, and for nobody else', async () => {
  const stranger = await pages.stranger().get('/till')
  assert.deepEqual([stranger.status, stranger.location], [303, '/sign-in?next=%2Ftill'])
  assert.equal((await (await pages.visitor('ada')).get('/till')).status, 403)
  const merchant = await pages.merchant()
  const { status, headers, text } = await merchant.get('/till')
  assert.equal(status, 200)
  assert.match(headers.get('permissions-policy') ?? '', /camera=\(self\)/)
  assert.match((await merchant.get('/wallet')).headers.get('permissions-policy') ?? '', /camera=\(\)/)
  assert.match(text, /Nothing was redeemed yet/)
})

test('a code is typed, looked at, redeemed in part, and given back onto the card', async () => {
  const card = await pages.sell('meubles')
  const merchant = await pages.merchant()
  const looked = await merchant.submit('/till', { code: grouped(card.code).toLowerCase(), amount: '', step: 'look' })
  assert.equal(looked.status, 200)
  assert.match(plain(looked.text), /Can be spent EUR 50\.00/)
  const before = await pages.balance(pages.wallet)
  const done = await merchant.submit('/till', { code: card.code, amount: '12.50', step: 'redeem' })
  assert.equal(done.status, 303, done.text)
  const receipt = (done.location as string).replace('?done=redeemed', '')
  const shown = await merchant.get(done.location as string)
  assert.match(plain(shown.text), /Redeemed\..*EUR 12\.50.*Left on the card then EUR 37\.50/)
  assert.ok(!shown.text.includes(card.code) && !receipt.includes(card.code))
  assert.equal(await pages.balance(pages.wallet), before + 1250n)
  assert.ok((await merchant.get('/till')).text.includes(`href="${receipt}"`))

  const over = await merchant.submit(receipt, { amount: '12.51' }, `${receipt}/refund`)
  assert.equal(over.status, 422)
  assert.match(over.text, /No more than EUR\u00a012\.50 can be given back/)
  const back = await merchant.submit(receipt, { amount: '5' }, `${receipt}/refund`)
  assert.deepEqual([back.status, back.location], [303, `${receipt}?done=refunded`])
  assert.match(
    plain((await merchant.get(back.location as string)).text),
    /Given back EUR 5\.00 Left on the card EUR 42\.50/,
  )
  assert.equal((await (await pages.visitor('ada')).get(receipt)).status, 403)
})

test('one form sent 16 times redeems once', async () => {
  const card = await pages.sell('meubles')
  const merchant = await pages.merchant()
  const hidden = await merchant.hidden('/till')
  const fields = { ...hidden, code: card.code, amount: '10', step: 'redeem' }
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => merchant.post('/till', fields, { 'sec-fetch-site': 'same-origin' })),
  )
  assert.deepEqual([...new Set(answers.map(({ status, location }) => `${status} ${location}`))].length, 1)
  assert.equal(answers[0]?.status, 303)
  const looked = await merchant.submit('/till', { code: card.code, amount: '', step: 'look' })
  assert.match(plain(looked.text), /Can be spent EUR 40\.00/)
})

test('what cannot be is said beside its field, in both languages, and nothing moves', async () => {
  const card = await pages.sell('meubles')
  const other = await pages.sell('ikeafr')
  const pounds = await pages.sell('mock-brand')
  const merchant = await pages.merchant()
  const before = await pages.balance(pages.wallet)
  for (const [fields, status, words] of [
    [{ code: '', amount: '1' }, 422, 'Type or scan a code.'],
    [{ code: 'nothing', amount: '1' }, 422, 'No card has this code.'],
    [{ code: card.code, amount: '' }, 422, 'Say how much.'],
    [{ code: card.code, amount: '-1' }, 422, 'It has to be more than nothing.'],
    [{ code: card.code, amount: '1e1' }, 422, 'Write an amount such as 12.50.'],
    [{ code: card.code, amount: '0.001' }, 422, 'has fewer decimals'],
    [{ code: card.code, amount: '50.01' }, 422, 'There is not that much on the card: EUR\u00a050.00'],
    [{ code: other.code, amount: '1' }, 422, 'are not taken here'],
    [{ code: pounds.code, amount: '1' }, 422, 'You have no wallet in GBP'],
  ] as const) {
    const answer = await merchant.submit('/till', { ...fields, step: 'redeem' })
    assert.equal(answer.status, status)
    assert.ok(answer.text.includes(words), `${words}: ${plain(answer.text)}`)
  }
  const french = await pages.merchant({ 'accept-language': 'fr' })
  const answer = await french.submit('/till', { code: card.code, amount: '50,01', step: 'redeem' })
  assert.match(answer.text, /Il n’y a pas autant sur la carte/)
  assert.equal(await pages.balance(pages.wallet), before)
  await pages.accept('ikeafr')
  assert.equal((await merchant.submit('/till', { code: other.code, amount: '1', step: 'redeem' })).status, 303)
  // With two wallets in the currency it has to be said which.
  await pages.open(pages.shop.id, { id: 'shop:corner-two:EUR' })
  const which = await merchant.submit('/till', { code: card.code, amount: '1', step: 'redeem' })
  assert.match(which.text, /Choose the wallet/)
  const chosen = await merchant.submit('/till', {
    code: card.code,
    amount: '1',
    step: 'redeem',
    wallet: 'shop:corner-two:EUR',
  })
  assert.equal(chosen.status, 303)
  assert.equal(await pages.balance('shop:corner-two:EUR'), 100n)
})
