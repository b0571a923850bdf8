import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../visitor.ts'
import { ADA_USD, SHOP_USD, startWalletPages, type WalletPages } from './harness.ts'

let pages: WalletPages
let ada: Visitor

before(async () => {
  pages = await startWalletPages()
  await pages.fund(ADA_USD, '100.00')
  ada = await pages.visitor('ada')
})
after(() => pages.stop())

const path = (reference: string, step = '') => `/wallet/invoices/${reference}${step && `/${step}`}`

test('without invoices the page says what they are and how one comes', async () => {
  assert.match((await ada.get('/wallet/invoices')).text, /Nobody has sent you an invoice/)
  assert.match((await ada.get('/wallet/invoices?role=sent')).text, /You have sent no invoice/)
})

test('an invoice is shown with what it is made of, paid after a confirmation, and its receipt is shown', async () => {
  const details = { subtotal: '11.50', taxes: '1.00' }
  const metadata = { table: 7, note: '<script>' }
  const reference = await pages.invoice(ADA_USD, '12.50', { description: 'Cake & coffee', details, metadata })
  const list = await ada.get('/wallet/invoices')
  assert.match(list.text, /To pay/)
  assert.match(list.text, /Corner Café/)
  assert.match((await ada.get('/wallet')).text, /An invoice waits for you/)
  const page = await ada.get(path(reference))
  for (const text of ['Cake &amp; coffee', 'USD\u00a011.50', 'USD\u00a01.00', 'table: 7', 'note: &lt;script&gt;'])
    assert.ok(page.text.includes(text), text)

  const [had, got] = [await pages.balance(ADA_USD), await pages.balance(SHOP_USD)]
  const confirm = await ada.get(path(reference, 'pay'))
  assert.match(confirm.text, /USD\u00a087\.50/, 'what is left afterwards')
  const paid = await ada.submit(path(reference, 'pay'), {})
  assert.equal(paid.status, 303)
  const receipt = await ada.get(paid.location as string)
  assert.match(receipt.text, /Paid\. This is your receipt/)
  assert.deepEqual([await pages.balance(ADA_USD), await pages.balance(SHOP_USD)], [had - 1250n, got + 1250n])
  const after = await ada.get(path(reference))
  assert.match(after.text, /class="status good">Paid/)
  assert.doesNotMatch(after.text, /\/pay"|\/decline"/)
  assert.equal((await ada.get(path(reference, 'pay'))).location, path(reference))
  assert.match((await ada.get('/wallet/invoices')).text, /Nothing waits to be paid[\s\S]*Settled and expired/)
})

test('sixteen sends of one confirmation pay once; so do confirmations of sixteen tabs', async () => {
  const one = await pages.invoice(ADA_USD, '1.00')
  const had = await pages.balance(ADA_USD)
  const form = await ada.hidden(path(one, 'pay'))
  const same = await Promise.all(Array.from({ length: 16 }, () => ada.post(path(one, 'pay'), form)))
  assert.deepEqual([...new Set(same.map(({ status }) => status))], [303])
  assert.equal(new Set(same.map(({ location }) => location)).size, 1)

  const other = await pages.invoice(ADA_USD, '1.00')
  const forms = await Promise.all(Array.from({ length: 16 }, () => ada.hidden(path(other, 'pay'))))
  const answers = await Promise.all(forms.map((hidden) => ada.post(path(other, 'pay'), hidden)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array.from({ length: 15 }, () => 422)])
  assert.match(answers.find(({ status }) => status === 422)?.text ?? '', /paid, declined or cancelled before/)
  assert.equal(await pages.balance(ADA_USD), had - 200n)
})

test('an invoice is declined after a confirmation, pays nothing, and cannot be paid any more', async () => {
  const reference = await pages.invoice(ADA_USD, '3.00')
  const had = await pages.balance(ADA_USD)
  const pay = await ada.hidden(path(reference, 'pay'))
  const declined = await ada.submit(path(reference, 'decline'), {})
  assert.equal(declined.location, `${path(reference)}?done=declined`)
  assert.match((await ada.get(declined.location as string)).text, /Declined\. Nothing was paid/)
  const late = await ada.post(path(reference, 'pay'), pay)
  assert.equal(late.status, 422)
  assert.match(late.text, /paid, declined or cancelled before/)
  assert.equal(await pages.balance(ADA_USD), had)
})

test('an invoice that is larger than the wallet says so before and after it is tried', async () => {
  const reference = await pages.invoice(ADA_USD, '5000')
  assert.match((await ada.get(path(reference, 'pay'))).text, /not that much in the wallet/)
  const refused = await ada.submit(path(reference, 'pay'), {})
  assert.equal(refused.status, 422)
  assert.match(refused.text, /not that much in the wallet/)
})

test('the issuer sees the invoice without the means to pay it', async () => {
  const carla = await pages.visitor('carla')
  const reference = await pages.invoice('us:8301234569:USD', '2.00', { description: 'Tea' })
  assert.match((await carla.get(path(reference))).text, /Tea/)
  // The café's owner has no sign-in in the sandbox; Ada becomes an issuer by an application of hers.
  const till = await pages.client([], { partyId: await pages.partyOf(ADA_USD) })
  const payload = { endpoint: 'invoices', target: 'us:8301234569:USD', amount: 4, currency: 'USD' }
  const mine = (await till.done('/us:8301234569:USD/invoices', payload)).reference as string
  const sent = await ada.get('/wallet/invoices?role=sent')
  assert.match(sent.text, new RegExp(mine))
  const page = await ada.get(path(mine))
  assert.match(page.text, /waits for the other side/)
  assert.doesNotMatch(page.text, /\/pay"|\/decline"/)
  assert.equal((await ada.get(path(mine, 'pay'))).status, 404)
  const hidden = await ada.hidden('/wallet/send')
  assert.equal((await ada.post(path(mine, 'pay'), hidden)).status, 404)
})

test('a long list has pages, and what waits stands on the first one only', async () => {
  for (let n = 0; n < 30; n++) await pages.invoice('jp:01234567890:JPY', String(n + 1))
  const daichi = await pages.visitor('daichi')
  const first = await daichi.get('/wallet/invoices')
  assert.equal(first.text.match(/href="\/wallet\/invoices\/[0-9a-f-]{36}"/g)?.length, 30)
  assert.match((await daichi.get('/wallet')).text, /More than 9 invoices wait/)
  const next = /rel="next" href="([^"]+)"/.exec(first.text)?.[1] as string
  assert.match((await daichi.get(next)).text, /Back to the newest/)
  assert.equal((await daichi.get('/wallet/invoices?before=%27')).status, 200)
})

test('the books of all this are clean', () => pages.assertClean())
