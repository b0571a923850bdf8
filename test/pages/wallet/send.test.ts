import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../visitor.ts'
import { ADA_EUR, ADA_USD, BEN_USD, CARLA_COP, CARLA_USD, startWalletPages, type WalletPages } from './harness.ts'

let pages: WalletPages
let ada: Visitor

before(async () => {
  pages = await startWalletPages()
  await pages.fund(ADA_USD, '300.00')
  await pages.fund(CARLA_USD, '50.00')
  ada = await pages.visitor('ada')
})
after(() => pages.stop())

const payment = { from: ADA_USD, to: CARLA_USD, amount: '5', description: '' }
const send = async (fields: Record<string, string>, step = 'confirm', visitor = ada) =>
  visitor.post('/wallet/send', { ...(await visitor.hidden('/wallet/send')), ...payment, ...fields, step })

test('a payment is shown before it is made, with the receiver’s name, and made when it is confirmed', async () => {
  const [had, got] = [await pages.balance(ADA_USD), await pages.balance(CARLA_USD)]
  const review = await send({ amount: '1,012.5', description: 'Rent <b>' }, 'review')
  assert.equal(review.status, 422, 'more than there is')
  const shown = await send({ amount: '12.5', description: 'Rent <b>' }, 'review')
  assert.equal(shown.status, 200)
  assert.match(shown.text, /Carla R\./)
  assert.match(shown.text, /USD\u00a012\.50/)
  assert.match(shown.text, /Rent &lt;b&gt;/)
  assert.doesNotMatch(shown.text, /Ruiz|<b>/, 'the whole name of a person, or markup')
  assert.equal(await pages.balance(ADA_USD), had, 'nothing has moved yet')

  const done = await send({ amount: '12.5', description: 'Rent <b>' })
  assert.equal(done.status, 303)
  const receipt = await ada.get(done.location as string)
  assert.match(receipt.text, /Sent\. This is your receipt/)
  assert.match(receipt.text, /Rent &lt;b&gt;/)
  assert.equal(await pages.balance(ADA_USD), had - 1250n)
  assert.equal(await pages.balance(CARLA_USD), got + 1250n)
})

test('what is confirmed is the amount that was shown, also when the language changes in between', async () => {
  const french = await pages.visitor('ada', { 'accept-language': 'fr' })
  const shown = await send({ amount: '1,25' }, 'review', french)
  assert.match(shown.text, /1,25\u00a0USD/)
  assert.equal(/name="amount" value="([^"]*)"/.exec(shown.text)?.[1], '1.25')
})

test('sixteen sends of one form at once, and one more later, pay once', async () => {
  const had = await pages.balance(ADA_USD)
  const form = { ...(await ada.hidden('/wallet/send')), ...payment, amount: '3.00', step: 'confirm' }
  const answers = await Promise.all(Array.from({ length: 16 }, () => ada.post('/wallet/send', form)))
  answers.push(await ada.post('/wallet/send', form))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303])
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1, 'one receipt for all')
  assert.equal(await pages.balance(ADA_USD), had - 300n)
})

test('a form that is changed and sent again with its old key pays nothing and says so', async () => {
  const form = { ...(await ada.hidden('/wallet/send')), ...payment, amount: '2.00', step: 'confirm' }
  assert.equal((await ada.post('/wallet/send', form)).status, 303)
  const had = await pages.balance(ADA_USD)
  const answer = await ada.post('/wallet/send', { ...form, amount: '4.00' })
  assert.equal(answer.status, 422)
  assert.match(answer.text, /sent before with other content/)
  assert.equal(await pages.balance(ADA_USD), had)
})

const PROBLEMS: [string, Record<string, string>, string, RegExp][] = [
  ['no amount', { amount: '' }, 'amount', /Say how much/],
  ['no number', { amount: 'ten' }, 'amount', /such as 12\.50/],
  ['a decimal comma', { amount: '12,50' }, 'amount', /such as 12\.50/],
  ['too many decimals', { amount: '1.001' }, 'amount', /USD has 2 decimals/],
  ['nothing', { amount: '0.00' }, 'amount', /more than nothing/],
  ['more than there is', { amount: '299999' }, 'amount', /not that much in the wallet/],
  ['no receiver', { to: '' }, 'to', /Say where it goes/],
  ['no wallet id', { to: 'Carla' }, 'to', /no wallet id/],
  ['an unknown wallet', { to: 'us:8300000000:USD' }, 'to', /no such wallet/],
  ['another currency', { to: CARLA_COP }, 'to', /in COP, and yours in USD/],
  ['itself', { to: ADA_USD.toUpperCase() }, 'to', /the wallet it comes from/],
  ['somebody else’s wallet to pay from', { from: BEN_USD }, 'from', /one of your wallets/],
  ['a long description', { description: 'x'.repeat(201) }, 'description', /At most 200/],
]

test('what is wrong stands beside its field in plain words, in both steps, and nothing moves', async () => {
  const had = await pages.balance(ADA_USD)
  for (const step of ['review', 'confirm']) {
    for (const [name, fields, field, words] of PROBLEMS) {
      const answer = await send(fields, step)
      assert.equal(answer.status, 422, `${step}: ${name}`)
      const error = new RegExp(`id="${field}-error">([^<]*)<`).exec(answer.text)?.[1]
      assert.match(error ?? '', words, `${step}: ${name}`)
      assert.match(answer.text, new RegExp(`aria-describedby="[^"]*${field}-error`), name)
    }
  }
  assert.equal(await pages.balance(ADA_USD), had)
})

test('points of another circle, a frozen payer, a receiver without room and a closed receiver are told apart', async () => {
  const party = await pages.partyOf(ADA_USD)
  await pages.open(party, { id: 'ada:tea:PTS', circle: 'tea-house', exponent: 0 })
  await pages.open(await pages.partyOf(CARLA_USD), { id: 'carla:cafe:PTS', circle: 'corner-cafe', exponent: 0 })
  const circle = await send({ from: 'ada:tea:PTS', to: 'carla:cafe:PTS', amount: '1' })
  assert.match(circle.text, /id="to-error">[^<]*another circle/)

  const room = await send({ to: BEN_USD, amount: '200.01' })
  assert.equal(room.status, 422)
  assert.match(room.text, /id="amount-error">[^<]*no room for that much/)
  assert.match(
    (await send({ to: BEN_USD, amount: '200.00' })).location ?? '',
    /done=sent/,
    'exactly as much as there is room',
  )

  await pages.open(party, { id: 'us:999:USD' })
  await pages.change('us:999:USD', { status: 'closed' })
  assert.match((await send({ to: 'us:999:USD' })).text, /id="to-error">[^<]*is closed/)

  await pages.change(ADA_USD, { status: 'frozen' })
  try {
    assert.match((await send({})).text, /id="from-error">[^<]*frozen/)
    assert.match((await send({}, 'review')).text, /id="from-error">[^<]*frozen/)
    assert.match((await ada.get(`/wallet/${ADA_USD}`)).text, /This wallet is frozen/)
  } finally {
    await pages.change(ADA_USD, { status: 'open' })
  }
})

test('after a refusal the form has a fresh key, so that it can succeed once the reason is gone', async () => {
  const form = { ...(await ada.hidden('/wallet/send')), ...payment, from: ADA_EUR, to: 'be:777:EUR', step: 'confirm' }
  await pages.open(await pages.partyOf(CARLA_USD), { id: 'be:777:EUR' })
  const refused = await ada.post('/wallet/send', form)
  assert.equal(refused.status, 422)
  const key = /name="key" value="([^"]+)"/.exec(refused.text)?.[1] as string
  assert.notEqual(key, (form as Record<string, string>).key)
  await pages.fund(ADA_EUR, '10.00')
  assert.equal((await ada.post('/wallet/send', { ...form, key })).status, 303)
})

test('the form can be filled by a link, goes back to be changed, and takes no key that we did not make', async () => {
  const filled = await ada.get(`/wallet/send?from=${ADA_EUR}&to=${CARLA_USD}&amount=7&description=%3Ci%3E`)
  assert.match(filled.text, new RegExp(`value="${ADA_EUR}" selected`))
  assert.match(filled.text, /value="&lt;i&gt;"/)
  const back = await send({ amount: '9.99' }, 'edit')
  assert.equal(back.status, 200)
  assert.match(back.text, /value="9\.99"/)
  assert.equal((await send({ key: '' })).status, 400)
  assert.equal((await send({ key: 'x'.repeat(4000) })).status, 400)
  assert.equal((await send({ csrf: 'x' })).status, 403)
})

test('the books of all this are clean', () => pages.assertClean())
