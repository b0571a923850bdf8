import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { send } from '../../../support/wallet-client.ts'
import type { Visitor } from '../../visitor.ts'
import { type Access, assertWarned, secretsOn, startAccess } from '../access.ts'

let server: Access
let operator: Visitor
let owner: Visitor
let viewer: Visitor
before(async () => {
  server = await startAccess()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
  viewer = await server.visitor('viewer')
})
after(() => server.stop())

const merchantId = () => server.sandbox.clients.merchant.client_id

const token = (id: string, secret: string) =>
  send(server.url, '/oauth/token', {
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  })

async function made(): Promise<{ id: string; secrets: string[] }> {
  const partyId = server.shop
  const answer = await operator.submit('/console/clients/new', {
    name: 'Kiosk',
    party_id: partyId,
    'scope:balance': 'yes',
    'scope:payments': 'yes',
    redirect_uris: 'https://shop.example/back\nhttps://shop.example/other',
    password: server.password('operator'),
  })
  assert.equal(answer.status, 200, answer.text)
  const id = /bfc_[A-Za-z0-9_-]+/.exec(answer.text)?.[0] ?? ''
  return { id, secrets: secretsOn(answer.text) }
}

test('a client is registered with its secrets shown once and with the warnings, and gets tokens', async () => {
  const { id, secrets } = await made()
  assert.equal(secrets.length, 2)
  const [clientSecret, signingSecret] = secrets as [string, string]
  assert.match(clientSecret, /^bfs_/)
  assert.match(signingSecret, /^bfh_/)
  const act = await server.lastAct('client.create')
  assert.equal(act.outcome, 'done')
  assert.deepEqual(act.detail, { client: id, party: server.shop, scopes: 'balance payments' })
  const page = await operator.get(`/console/clients/${id}`)
  assertWarned(page.text)
  for (const secret of secrets) assert.ok(!page.text.includes(secret))
  assert.match(page.text, /https:\/\/shop\.example\/other/)
  assert.match(page.text, /never/)
  assert.equal((await token(id, clientSecret)).status, 200)
  assert.doesNotMatch((await operator.get(`/console/clients/${id}`)).text, /Last token<\/dt><dd>never/)
})

test('what cannot be a client is said beside its field, and nothing is made', async () => {
  const answer = await operator.submit('/console/clients/new', {
    name: '',
    party_id: 'nobody',
    redirect_uris: 'http://shop.example/',
    'scope:balance': 'yes',
    password: server.password('operator'),
  })
  assert.equal(answer.status, 422)
  assert.match(answer.text, /A name has 1 to 200 characters/)
  assert.match(answer.text, /aria-invalid="true"/)
  assert.equal((await server.lastAct('client.create')).outcome, 'refused')
})

test('both secrets are replaced, the old ones end, and the signing secret can be looked at again', async () => {
  const { id, secrets } = await made()
  const rotated = await server.dare(operator, `/clients/${id}/rotate-secret`, server.password('operator'))
  const [next] = secretsOn(rotated.text)
  assert.match(next ?? '', /^bfs_/)
  assertWarned(rotated.text)
  assert.equal(rotated.headers.get('cache-control'), 'no-store')
  assert.equal((await token(id, next as string)).status, 200)
  assert.equal((await token(id, secrets[0] as string)).status, 401)
  const signing = secretsOn(
    (await server.dare(owner, `/clients/${id}/rotate-signing-secret`, server.password('owner'))).text,
  )
  const shown = secretsOn((await server.dare(owner, `/clients/${id}/signing-secret`, server.password('owner'))).text)
  assert.deepEqual(shown, signing)
  assert.notDeepEqual(shown, [secrets[1]])
  const act = await server.lastAct('client.show-signing-secret')
  assert.equal(act.outcome, 'done')
  assert.doesNotMatch(JSON.stringify(act), /bfh_/)
})

test('redirections are changed, and a client is disabled for good', async () => {
  const { id, secrets } = await made()
  const redirection = { redirect_uris: 'https://shop.example/new' }
  const edited = await server.dare(owner, `/clients/${id}/edit`, server.password('owner'), redirection)
  assert.equal(edited.location, `/console/clients/${id}?done=saved`)
  const row = async () =>
    (
      await server.db.query<{ redirect_uris: string[]; disabled_at: Date | null }>(
        'select * from client where id = $1',
        [id],
      )
    )[0]
  assert.deepEqual((await row())?.redirect_uris, ['https://shop.example/new'])
  const wrong = await owner.submit(`/console/clients/${id}/edit`, {
    redirect_uris: '',
    implicit: 'yes',
    password: server.password('owner'),
  })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /needs a redirect URI/)
  assert.equal((await server.dare(owner, `/clients/${id}/disable`, server.password('owner'))).status, 303)
  assert.ok((await row())?.disabled_at)
  assert.equal((await token(id, secrets[0] as string)).status, 401)
  assert.equal((await server.lastAct('client.disable')).object, `/console/clients/${id}/disable`)
})

test('another business has none of it, and who only looks changes nothing', async () => {
  const id = merchantId()
  const paths = ['', '/edit', '/rotate-secret', '/rotate-signing-secret', '/signing-secret', '/disable']
  await server.hidden(paths.map((path) => `/clients/${id}${path}`).filter((path) => path !== `/clients/${id}`))
  assert.equal((await server.stranger.get(`/console/clients/${id}`)).status, 404)
  assert.ok(!(await server.stranger.get('/console/clients')).text.includes(id))
  assert.equal((await viewer.get(`/console/clients/${id}`)).status, 200)
  assert.equal((await viewer.get(`/console/clients/${id}/disable`)).status, 404)
  const found = await operator.get('/console/clients?name=SANDBOX')
  assert.equal(found.status, 200)
  const csv = await operator.get('/console/clients.csv')
  assert.match(csv.text, /^id,name,party,kind/)
  assert.ok(csv.text.includes(id))
  assert.ok(!(await server.stranger.get('/console/clients.csv')).text.includes(id))
})

test('a grant is found by client and person, and withdrawn by an act', async () => {
  const { id, ...giver } = await server.consent(merchantId())
  const list = await operator.get(`/console/grants?client=${merchantId()}&person=${encodeURIComponent(giver.email)}`)
  assert.ok(list.text.includes(`/console/grants/${id}`))
  assert.ok((await owner.get('/console/grants')).text.includes(`/console/grants/${id}`))
  const own = await owner.get(`/console/grants/${id}`)
  assert.equal(own.status, 200)
  assert.ok(!own.text.includes(giver.partyId), 'who allowed it is not told to the business')
  await server.hidden([`/grants/${id}/revoke`])
  assert.equal((await server.dare(operator, `/grants/${id}/revoke`, server.password('operator'))).status, 303)
  const [row] = await server.db.query<{ revoked_at: Date | null }>('select revoked_at from consent where id = $1', [id])
  assert.ok(row?.revoked_at)
  assert.equal((await server.lastAct('grant.revoke')).outcome, 'done')
  assert.ok(!(await operator.get('/console/grants')).text.includes(id))
  assert.ok((await operator.get('/console/grants?ended=yes')).text.includes(id))
})

test('an API key is shown once, works, and ends at once', async () => {
  const name = 'Reporting <b>'
  const [party] = await server.db.query<{ party_id: string }>('select party_id from sign_in where operator')
  const answer = await operator.submit('/console/api-keys/new', {
    name,
    party_id: party?.party_id ?? '',
    'scope:wallets:read': 'yes',
    password: server.password('operator'),
  })
  assert.equal(answer.status, 200, answer.text)
  const [key] = secretsOn(answer.text)
  assertWarned(answer.text)
  assert.ok(!answer.text.includes('<b>'))
  const ask = () => send(server.url, '/admin/v1/wallets', { headers: { authorization: `Bearer ${key}` } })
  assert.equal((await ask()).status, 200)
  const id = String((await server.lastAct('api-key.create')).detail.api_key)
  await server.hidden([`/api-keys/${id}/revoke`])
  assert.equal((await server.dare(operator, `/api-keys/${id}/revoke`, server.password('operator'))).status, 303)
  assert.equal((await ask()).status, 401)
  assert.match((await operator.get(`/console/api-keys/${id}?done=revoked`)).text, /The key is revoked/)
})

test('a business makes keys for itself alone, with the scopes for merchants alone', async () => {
  const answer = await owner.submit('/console/api-keys/new', {
    name: 'Till',
    party_id: server.elsewhere,
    'scope:cards:redeem': 'yes',
    'scope:wallets:write': 'yes',
    password: server.password('owner'),
  })
  assert.equal(answer.status, 200, answer.text)
  const id = String((await server.lastAct('api-key.create')).detail.api_key)
  const [row] = await server.db.query<{ party_id: string; scopes: string[] }>('select * from api_key where id = $1', [
    id,
  ])
  assert.equal(row?.party_id, server.shop)
  assert.deepEqual(row?.scopes, ['cards:redeem'])
  assert.equal((await viewer.get('/console/api-keys')).status, 404)
})
