import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createApiKey } from '../../../../src/operations/create-api-key.ts'
import { createMerchantKey } from '../../../../src/operations/purchases/change-merchant.ts'
import { createEndpoint } from '../../../../src/operations/webhooks/create-endpoint.ts'
import { PUBLIC_URL } from '../../../support/server.ts'
import { databaseUrl, freePort, type ServerProcess, spawnServer } from '../../../support/server-process.ts'
import { grantToken, send } from '../../../support/wallet-client.ts'
import { createVisitor, type Visitor } from '../../visitor.ts'
import { type Access, startAccess } from '../access.ts'

let server: Access
let other: ServerProcess
let operator: Visitor
let owner: Visitor
before(async () => {
  server = await startAccess()
  other = spawnServer('serve', await freePort(), {
    DATABASE_URL: databaseUrl(server.db.connection),
    BILLFOLD_HOME: server.home,
    BILLFOLD_MODE: 'sandbox',
    BILLFOLD_PUBLIC_URL: PUBLIC_URL,
    LOG_LEVEL: 'error',
  })
  await other.ready()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
})
after(async () => {
  await other.kill()
  await server.assertClean()
  await server.stop()
})

/** A moment before everything that a test does, as a form has it. */
const since = () => new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)

/** Answers for a credential. @returns the path of what was answered */
async function answer(
  visitor: Visitor,
  kind: string,
  id: string,
  password: string,
  fields: Record<string, string> = {},
) {
  const path = `/compromise/answer/${kind}/${encodeURIComponent(id)}`
  const sent = await server.dare(visitor, path, password, { since: since(), ...fields })
  assert.equal(sent.status, 303, sent.text)
  return (sent.location ?? '').split('?')[0] as string
}

const servers = () => [server.url, other.url]

/** On both servers, within five seconds. */
async function untilRefused(ask: (url: string) => Promise<{ status: number }>, refused = 401) {
  const end = Date.now() + 5_500
  for (const url of servers()) {
    while ((await ask(url)).status !== refused) {
      assert.ok(Date.now() < end, `${url} still takes it after five seconds`)
      await delay(100)
    }
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('a client is ended on both servers within five seconds, with tokens and refresh families, and its uses are listed', async () => {
  const caller = await server.client([{ id: 'kiosk:stolen:EUR', lower: '-50.00' }, 'kiosk:safe:EUR'])
  const token = await grantToken(server.url, caller.id, caller.clientSecret)
  const read = (url: string) => send(url, '/kiosk:stolen:EUR/balance', { headers: bearer(token) })
  await caller.done('/kiosk:stolen:EUR/payments', {
    endpoint: 'payments',
    target: 'kiosk:safe:EUR',
    amount: '12.34',
    currency: 'EUR',
  })
  for (const url of servers()) assert.equal((await read(url)).status, 200)
  const { id: grant } = await server.consent(caller.id)
  const page = await answer(operator, 'client', caller.id, server.password('operator'))
  await untilRefused(read)
  for (const url of servers()) {
    const again = await send(url, '/oauth/token', {
      headers: {
        authorization: `Basic ${btoa(`${caller.id}:${caller.clientSecret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    })
    assert.equal(again.status, 401)
  }
  const live = await server.db.query('select from refresh_family where client_id = $1 and revoked_at is null', [
    caller.id,
  ])
  assert.equal(live.length, 0)
  const [consent] = await server.db.query<{ revoked_at: Date | null }>('select revoked_at from consent where id = $1', [
    grant,
  ])
  assert.ok(consent?.revoked_at)
  const { text } = await operator.get(page)
  assert.match(text, /clients 1/)
  assert.match(text, /issued/)
  assert.match(text, /12\.34 EUR/)
  const csv = await operator.get(`${page}/uses.csv`)
  assert.match(csv.text, /^at,where,what,object,amount,as,address\r\n/)
  assert.match(csv.text, new RegExp(`client:${caller.id}`))
  const act = await server.lastAct('compromise.answer')
  assert.equal(act.outcome, 'done')
  assert.equal(act.detail.target, `client:${caller.id}`)
})

test('a grant ends on both servers, and the client goes on for others', async () => {
  const { client_id: clientId } = server.sandbox.clients.merchant
  const { id, wallet, partyId } = await server.consent(clientId)
  const token = server.token({ clientId, subject: partyId, consent: id, wallets: new Set([wallet.id]) })
  const read = (url: string) => send(url, `/${wallet.explicitId}/balance`, { headers: bearer(token) })
  for (const url of servers()) assert.equal((await read(url)).status, 200)
  await answer(owner, 'grant', id, server.password('owner'))
  await untilRefused(read)
  assert.equal(
    (await send(other.url, '/shop:corner-cafe:EUR/balance', { headers: bearer(server.merchant.token) })).status,
    200,
  )
})

test('an API key and a merchant key end on both servers', async () => {
  const [party] = await server.db.query<{ party_id: string }>('select party_id from sign_in where operator')
  const made = await createApiKey(server.assembly, {
    partyId: party?.party_id ?? '',
    name: 'Leaked',
    scopes: ['wallets:read'],
  })
  const list = (url: string) => send(url, '/admin/v1/wallets', { headers: bearer(made.apiKey) })
  for (const url of servers()) assert.equal((await list(url)).status, 200)
  await answer(operator, 'api-key', made.id, server.password('operator'))
  for (const url of servers()) assert.equal((await list(url)).status, 401)

  const [merchant] = await server.db.query<{ id: string }>('select id from merchant where party_id = $1', [server.shop])
  const key = await createMerchantKey(server.assembly, { merchantId: merchant?.id ?? '' })
  const token = (url: string) =>
    send(url, '/api/token', {
      headers: {
        authorization: `Basic ${btoa(`${key.key}:${key.secret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    })
  for (const url of servers()) assert.equal((await token(url)).status, 200)
  const page = await answer(owner, 'merchant-key', key.id, server.password('owner'))
  await untilRefused(token)
  assert.match((await owner.get(page)).text, /merchant keys 1/)
})

test('a sign-in: sessions on both servers, application passwords, and the password; the acting session goes on', async () => {
  const member = await server.visitor('member')
  const email = (await server.db.query<{ email: string }>(`select email from sign_in where email like 'member-%'`))[0]
    ?.email as string
  const far = createVisitor(other.url)
  const signedIn = await far.submit('/sign-in', { email, password: server.password('member') })
  assert.equal(signedIn.status, 303)
  await server.db.query(
    `insert into application_password (id, email, name, secret_hash) values (gen_random_uuid(), $1, 'Shop', sha256('x'))`,
    [email],
  )
  const page = await answer(owner, 'sign-in', email, server.password('owner'), {
    'part:sessions': 'yes',
    'part:application-passwords': 'yes',
    'part:passwords': 'yes',
  })
  for (const visitor of [member, far]) assert.equal((await visitor.get('/account')).status, 303)
  const again = await createVisitor(server.url).submit('/sign-in', { email, password: server.password('member') })
  assert.equal(again.status, 422)
  assert.equal((await server.db.query('select from application_password where email = $1', [email])).length, 0)
  const { text, status } = await owner.get(page)
  assert.equal(status, 200)
  assert.match(text, /sessions 2/)
  assert.match(text, /application passwords 1/)
  assert.match(text, /127\.0\.0\.1/)
})

test('a party: everything that is ticked, and nothing else', async () => {
  const shop = server.elsewhere
  const key = await createApiKey(server.assembly, { partyId: shop, name: 'Shop', scopes: ['cards:redeem'] })
  const caller = await server.client([{ id: 'kiosk:party:EUR' }], { partyId: shop })
  const webhook = await server.db.transaction((db) =>
    createEndpoint({ ...server.assembly, db }, { partyId: shop, url: 'https://shop.example/', topics: ['*'] }),
  )
  const secrets = () =>
    server.db.query<{ id: string }>('select id from webhook_secret where endpoint_id = $1 and ends_at is null', [
      webhook.id,
    ])
  const [before] = await secrets()
  const none = await server.stranger.submit(`/console/compromise/answer/party/${shop}`, {
    since: since(),
    password: server.password('owner'),
  })
  assert.equal(none.status, 422)
  assert.match(none.text, /Choose at least one/)
  const page = await answer(server.stranger, 'party', shop, server.password('owner'), {
    'part:clients': 'yes',
    'part:webhook-secrets': 'yes',
    'part:sessions': 'yes',
    'part:passwords': 'yes',
  })
  const [after] = await secrets()
  assert.notEqual(after?.id, before?.id)
  const [client] = await server.db.query<{ disabled_at: Date | null }>('select disabled_at from client where id = $1', [
    caller.id,
  ])
  assert.ok(client?.disabled_at)
  const [kept] = await server.db.query<{ revoked_at: Date | null }>('select revoked_at from api_key where id = $1', [
    key.id,
  ])
  assert.equal(kept?.revoked_at, null)
  assert.equal((await server.stranger.get(page)).status, 200, 'who answers stays signed in')
  const again = await createVisitor(server.url).submit('/sign-in', {
    email: `owner-${shop.slice(-6)}@shop.example`,
    password: server.password('owner'),
  })
  assert.equal(again.status, 303, 'and keeps the password')
})

test('all of it happens, or nothing', async () => {
  const { client_id: id } = server.sandbox.clients.gateway
  await server.db.query(`alter table compromise add constraint never check (kind <> 'client') not valid`)
  try {
    const sent = await operator.submit(`/console/compromise/answer/client/${id}`, {
      since: since(),
      password: server.password('operator'),
    })
    assert.equal(sent.status, 500)
  } finally {
    await server.db.query('alter table compromise drop constraint never')
  }
  const [client] = await server.db.query<{ disabled_at: Date | null }>('select disabled_at from client where id = $1', [
    id,
  ])
  assert.equal(client?.disabled_at, null)
  assert.equal((await server.lastAct('compromise.answer')).outcome, 'failed')
  server.faults?.splice(0)
})

test('transaction tokens that it signed in advance are revoked with it', async () => {
  const caller = await server.client([{ id: 'kiosk:tokens:EUR', lower: '-50.00' }])
  await caller.done('/kiosk:tokens:EUR/transactions', {
    endpoint: 'transactions',
    operation: 'charges',
    source: 'kiosk:tokens:EUR',
    target: 'shop:corner-cafe:EUR',
    amount: '5.00',
    currency: 'EUR',
    expiry: new Date(Date.now() + 600_000).toISOString(),
  })
  const open = () =>
    server.db.query(
      `select from transaction_token k join transaction x on x.id = k.id where x.principal = $1 and k.status = 0`,
      [`client:${caller.id}`],
    )
  assert.equal((await open()).length, 1)
  const page = await answer(operator, 'client', caller.id, server.password('operator'))
  assert.equal((await open()).length, 0)
  assert.match((await operator.get(page)).text, /transaction tokens 1/)
  const again = await operator.submit(page, {}, `${page}/tokens`)
  assert.match(again.location ?? '', /done=tokens&count=0/)
})

test('another business answers for nothing of this one, and sees nothing of it', async () => {
  const { client_id: id } = server.sandbox.clients.merchant
  await server.hidden([`/compromise/answer/client/${id}`, `/compromise/answer/party/${server.shop}`])
  const [mine] = await server.db.query<{ id: string }>('select id from compromise where party_id = $1', [server.shop])
  assert.equal((await server.stranger.get(`/console/compromise/${mine?.id}`)).status, 404)
  assert.equal((await server.stranger.get(`/console/compromise/${mine?.id}/uses.csv`)).status, 404)
  assert.ok(!(await server.stranger.get('/console/compromise')).text.includes(mine?.id as string))
  const unknown = await server.stranger.get(`/console/compromise?kind=client&id=${id}`)
  assert.equal(unknown.status, 200)
  assert.match(unknown.text, /There is no such credential/)
  const known = await owner.get(`/console/compromise?kind=client&id=${id}`)
  assert.equal(known.location, `/console/compromise/answer/client/${id}`)
  assert.equal((await (await server.visitor('viewer')).get('/console/compromise')).status, 404)
})

test('an owner of the operators’ party answers for nothing of the operators themselves', async () => {
  const [operators] = await server.db.query<{ party_id: string; email: string }>(
    'select party_id, email from sign_in where operator',
  )
  assert.ok(operators)
  const colleague = await server.visitor('owner', operators.party_id)
  const path = `/compromise/answer/sign-in/${encodeURIComponent(operators.email)}`
  assert.equal((await colleague.get(`/console${path}`)).status, 404)
  await answer(colleague, 'party', operators.party_id, server.password('owner'), {
    'part:sessions': 'yes',
    'part:passwords': 'yes',
  })
  assert.equal((await operator.get('/console/compromise')).status, 200, 'the operator is still signed in')
})
