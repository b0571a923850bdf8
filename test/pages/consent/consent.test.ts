import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createClient } from '../../../src/operations/create-client.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { createPerson, fieldsOf } from '../../support/authorize.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { createCaller } from '../../support/wallet-client.ts'

const REDIRECT = 'http://127.0.0.1:3999/callback'
const PASSWORD = 'correct horse battery'

let server: SandboxServer

before(async () => {
  server = await startSandboxServer()
})
after(async () => {
  assert.deepEqual(server.faults, [])
  await server.stop()
})

const merchant = () => server.sandbox.clients.merchant
const ada = () => server.sandbox.people[0] as SandboxServer['sandbox']['people'][number]

const request = (extra: Record<string, string> = {}) => ({
  client_id: merchant().client_id,
  response_type: 'code',
  redirect_uri: REDIRECT,
  scope: 'balance,charges,payments',
  state: 's1',
  ...extra,
})

/** Somebody of their own for each test, who has consented to nothing yet. */
async function makePerson(wallets = ['USD', 'EUR']) {
  const number = `700${String(Math.random()).slice(2, 11)}`
  const partyId = await server.party(`Rosa ${number}`)
  const ids = wallets.map((currency) => `us:${number}:${currency}`)
  for (const id of ids) await server.open(partyId, { id })
  const email = `rosa-${number}@example.com`
  await createSignIn(server.assembly, { partyId, email, password: PASSWORD })
  return { email, password: PASSWORD, partyId, wallets: ids }
}

const credentialsOf = ({ email, password }: { email: string; password: string }) => ({ email, password })

async function redeem(code: string | null) {
  const { client_id, client_secret, signing_secret } = merchant()
  const response = await fetch(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id, client_secret }),
  })
  const body = await response.json()
  assert.equal(response.status, 200, JSON.stringify(body))
  return createCaller(server.url, { id: client_id, signingSecret: signing_secret, token: body.access_token })
}

test('an owner signs in, reads who asks for what, allows it, and the application collects from the wallet', async () => {
  const person = createPerson(server.url)
  const page = await person.open(request(), ada())
  assert.equal(page.status, 200, page.text)
  for (const words of ['Corner Café', 'sandbox-merchant', 'Ada Moreno', 'See balances', 'Charge you', ...ada().wallets])
    assert.ok(page.text.includes(words), words)
  assert.ok(page.text.includes('127.0.0.1:3999'), 'where it goes on to')
  const target = await person.decide(page)
  assert.equal(target.origin + target.pathname, REDIRECT)
  assert.equal(target.searchParams.get('state'), 's1')
  assert.equal(target.searchParams.get('iss'), 'http://billfold.example')
  const caller = await redeem(target.searchParams.get('code'))
  await server.gateway.done('/us:8301234567:USD/funds', {
    endpoint: 'funds',
    source: 'bank:gateway:USD',
    target: 'us:8301234567:USD',
    amount: 50,
    currency: 'USD',
  })
  await caller.done('/us:8301234567:USD/charges', {
    endpoint: 'charges',
    source: 'us:8301234567:USD',
    target: 'shop:corner-cafe:USD',
    amount: 12.5,
    currency: 'USD',
  })
  assert.equal(await server.balance('us:8301234567:USD'), 3750n)
  assert.equal((await caller.get('/us:8301234568:USD/balance')).status, 403, 'no wallet of anybody else')
  assert.equal((await caller.get('/us:8301234567:USD/transactions')).status, 403, 'no operation that was not asked for')
  await server.assertClean()
})

test('a viewer of a team lets no application near its wallets', async () => {
  const viewer = await makePerson()
  await server.db.query("update sign_in set role = 'viewer' where email = $1", [viewer.email])
  const person = createPerson(server.url)
  const page = await person.open(request(), credentialsOf(viewer))
  const answer = await person.post(page.path, { ...fieldsOf(page.text, page.path), decision: 'allow' })
  assert.equal(answer.status, 403)
  const consents = await server.db.query('select from consent where party_id = $1', [viewer.partyId])
  assert.equal(consents.length, 0)
})

test('what the owner unticks is not allowed', async () => {
  const owner = await makePerson()
  const person = createPerson(server.url)
  const page = await person.open(request(), owner)
  const [kept, taken] = owner.wallets as [string, string]
  const target = await person.decide(page, {
    'scope:charges': null,
    'scope:payments': null,
    [`wallet:${taken}`]: null,
    until: 'day',
  })
  const caller = await redeem(target.searchParams.get('code'))
  assert.equal((await caller.get(`/${kept}/balance`)).status, 200)
  assert.equal((await caller.get(`/${taken}/balance`)).status, 403)
  const payload = { endpoint: 'charges', source: kept, target: 'shop:corner-cafe:USD', amount: 1, currency: 'USD' }
  assert.equal((await caller.post(`/${kept}/charges`, payload)).status, 403)
  const [row] = await server.db.query<{ hours: number }>(
    `select extract(epoch from expires_at - granted_at)::int / 3600 as hours from consent where party_id = $1`,
    [owner.partyId],
  )
  assert.equal(row?.hours, 24)
})

test('an owner who declines goes back with access_denied', async () => {
  const owner = await makePerson()
  const person = createPerson(server.url)
  const target = await person.decide(await person.open(request(), owner), { decision: 'decline' })
  assert.equal(target.origin + target.pathname, REDIRECT)
  assert.equal(target.searchParams.get('error'), 'access_denied')
  assert.equal(target.searchParams.get('state'), 's1')
  const rows = await server.db.query('select 1 from consent where party_id = $1', [owner.partyId])
  assert.equal(rows.length, 0)
})

test('the sandbox’s browser application gets its token by the fragment, and asks each time', async () => {
  const owner = await makePerson()
  const person = createPerson(server.url)
  const query = {
    ...request({ client_id: server.sandbox.clients.browser.client_id, redirect_uri: 'http://localhost:5173/' }),
    response_type: 'token',
  }
  for (const signIn of [owner, undefined]) {
    const page = await person.open(query, signIn)
    assert.ok(page.text.includes('keep no secret'), page.text)
    const target = await person.decide(page)
    const parameters = new URLSearchParams(target.hash.slice(1))
    assert.equal(target.search, '')
    assert.equal(parameters.get('token'), parameters.get('access_token'))
    const response = await fetch(`${server.url}/${owner.wallets[0]}/balance`, {
      headers: { authorization: `Bearer ${parameters.get('token')}` },
    })
    assert.equal(response.status, 200)
  }
})

test('an owner who has consented before is led through without a question, also by way of the sign-in', async () => {
  const owner = await makePerson()
  const first = createPerson(server.url)
  await first.decide(await first.open(request(), owner))
  const again = await first.get(`/oauth/authorize?${new URLSearchParams(request())}`)
  assert.ok(new URL(again.location as string).searchParams.get('code'))
  const elsewhere = createPerson(server.url)
  const led = await elsewhere.open(request(), owner)
  assert.equal(led.status, 303)
  const ended = await elsewhere.get(led.location as string)
  assert.ok(new URL(ended.location as string).searchParams.get('code'))
})

test('a form without its token, or with another person’s, is refused and decides nothing', async () => {
  const [owner, stranger] = [await makePerson(), await makePerson()]
  const person = createPerson(server.url)
  const page = await person.open(request(), owner)
  const fields: Record<string, string> = { ...fieldsOf(page.text, page.path), decision: 'allow' }
  const { csrf: _, ...bare } = fields
  assert.equal((await person.post(page.path, bare)).status, 403)
  assert.equal((await person.post(page.path, { ...bare, csrf: 'x'.repeat(43) })).status, 403)
  const other = createPerson(server.url)
  const theirs = await other.open(request(), stranger)
  const { csrf } = fieldsOf(theirs.text, theirs.path)
  assert.equal((await person.post(page.path, { ...bare, csrf: String(csrf) })).status, 403)
  const foreign = await fetch(server.url + page.path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields),
  })
  assert.equal(foreign.status, 410, 'the cookies of the request are not sent along')
  const rows = await server.db.query('select 1 from consent where party_id = $1', [owner.partyId])
  assert.equal(rows.length, 0)
  assert.ok((await person.decide(page)).searchParams.get('code'), 'and the request is still open')
})

test('a request opens only in the browser that began it', async () => {
  const [owner, victim] = [await makePerson(), await makePerson()]
  const attacker = createPerson(server.url)
  const page = await attacker.open(request(), owner)
  const other = createPerson(server.url)
  await other.signIn(victim)
  const opened = await other.get(page.path)
  assert.equal(opened.status, 410)
  assert.ok(!opened.text.includes('<form class="sheet"'))
  const resumed = await other.get(page.path.replace('/interaction/', '/oauth/authorize/'))
  assert.equal(resumed.status, 400)
  assert.equal(resumed.location, null)
  assert.match(resumed.headers.get('content-type') ?? '', /^text\/html/)
})

test('a form that another person left open decides nothing for the one who signed in after', async () => {
  const [before, later] = [await makePerson(), await makePerson()]
  const person = createPerson(server.url)
  const page = await person.open(request(), before)
  const fields = { ...fieldsOf(page.text, page.path), decision: 'allow' }
  const again = await person.get('/sign-in?again=1')
  await person.post('/sign-in', { ...fieldsOf(again.text, '/sign-in'), ...credentialsOf(later) })
  assert.equal((await person.post(page.path, fields)).status, 403)
  const rows = await server.db.query('select 1 from consent where party_id = any($1::uuid[])', [
    [before.partyId, later.partyId],
  ])
  assert.equal(rows.length, 0)
  const shown = await person.get(page.path)
  assert.ok(shown.text.includes(String(later.wallets[0])) && !shown.text.includes(String(before.wallets[0])))
})

test('the page cannot be framed, and its form leads nowhere but here and to the application', async () => {
  const person = createPerson(server.url)
  const page = await person.open(request(), await makePerson())
  const policy = (page.headers.get('content-security-policy') ?? '').split('; ')
  assert.ok(policy.includes("frame-ancestors 'none'"))
  assert.ok(policy.includes("form-action 'self' http://127.0.0.1:3999"))
  assert.ok(policy.includes("default-src 'none'"))
  assert.equal(page.headers.get('cache-control'), 'no-store')
  assert.match(page.headers.get('referrer-policy') ?? '', /^(no-referrer|same-origin)$/)
  assert.doesNotMatch(page.text, /<script|\sstyle=|\son\w+=/)
  const refusal = await person.get('/oauth/authorize?client_id=nobody')
  assert.ok((refusal.headers.get('content-security-policy') ?? '').includes("frame-ancestors 'none'"))
})

test('a page of ours says what is wrong with a bad link, in the reader’s language, and repeats none of it', async () => {
  for (const [query, english, french] of [
    [{ client_id: '<b>nobody</b>' }, 'This application is not known', 'Cette application est inconnue'],
    [{ redirect_uri: 'https://evil.example/<b>' }, 'This link leads somewhere else', 'Ce lien mène ailleurs'],
    [{ state: 'x'.repeat(9_000) }, 'This request cannot be read', 'Cette demande est illisible'],
  ] as const) {
    const path = `/oauth/authorize?${new URLSearchParams(request(query as unknown as Record<string, string>))}`
    for (const [language, words] of [
      ['en', english],
      ['fr-CA', french],
    ] as const) {
      const response = await fetch(server.url + path, { redirect: 'manual', headers: { 'accept-language': language } })
      const text = await response.text()
      assert.ok(response.status >= 400 && response.status < 500)
      assert.equal(response.headers.get('location'), null)
      assert.ok(text.includes(words), text)
      assert.ok(text.includes(`<html lang="${language.slice(0, 2)}">`))
      assert.ok(!text.includes('<b>') && !text.includes('evil.example'))
    }
  }
})

test('the page speaks French to those who read it', async () => {
  const owner = await makePerson()
  await server.db.query(`update sign_in set language = 'fr' where email = $1`, [owner.email])
  const page = await createPerson(server.url).open(request(), owner)
  for (const words of ['demande l’accès à vos portefeuilles', 'Voir les soldes', 'Autoriser', 'Refuser'])
    assert.ok(page.text.includes(words), words)
})

test('a choice that cannot be is shown again beside what is wrong with it', async () => {
  const owner = await makePerson()
  const person = createPerson(server.url)
  const page = await person.open(request(), owner)
  const fields = { ...fieldsOf(page.text, page.path), decision: 'allow' }
  const without = (prefix: string) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith(prefix)))
  for (const [sent, words] of [
    [without('scope:'), 'Choose one operation at least'],
    [without('wallet:'), 'Choose one wallet at least'],
    [{ ...fields, until: 'for ever' }, 'Choose how long it lasts'],
    [{ ...without('scope:'), 'scope:refunds': 'yes' }, 'Choose one operation at least'],
    [{ ...without('wallet:'), 'wallet:shop:corner-cafe:USD': 'yes' }, 'Choose one wallet at least'],
  ] as const) {
    const answer = await person.post(page.path, sent)
    assert.equal(answer.status, 422)
    assert.ok(answer.text.includes(words), words)
  }
  assert.equal((await person.post(page.path, { ...fields, decision: 'perhaps' })).status, 400)
  const rows = await server.db.query('select 1 from consent where party_id = $1', [owner.partyId])
  assert.equal(rows.length, 0)
})

test('a person without a wallet can only decline, and one with very many chooses', async () => {
  const poor = await createPerson(server.url).open(request(), await makePerson([]))
  assert.ok(poor.text.includes('no wallet yet') && !poor.text.includes('value="allow"'))
  const owner = await makePerson([])
  const number = `88${String(Math.random()).slice(2, 9)}`
  for (let index = 0; index < 51; index += 1) await server.open(owner.partyId, { id: `us:${number}${index}:USD` })
  const person = createPerson(server.url)
  const page = await person.open(request(), owner)
  const fields = { ...fieldsOf(page.text, page.path), decision: 'allow' }
  assert.ok(!Object.keys(fields).some((name) => name.startsWith('wallet:')), 'none is ticked ahead')
  const all = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`wallet:us:${number}${index}:USD`, 'yes']))
  const answer = await person.post(page.path, { ...fields, ...all })
  assert.equal(answer.status, 422)
  assert.ok(answer.text.includes('Choose 50 wallets at most'))
  delete all[`wallet:us:${number}0:USD`]
  const target = await person.decide(page, all)
  const caller = await redeem(target.searchParams.get('code'))
  assert.equal((await caller.get(`/us:${number}50:USD/balance`)).status, 200)
  assert.equal((await caller.get(`/us:${number}0:USD/balance`)).status, 403)
})

test('an application may ask that the person proves it is still them', async () => {
  const owner = await makePerson()
  const person = createPerson(server.url)
  await person.signIn(owner)
  const begun = await person.open(request({ prompt: 'login' }))
  assert.match(String(begun.location), /^\/sign-in\?again=1&next=%2Finteraction%2F/)
  assert.match(String((await person.get(begun.path)).location), /^\/sign-in/, 'it cannot be gone round')
  const again = await person.get(begun.location as string)
  const answer = await person.post('/sign-in', { ...fieldsOf(again.text, '/sign-in'), ...credentialsOf(owner) })
  assert.equal(answer.status, 200, answer.text)
  const page = await person.get(begun.path)
  assert.ok((await person.decide({ ...page, path: begun.path })).searchParams.get('code'))
})

test('a request that was answered is over', async () => {
  const person = createPerson(server.url)
  const page = await person.open(request(), await makePerson())
  const fields = { ...fieldsOf(page.text, page.path), decision: 'allow' }
  const first = await person.post(page.path, fields)
  const second = await person.post(page.path, { ...fields, decision: 'decline' })
  assert.equal(second.location, first.location, 'the first answer counts')
  const ended = await person.get(first.location as string)
  assert.ok(new URL(ended.location as string).searchParams.get('code'))
  assert.equal((await person.get(page.path)).status, 410)
  assert.equal((await person.get(first.location as string)).status, 400)
})

test('the names of clients and parties are text', async () => {
  const partyId = await server.party('<i>Evil & Co</i>')
  const made = await createClient(server.assembly, {
    partyId,
    name: '<script>alert(1)</script>',
    redirectUris: ['http://[::1]/back'],
    scopes: ['balance'],
  })
  const person = createPerson(server.url)
  const owner = await makePerson()
  const query = { client_id: made.id, response_type: 'code', redirect_uri: 'http://[::1]:7/back', state: 'six' }
  const page = await person.open(query, owner)
  assert.ok(page.text.includes('&lt;script&gt;alert(1)') && !page.text.includes('<script>'))
  assert.ok(page.text.includes('&lt;i&gt;Evil &amp; Co') && !page.text.includes('<i>'))
  const answer = await person.post(page.path, { ...fieldsOf(page.text, page.path), decision: 'allow' })
  assert.equal(answer.status, 200, 'no policy can name an IPv6 address, so a page leads on')
  const [, path = ''] = /^0;url=(\/oauth\/authorize\/[\w-]+)$/.exec(answer.headers.get('refresh') ?? '') ?? []
  const ended = await person.get(path)
  assert.match(String(ended.location), /^http:\/\/\[::1\]:7\/back\?code=/)
})
