import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { send } from '../../../support/wallet-client.ts'
import type { Visitor } from '../../visitor.ts'
import { type Access, assertWarned, secretsOn, startAccess } from '../access.ts'

let server: Access
let operator: Visitor
let owner: Visitor
before(async () => {
  server = await startAccess()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
})
after(() => server.stop())

const password = () => server.password('operator')

async function made() {
  const number = `m${Date.now()}${Math.floor(Math.random() * 1e6)}`
  const wallet = `shop:${number}:EUR`
  await server.open(server.shop, { id: wallet })
  const answer = await operator.submit('/console/merchants/new', {
    party_id: server.shop,
    wallet,
    financing: 'financing:sandbox:EUR',
    name: 'Second shop',
    link_seconds: '3600',
    payment_notification_url: 'https://shop.example/paid',
    redirect_hosts: 'shop.example\nwww.shop.example',
    requires_signature: 'yes',
    plan_now: 'yes',
    password: password(),
  })
  assert.equal(answer.status, 200, answer.text)
  assertWarned(answer.text)
  const uid = /mer_[0-9a-f-]{36}/.exec(answer.text)?.[0] ?? ''
  return { uid, id: uid.slice('mer_'.length), wallet, secret: secretsOn(answer.text)[0] as string }
}

type Row = {
  name: string
  redirect_hosts: string[]
  link_seconds: number
  requires_signature: boolean
  disabled_at: Date | null
}
const rowOf = async (id: string) => (await server.db.query<Row>('select * from merchant where id = $1', [id]))[0]

test('a merchant is made, its secret is shown, looked at again and replaced', async () => {
  const { id, secret } = await made()
  assert.match(secret, /^[0-9a-f]{64}$/)
  assert.deepEqual((await rowOf(id))?.redirect_hosts, ['shop.example', 'www.shop.example'])
  assert.equal((await server.lastAct('merchant.create')).outcome, 'done')
  const shown = await server.dare(owner, `/merchants/${id}/secret`, server.password('owner'))
  assert.deepEqual(secretsOn(shown.text), [secret])
  const [next] = secretsOn((await server.dare(owner, `/merchants/${id}/rotate-secret`, server.password('owner'))).text)
  assert.notEqual(next, secret)
  assert.doesNotMatch(JSON.stringify(await server.lastAct('merchant.rotate-secret')), new RegExp(next as string))
  const list = await operator.get('/console/merchants?name=second')
  assert.ok(list.text.includes(id))
  assert.ok(!(await operator.get('/console/merchants?name=third')).text.includes(id))
  assert.ok((await owner.get('/console/merchants.csv')).text.includes('Second shop'))
})

test('what cannot be a merchant is said beside its field', async () => {
  const answer = await operator.submit('/console/merchants/new', {
    party_id: server.elsewhere,
    wallet: 'shop:corner-cafe:EUR',
    name: 'Thief',
    link_seconds: '3600',
    password: password(),
  })
  assert.equal(answer.status, 422)
  assert.match(answer.text, /Enter a wallet of this party/)
  assert.match(answer.text, /value="Thief"/)
})

test('settings and plans change, and a plan is ended', async () => {
  const { id } = await made()
  const saved = await owner.submit(`/console/merchants/${id}/edit`, {
    name: 'Third shop',
    link_seconds: '120',
    redirect_hosts: '',
    password: server.password('owner'),
  })
  assert.equal(saved.status, 303, saved.text)
  const row = await rowOf(id)
  assert.deepEqual(
    [row?.name, row?.link_seconds, row?.requires_signature, row?.redirect_hosts],
    ['Third shop', 120, false, []],
  )
  for (const seconds of ['', '5', 'x']) {
    const { status, text } = await owner.submit(`/console/merchants/${id}/edit`, {
      name: 'X',
      link_seconds: seconds,
      password: server.password('owner'),
    })
    assert.equal(status, 422)
    assert.match(text, /60 seconds to 366 days/)
  }
  const plan = { name: '4x', kind: 'instalments', parts: '4', min_amount: '12.50' }
  const password = server.password('operator')
  assert.equal((await server.dare(operator, `/merchants/${id}/plans`, password, plan)).status, 303)
  assert.match((await operator.get(`/console/merchants/${id}`)).text, /paid in 4 parts/)
  const wrong = await operator.submit(`/console/merchants/${id}/plans`, {
    name: '4x',
    kind: 'instalments',
    fee: 'lots',
    password,
  })
  assert.equal(wrong.status, 422)
  const ended = await operator.submit(`/console/merchants/${id}`, {}, `/console/merchants/${id}/plans/4x/end`)
  assert.equal(ended.status, 303)
  assert.doesNotMatch((await operator.get(`/console/merchants/${id}`)).text, /paid in 4 parts/)
  assert.equal((await owner.get(`/console/merchants/${id}/plans`)).status, 404, 'financing is the operator’s')
  assert.equal((await server.lastAct('merchant.end-plan')).outcome, 'done')
})

test('a key is shown once, opens the API, and ends', async () => {
  const { id } = await made()
  const answer = await owner.submit(`/console/merchants/${id}/new-key`, {
    of: 'merchant',
    password: server.password('owner'),
  })
  assert.equal(answer.status, 200, answer.text)
  const [key, secret] = secretsOn(answer.text)
  const ask = () =>
    send(server.url, '/api/token', {
      headers: {
        authorization: `Basic ${btoa(`${key}:${secret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    })
  assert.equal((await ask()).status, 200)
  const [row] = await server.db.query<{ id: string }>('select id from merchant_key where key = $1', [key])
  await server.hidden([`/merchants/${id}/keys/${row?.id}`])
  assert.equal((await server.dare(owner, `/merchants/${id}/keys/${row?.id}`, server.password('owner'))).status, 303)
  assert.equal((await ask()).status, 401)
  assert.equal((await server.lastAct('merchant.revoke-key')).outcome, 'done')
})

test('a merchant is disabled by operators alone, and another business has none of it', async () => {
  const { id } = await made()
  assert.equal((await server.stranger.get(`/console/merchants/${id}`)).status, 404)
  await server.hidden(['edit', 'secret', 'rotate-secret', 'new-key'].map((act) => `/merchants/${id}/${act}`))
  assert.equal((await owner.get(`/console/merchants/${id}/disable`)).status, 404)
  assert.equal((await server.dare(operator, `/merchants/${id}/disable`, password())).status, 303)
  assert.ok((await rowOf(id))?.disabled_at)
})

test('a Jackpot account is made of a partner, changed, and its secret replaced', async () => {
  const partnerId = (await server.db.query<{ id: string }>('select partner_id as id from jackpot_account'))[0]
    ?.id as string
  const party = (
    await server.db.query<{ party_id: string }>('select party_id from partner where id = $1', [partnerId])
  )[0]
  const shopkeeper = await server.visitor('owner', party?.party_id)
  const page = `/jackpot-accounts/${partnerId}`
  assert.ok((await shopkeeper.get('/console/jackpot-accounts')).text.includes(partnerId))
  const saved = await shopkeeper.submit(`/console${page}/edit`, {
    allowed_domains: 'shop.example\n*.shop.example:*',
    notification_url: 'https://shop.example/jackpot',
    confirmation: 'automatic',
    password: server.password('owner'),
  })
  assert.equal(saved.status, 303, saved.text)
  const wrong = await shopkeeper.submit(`/console${page}/edit`, {
    allowed_domains: 'not a domain',
    confirmation: 'manual',
    password: server.password('owner'),
  })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /Enter domains/)
  const { client_secret: before, api_key } = server.sandbox.jackpot
  const [next] = secretsOn((await server.dare(shopkeeper, `${page}/rotate-secret`, server.password('owner'))).text)
  assert.ok(next && next !== before && !next.includes(api_key))
  assert.equal((await server.lastAct('jackpot-account.rotate-secret')).outcome, 'done')
  await server.hidden([`${page}/edit`, `${page}/rotate-secret`])
  assert.equal((await server.stranger.get(`/console${page}`)).status, 404)
  const again = await operator.submit('/console/jackpot-accounts/new', {
    partner: 'nobody-knows',
    currency: 'EUR',
    password: password(),
  })
  assert.equal(again.status, 422)
})
