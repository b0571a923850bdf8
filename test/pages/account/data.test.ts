import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { removeMember } from '../../../src/operations/team.ts'
import { findWantedMails } from '../../../src/storage/wallet-news.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

let wallets = 8_305_550_200
const withWallet = async () => {
  const person = await pages.person()
  const wallet = await openWallet(pages.deps, 'test', { id: `us:${++wallets}:USD`, partyId: person.id })
  return { ...person, wallet: wallet.explicitId }
}

test('somebody chooses mails; those about safety are not among the choices', async () => {
  const { email } = await withWallet()
  const visitor = await pages.signedIn(email)
  const page = await visitor.get('/account/data')
  assert.match(page.text, /name="money"[\s\S]+name="invoices"/)
  assert.doesNotMatch(page.text, /name="(alerts|security|password)"/)
  assert.match(page.text, /They cannot be switched off/)
  const saved = await visitor.submit('/account/data', { money: 'yes', alerts: 'yes' }, '/account/data/mails')
  assert.deepEqual([saved.status, saved.location], [303, '/account/data?done=mails'])
  assert.deepEqual((await findWantedMails(pages.db, email))?.wanted, ['money'])
  assert.match((await visitor.get('/account/data?done=mails')).text, /id="money"[^>]+checked/)
})

test('everything is there as a page and as a file, of nobody else', async () => {
  const [ana, bo] = [await withWallet(), await withWallet()]
  const visitor = await pages.signedIn(ana.email)
  const page = await visitor.get('/account/data/everything')
  assert.equal(page.status, 200)
  assert.ok(page.text.includes(ana.wallet) && page.text.includes(ana.email))
  assert.ok(!page.text.includes(bo.wallet) && !page.text.includes(bo.email))
  const file = await visitor.get('/account/data/everything.json')
  assert.match(file.headers.get('content-disposition') ?? '', /attachment/)
  const document = JSON.parse(file.text)
  assert.equal(document.wallets[0].wallet, ana.wallet)
  assert.equal(document.sign_ins[0].email, ana.email)
  const french = await visitor.get('/account/data/everything', { 'accept-language': 'fr' })
  assert.match(french.text, /Portefeuilles/)
})

test('nobody is erased without password and mail; opening the link changes nothing; the button does', async () => {
  const { email, id, wallet } = await withWallet()
  const visitor = await pages.signedIn(email)
  assert.equal((await visitor.submit('/account/data/erasure', { password: 'wrong' })).status, 422)
  assert.equal((await pages.mails()).filter(({ to }) => to === email).length, 0)
  const asked = await visitor.submit('/account/data/erasure', { password: PASSWORD })
  assert.deepEqual([asked.status, asked.location], [303, '/account/data/erasure/sent'])
  const link = await pages.linkTo(email)
  const stranger = pages.visitor()
  const page = await stranger.get(link)
  assert.match(page.text, /Erase me for good/)
  assert.equal((await pages.db.query('select from sign_in where email = $1', [email])).length, 1)
  assert.equal((await stranger.post(link, { csrf: 'made-up' })).status, 403)
  const erased = await stranger.submit(link, {})
  assert.equal(erased.status, 200, erased.text)
  assert.match(erased.text, /What told who you are is gone/)
  assert.equal((await visitor.get('/account')).status, 303)
  assert.equal((await pages.visitor().submit('/sign-in', { email, password: PASSWORD })).status, 422)
  assert.equal((await stranger.get(link)).status, 410)
  const [party] = await pages.db.query<{ name: string }>('select name from party where id = $1', [id])
  assert.match(party?.name ?? '', /^Erased [0-9a-f]{16}$/)
  assert.equal(await pages.deps.directory.find(wallet), undefined)
  assert.equal((await pages.mails()).filter(({ to }) => to === email).length, 0)
})

test('whoever has something left is told what, and nothing happens', async () => {
  const { email, id } = await withWallet()
  await pages.db.query(`insert into partner (id, party_id, slug) values (gen_random_uuid(), $1, 'still-here')`, [id])
  const visitor = await pages.signedIn(email)
  await visitor.submit('/account/data/erasure', { password: PASSWORD })
  const link = await pages.linkTo(email)
  const page = await pages.visitor().get(link)
  assert.match(page.text, /you run a business here/)
  assert.doesNotMatch(page.text, /Erase me for good/)
  const forced = await pages.visitor().post(link, {})
  assert.equal(forced.status, 403)
  assert.equal((await visitor.get('/account')).status, 200)
})

test('16 who press the button at once are told that it is done, or that the link is dead; never a fault', async () => {
  const { email } = await withWallet()
  const visitor = await pages.signedIn(email)
  await visitor.submit('/account/data/erasure', { password: PASSWORD })
  const link = await pages.linkTo(email)
  const visitors = Array.from({ length: 16 }, () => pages.visitor())
  const forms = await Promise.all(visitors.map((one) => one.hidden(link, link)))
  const answers = await Promise.all(visitors.map((one, i) => one.post(link, forms[i] as Record<string, string>)))
  const statuses = answers.map(({ status }) => status)
  assert.ok(statuses.includes(200), statuses.join())
  assert.ok(
    statuses.every((status) => status === 200 || status === 410),
    statuses.join(),
  )
})

test('the link of somebody who was taken out of the team meanwhile is dead, before and after they are in another one', async () => {
  const { id: partyId } = await createParty(pages.deps, { kind: 'business', name: 'Río Bazaar' })
  const { id: elsewhere } = await createParty(pages.deps, { kind: 'business', name: 'Another one' })
  const email = 'gone@team.example'
  const join = (party: string) => createSignIn(pages.deps, { partyId: party, email, password: PASSWORD })
  await createSignIn(pages.deps, { partyId, email: 'stays@team.example', password: PASSWORD })
  await join(partyId)
  const visitor = await pages.signedIn(email)
  await visitor.submit('/account/data/erasure', { password: PASSWORD })
  const link = await pages.linkTo(email)
  const stranger = pages.visitor()
  const form = await stranger.hidden(link)
  await removeMember(pages.deps, { partyId, email })
  const dead = async (why: string) => {
    assert.equal((await stranger.get(link)).status, 410, why)
    assert.equal((await stranger.post(link, form, { origin: pages.url })).status, 410, why)
  }
  await dead('the removal ends it')
  await pages.db.query('update one_time_link set used_at = null where email = $1', [email])
  await dead('nobody of that address is in the team')
  await join(elsewhere)
  await dead('who is in another team is another one')
})
