import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../visitor.ts'
import { ADA_EUR, ADA_USD, BEN_USD, CARLA_USD, startWalletPages, type WalletPages } from './harness.ts'

let pages: WalletPages
let ada: Visitor
let ben: Visitor
let carla: Visitor

before(async () => {
  pages = await startWalletPages()
  await pages.fund(ADA_USD, '100.00')
  await pages.fund(BEN_USD, '20.00')
  ada = await pages.visitor('ada')
  ben = await pages.visitor('ben')
  carla = await pages.visitor('carla')
})
after(() => pages.stop())

const NEW = '/wallet/handovers/new'
const gift = {
  kind: 'charges',
  wallet: ADA_USD,
  other: '',
  amount: '5.00',
  description: 'For the cinema',
  lasts: 'day',
}

/** Makes a handover by the form. @returns its page's path and the link on it */
async function make(fields: Partial<typeof gift> = {}, visitor = ada): Promise<{ path: string; link: string }> {
  const made = await visitor.submit(NEW, { ...gift, ...fields })
  assert.equal(made.status, 303, made.text)
  const path = made.location as string
  const link = /<code id="link"[^>]*>([^<]+)</.exec((await visitor.get(path)).text)?.[1]
  assert.ok(link, 'the link is on the page')
  return { path, link }
}
const look = (visitor: Visitor, token: string) => visitor.submit('/wallet/redeem', { token, step: 'look' })

/** The form that accepts, as it stands on the page that shows a handover. */
async function acceptance(visitor: Visitor, link: string, wallet?: string): Promise<Record<string, string>> {
  const page = await look(visitor, link)
  assert.equal(page.status, 200, page.text)
  const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
  const fields = Object.fromEntries(hidden.map(([, name, value]) => [name, value])) as Record<string, string>
  return { ...fields, step: 'accept', ...(wallet ? { wallet } : {}) }
}
const accept = async (visitor: Visitor, link: string, wallet?: string) =>
  visitor.post('/wallet/redeem', await acceptance(visitor, link, wallet))

test('without handovers the page says what they are and how to make one', async () => {
  const page = await ada.get('/wallet/handovers')
  assert.match(page.text, /You have handed over nothing yet/)
  assert.match(page.text, /href="\/wallet\/handovers\/new"/)
})

test('a handover is a link with the token in its fragment and a QR code, and another party accepts it', async () => {
  const { path, link } = await make()
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/wallet\/redeem#eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
  const page = await ada.get(path)
  assert.match(page.text, /<svg class="qr" viewBox="0 0 (\d+) \1" role="img" aria-label="[^"]+"><path d="M/)
  assert.match(page.text, /whoever has this link can accept/i)
  const [had, got] = [await pages.balance(ADA_USD), await pages.balance(CARLA_USD)]

  const seen = await look(carla, link)
  assert.match(seen.text, /Ada M\. gives you this/)
  assert.match(seen.text, /For the cinema/)
  assert.equal(await pages.balance(ADA_USD), had, 'nothing has moved yet')
  const done = await accept(carla, link, CARLA_USD)
  assert.equal(done.status, 303, done.text)
  assert.match((await carla.get(done.location as string)).text, /Accepted\. The money has moved/)
  assert.deepEqual([await pages.balance(ADA_USD), await pages.balance(CARLA_USD)], [had - 500n, got + 500n])

  const used = await ada.get(path)
  assert.match(used.text, /class="status good">Accepted/)
  assert.doesNotMatch(used.text, /id="link"|class="qr"/, 'a used link is not shown any more')
  assert.match(used.text, /See the transaction/)
  const again = await look(ben, link)
  assert.equal(again.status, 422)
  assert.match(again.text, /accepted before, or was taken back/)
})

test('of sixteen acceptances by two people at once one happens', async () => {
  const { link } = await make({ amount: '2.00' })
  const had = await pages.balance(ADA_USD)
  const forms = [
    ...(await Promise.all(Array.from({ length: 8 }, () => acceptance(carla, link, CARLA_USD)))),
    ...(await Promise.all(Array.from({ length: 8 }, () => acceptance(ben, link, BEN_USD)))),
  ]
  const answers = await Promise.all(forms.map((form, index) => (index < 8 ? carla : ben).post('/wallet/redeem', form)))
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  assert.equal(answers.filter(({ status }) => status === 422).length, 15)
  assert.equal(await pages.balance(ADA_USD), had - 200n)
})

test('the same acceptance sent sixteen times happens once and shows one receipt', async () => {
  const { link } = await make({ amount: '2.00' })
  const had = await pages.balance(ADA_USD)
  const form = await acceptance(carla, link, CARLA_USD)
  const answers = await Promise.all(Array.from({ length: 16 }, () => carla.post('/wallet/redeem', form)))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [303])
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
  assert.equal(await pages.balance(ADA_USD), had - 200n)
})

test('a form that is sent twice makes one handover', async () => {
  const form = { ...(await ada.hidden(NEW)), ...gift, amount: '1.11' }
  const answers = await Promise.all(Array.from({ length: 16 }, () => ada.post(NEW, form)))
  assert.equal(new Set(answers.map(({ location }) => location)).size, 1)
  assert.equal((await ada.get('/wallet/handovers')).text.match(/USD\u00a01\.11/g)?.length, 1)
})

test('a handover to somebody is accepted by nobody else, and shows a stranger nothing', async () => {
  const { path, link } = await make({ other: CARLA_USD, amount: '3.00' })
  assert.match((await ada.get(path)).text, /Only the holder of Carla R\. can accept|Only the holder/)
  const stranger = await look(ben, link)
  assert.equal(stranger.status, 422)
  assert.match(stranger.text, /handed to somebody else/)
  assert.doesNotMatch(stranger.text.replaceAll(link, ''), /cinema|3\.00/)
  assert.doesNotMatch((await look(carla, link)).text, /<select/, 'the wallet is settled')
  assert.match((await accept(carla, link)).location ?? '', new RegExp(`${CARLA_USD}.*done=redeemed`))
})

test('a request to be paid is paid by who accepts it', async () => {
  const { link } = await make({ kind: 'payments', amount: '4.00', description: 'Lunch' })
  const [had, got] = [await pages.balance(BEN_USD), await pages.balance(ADA_USD)]
  assert.match((await look(ben, link)).text, /Ada M\. asks you for this/)
  const paid = await accept(ben, link, BEN_USD)
  assert.match(paid.location ?? '', /done=paid/)
  assert.deepEqual([await pages.balance(BEN_USD), await pages.balance(ADA_USD)], [had - 400n, got + 400n])
})

test('a handover is taken back after a confirmation, and then cannot be accepted', async () => {
  const { path, link } = await make()
  const form = await acceptance(carla, link, CARLA_USD)
  const back = await ada.submit(`${path}/revoke`, {})
  assert.equal(back.location, `${path}?done=revoked`)
  assert.match((await ada.get(back.location as string)).text, /Taken back\. The link no longer works/)
  const late = await carla.post('/wallet/redeem', form)
  assert.equal(late.status, 422)
  assert.match(late.text, /accepted before, or was taken back/)
  assert.equal((await ada.get(`${path}/revoke`)).location, path)
})

test('the giver cannot accept, and what is no handover is told so', async () => {
  const { link } = await make()
  assert.match((await look(ada, link)).text, /your own handover/)
  for (const text of [
    'nonsense',
    `${link}x`,
    link.slice(0, -4),
    link.split('#')[0] as string,
    'a.b.c',
    'eyJ'.repeat(3000),
  ]) {
    const answer = await look(carla, text)
    assert.equal(answer.status, 422, text.slice(0, 80))
    assert.match(answer.text, /no handover of this server/)
  }
  assert.match((await look(carla, '  ')).text, /Paste the link first/)
})

test('a link is understood with line breaks, and without its address', async () => {
  const { link } = await make()
  const token = link.split('#')[1] as string
  assert.equal((await look(carla, token)).status, 200)
  assert.equal((await look(carla, ` ${link.slice(0, 90)}\n ${link.slice(90)}\n`)).status, 200)
})

test('without the money at hand, or without a fitting wallet, nothing moves and the reason is told', async () => {
  const { link } = await make({ amount: '90000' })
  const short = await accept(carla, link, CARLA_USD)
  assert.equal(short.status, 422)
  assert.match(short.text, /not that much in the giver’s wallet right now/)
  const other = await accept(carla, (await make()).link, 'co:3123456789:COP')
  assert.equal(other.status, 422)
  const euros = await make({ wallet: ADA_EUR, amount: '1' })
  const lacking = await look(ben, euros.link)
  assert.match(lacking.text, /no wallet in Euro/)
  assert.doesNotMatch(lacking.text, /value="accept"/)
  const foreign = await accept(carla, (await make()).link, BEN_USD)
  assert.equal(foreign.status, 422, 'into a wallet of somebody else')
})

test('the form says what is wrong with it', async () => {
  const cases: [Partial<typeof gift>, RegExp][] = [
    [{ amount: '' }, /id="amount-error">[^<]*Say how much/],
    [{ amount: '0.001' }, /id="amount-error">[^<]*2 decimals/],
    [{ wallet: CARLA_USD }, /id="wallet-error">[^<]*one of your wallets/],
    [{ other: 'us:8300000000:USD' }, /id="other-error">[^<]*no such wallet/],
    [{ other: 'co:3123456789:COP' }, /id="other-error">[^<]*in COP/],
  ]
  for (const [fields, words] of cases) {
    const answer = await ada.submit(NEW, { ...gift, ...fields })
    assert.equal(answer.status, 422)
    assert.match(answer.text, words)
  }
})

test('who is not signed in is sent to sign in and finds the way back; the page is kept out of caches', async () => {
  const page = await pages.stranger().get('/wallet/redeem')
  assert.equal(page.status, 200)
  assert.match(page.text, /href="\/sign-in\?next=%2Fwallet%2Fredeem"/)
  assert.equal(page.headers.get('cache-control'), 'no-store')
})

test('the books of all this are clean', () => pages.assertClean())
