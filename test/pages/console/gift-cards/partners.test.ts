import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hashSecret } from '../../../../src/credentials/secrets.ts'
import { LedgerUnavailable } from '../../../../src/ledger/command.ts'
import { findCredential, listCredentials } from '../../../../src/storage/partners.ts'
import { linesOf, type Shop, secretsOf, startShop } from './shop.ts'

let shop: Shop
let page: string
before(async () => {
  shop = await startShop()
  page = `/console/partners/${shop.partner.id}`
})
after(() => shop.assertClean().finally(shop.stop))

const OWNERS = 'correct horse battery staple 7'
const keyNamed = (location: string | null) => location?.split('?')[0] ?? ''

test('an operator makes a partner, opens its float and pays in; the books say so', async () => {
  const { operator, db } = shop
  const partyId = await shop.party('Cartes & Cie')
  const made = await operator.submit('/console/partners/new', { party_id: partyId, slug: 'cartes' })
  assert.equal(made.status, 303, made.text)
  assert.deepEqual(await shop.lastAct(), { act: 'partner.create', outcome: 'done', detail: { slug: 'cartes' } })
  const own = keyNamed(made.location)
  assert.match((await operator.get(own)).text, /There is no float yet/)
  assert.equal((await operator.submit(`${own}/floats`, { currency: 'eur', password: shop.password })).status, 303)
  const fund = {
    float: 'float:cartes:EUR',
    source: 'bank:gateway:EUR',
    amount: '125.50',
    description: 'Transfer',
    password: shop.password,
  }
  const form = { ...(await operator.hidden(`${own}/fund`)), ...fund }
  const headers = { origin: shop.url }
  for (let i = 0; i < 2; i++) assert.equal((await operator.post(`${own}/fund`, form, headers)).status, 303)
  assert.equal(await shop.balance('float:cartes:EUR'), 125_50n, 'sent twice, moved once')
  const [act] = await db.query<{ detail: { amount: string } }>(
    `select detail from console_act where act = 'partner.fund-float' limit 1`,
  )
  assert.equal(act?.detail.amount, '12550')
  assert.match((await operator.get(own)).text, /EUR\u00a0125\.50/)
})

test('what one person may not move alone waits for another, and a source that issues nothing is refused', async () => {
  const { operator } = shop
  const before = await shop.balance('float:sandbox:EUR')
  const pay = (amount: string, source = 'bank:gateway:EUR', password = shop.password) =>
    operator.submit(`${page}/fund`, { float: 'float:sandbox:EUR', source, amount, description: 'By hand', password })
  const waits = await pay('99999999.00')
  assert.match(waits.location ?? '', /^\/console\/funding\/.+done=waiting$/, waits.text)
  assert.match((await pay('10.00', 'float:sandbox:GBP')).text, /source-error/)
  assert.match((await pay('10.00', 'bank:gateway:EUR', 'wrong')).text, /not your password/)
  assert.match((await pay('1.234')).text, /more decimals than the currency/)
  assert.equal(await shop.balance('float:sandbox:EUR'), before)
  assert.equal((await shop.lastAct()).outcome, 'refused')
})

test('a partner’s form says beside the field what is wrong, in French too', async () => {
  const { operator } = shop
  const partyId = await shop.party()
  const twice = await operator.submit('/console/partners/new', { party_id: partyId, slug: 'sandbox' })
  assert.equal(twice.status, 422)
  assert.match(twice.text, /id="slug-error">The partner sandbox exists\./)
  const hidden = await operator.hidden('/console/partners/new')
  const french = await operator.post(
    '/console/partners/new',
    { ...hidden, party_id: 'nobody', slug: 'x' },
    { origin: shop.url, 'accept-language': 'fr' },
  )
  assert.match(french.text, /id="party_id-error">Cette partie n’existe pas\./)
})

test('a business sees its own partner; viewers and members no keys; another business nothing', async () => {
  const { owner, member, viewer, stranger } = shop
  assert.match((await owner.get('/console/partners')).text, /sandbox/)
  assert.match((await owner.get(page)).text, /id="credentials"/)
  for (const visitor of [member, viewer]) {
    const { text, status } = await visitor.get(page)
    assert.equal(status, 200)
    assert.match(text, /float:sandbox:EUR/)
    assert.doesNotMatch(text, /credentials/)
    assert.equal((await visitor.get(`${page}/credentials`)).status, 404)
  }
  assert.doesNotMatch((await stranger.get('/console/partners')).text, /sandbox/)
  assert.equal(linesOf((await stranger.get('/console/partners.csv')).text).length, 1)
  const [key] = await listCredentials(shop.db, { partnerId: shop.partner.id, limit: 1 })
  assert.ok(key)
  for (const path of [
    '',
    '/credentials',
    `/credentials/${key.id}`,
    `/credentials/${key.id}/rotate`,
    `/credentials/${key.id}/revoke`,
  ])
    assert.equal((await stranger.get(page + path)).status, 404, path)
  const csrf = (await stranger.hidden('/console/team', '/sign-out')).csrf ?? ''
  for (const path of ['/credentials', `/credentials/${key.id}/addresses`, `/credentials/${key.id}/rotate`])
    assert.equal((await stranger.post(page + path, { csrf, protocol: 'tillo', hours: '0' })).status, 404, path)
  const after = await listCredentials(shop.db, { partnerId: shop.partner.id, limit: 100 })
  assert.ok(after.every(({ revoked_at, ends_at }) => revoked_at === null && ends_at === null))
})

test('an owner makes a key: it is shown once, works, is bound to addresses, replaced with an overlap and ended', async () => {
  const { owner, db, keyring } = { ...shop, keyring: shop.assembly.keyring }
  const wish = { protocol: 'tillo', addresses: '192.0.2.0/24\n2001:db8::7' }
  assert.match((await owner.submit(`${page}/credentials`, wish)).text, /password-error/)
  const made = await owner.submit(`${page}/credentials`, { ...wish, password: OWNERS })
  assert.equal(made.status, 200)
  assert.match(made.text, /Never in a front end/)
  const [apiKey = '', secret = ''] = secretsOf(made.text)
  assert.ok(apiKey.startsWith('test_tillo_') && secret)
  const found = await findCredential(db, 'tillo', hashSecret(apiKey))
  assert.ok(found)
  assert.deepEqual(found.addresses, ['192.0.2.0/24', '2001:db8::7'])
  assert.equal(keyring.open(found.secret, `partner_credential:${found.id}`), secret)
  const act = await shop.lastAct()
  assert.equal(act.act, 'partner.add-credential')
  assert.doesNotMatch(JSON.stringify(act), new RegExp(secret.slice(0, 12)))
  const own = `${page}/credentials/${found.id}`
  assert.doesNotMatch((await owner.get(own)).text, new RegExp(secret.slice(0, 12)), 'never again')

  const wrong = await owner.submit(own, { addresses: 'everywhere', password: OWNERS }, `${own}/addresses`)
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /addresses-error/)
  assert.equal((await owner.submit(own, { addresses: '', password: OWNERS }, `${own}/addresses`)).status, 303)
  assert.deepEqual((await findCredential(db, 'tillo', hashSecret(apiKey)))?.addresses, [])

  assert.equal((await owner.submit(`${own}/rotate`, { hours: '721', password: OWNERS })).status, 422)
  const rotated = await owner.submit(`${own}/rotate`, { hours: '24', password: OWNERS })
  assert.equal(rotated.status, 200)
  const [next = ''] = secretsOf(rotated.text)
  assert.ok(next && (await findCredential(db, 'tillo', hashSecret(next))))
  assert.ok(await findCredential(db, 'tillo', hashSecret(apiKey)), 'both work')
  assert.equal(
    (await owner.submit(`${own}/rotate`, { hours: '0', password: OWNERS })).status,
    422,
    'it was replaced before',
  )
  await db.query(`update partner_credential set ends_at = clock_timestamp() - interval '1 second' where id = $1`, [
    found.id,
  ])
  assert.equal(await findCredential(db, 'tillo', hashSecret(apiKey)), undefined, 'the overlap is over')

  const successor = await findCredential(db, 'tillo', hashSecret(next))
  const last = `${page}/credentials/${successor?.id}/revoke`
  assert.equal((await owner.submit(last, { password: 'wrong' })).status, 422)
  assert.ok(await findCredential(db, 'tillo', hashSecret(next)))
  assert.equal((await owner.submit(last, { password: OWNERS })).status, 303)
  assert.equal(await findCredential(db, 'tillo', hashSecret(next)), undefined)
  assert.equal((await shop.lastAct()).act, 'partner.revoke-credential')
})

test('sixteen who replace one key at once make one successor', async () => {
  const { owner, db } = shop
  const wish = { protocol: 'walleo', addresses: '', password: OWNERS }
  const made = secretsOf((await owner.submit(`${page}/credentials`, wish)).text)
  assert.equal(made.length, 3, 'Walleo’s key has an Id')
  const known = await findCredential(db, 'walleo', hashSecret(made[0] ?? ''))
  const path = `${page}/credentials/${known?.id}/rotate`
  const form = { ...(await owner.hidden(path)), hours: '1', password: OWNERS }
  const before = (await listCredentials(db, { partnerId: shop.partner.id, limit: 200 })).length
  const answers = await Promise.all(Array.from({ length: 16 }, () => owner.post(path, form, { origin: shop.url })))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal((await listCredentials(db, { partnerId: shop.partner.id, limit: 200 })).length, before + 1)
})

test('a partner ends for good, after the password', async () => {
  const { operator, db } = shop
  const made = await operator.submit('/console/partners/new', { party_id: await shop.party(), slug: 'short-lived' })
  const own = keyNamed(made.location)
  const wish = { protocol: 'tillo', addresses: '', password: shop.password }
  const [apiKey = ''] = secretsOf((await operator.submit(`${own}/credentials`, wish)).text)
  assert.equal((await operator.submit(`${own}/disable`, { password: '' })).status, 422)
  assert.equal((await operator.submit(`${own}/disable`, { password: shop.password })).status, 303)
  assert.equal(await findCredential(db, 'tillo', hashSecret(apiKey)), undefined)
  assert.equal((await operator.submit(`${own}/credentials`, wish)).status, 422)
  const ended = linesOf((await operator.get('/console/partners.csv?state=ended')).text)
  assert.deepEqual(
    ended.slice(1).map(([, slug]) => slug),
    ['short-lived'],
  )
})

test('a payment into a float whose outcome is not known is asked again under the same key, and happens once', async () => {
  const { operator, assembly, partner } = shop
  const path = `/console/partners/${partner.id}/fund`
  const wish = { float: 'float:sandbox:EUR', source: 'bank:gateway:EUR', amount: '3.00', description: 'Lost answer' }
  const before = await shop.balance('float:sandbox:EUR')
  const { ledger } = assembly
  const submit = ledger.submit.bind(ledger)
  ledger.submit = async (command) => {
    await submit(command)
    throw new LedgerUnavailable('the answer was lost', { unknown: true })
  }
  const form = { ...(await operator.hidden(path)), ...wish, password: shop.password }
  const lost = await operator.post(path, form, { origin: shop.url }).finally(() => {
    ledger.submit = submit
  })
  assert.equal(lost.status, 422)
  const again = /name="key" value="([^"]+)"/.exec(lost.text)?.[1] as string
  assert.equal((await operator.post(path, { ...form, key: again }, { origin: shop.url })).status, 303)
  assert.equal(await shop.balance('float:sandbox:EUR'), before + 3_00n)
})
