import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { claimsV2, makeToken } from '../protocols/jackpot/harness.ts'
import { call as callTillo } from '../protocols/tillo/harness.ts'
import { call as callWalleo } from '../protocols/walleo/harness.ts'
import { createPerson } from '../support/authorize.ts'
import { codeOf, hiddenIn, secretIn } from '../support/factors.ts'
import { token as signPledg } from '../support/pledg-world.ts'
import { createVisitor } from '../support/visitor.ts'
import { type Answer, createCaller, send } from '../support/wallet-client.ts'

const SECRET_NAME = /secret|password|token|api_?key|shared_?key|signature|\bpin\b|code|link|url|assertion|identifier/i
const PLAIN_VALUE = /^https?:\/\/[^/]*\/?$|^[A-Za-z ]{0,12}$/

/** Every secret that anybody met, by what it was. */
export class Secrets {
  readonly known = new Map<string, string>()

  keep(what: string, value: string | undefined): void {
    // A whole address is longer than what opens it: the last part of its path.
    const text = value?.startsWith('http') ? (value.split(/[/=]/).at(-1) ?? '') : (value ?? '')
    if (text.length >= 4 && !PLAIN_VALUE.test(text)) this.known.set(text, what)
  }

  /** Looks through an answer for members that are named like secrets. */
  keepAll(what: string, value: unknown, name = ''): void {
    if (typeof value === 'string') {
      if (SECRET_NAME.test(name)) this.keep(`${what}.${name}`, value)
      return
    }
    if (typeof value !== 'object' || value === null) return
    for (const [member, inner] of Object.entries(value)) this.keepAll(what, inner, Array.isArray(value) ? name : member)
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Goes once through the main flow of every protocol and page, right and wrong, and keeps every secret on the way. */
export async function runFlows(url: string, sandbox: SandboxFile, secrets: Secrets): Promise<void> {
  const { url: _, ...credentials } = sandbox
  secrets.keepAll('sandbox', credentials)
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const answer = await send(url, path, { body: JSON.stringify(body), headers: { ...JSON_TYPE, ...headers } })
    secrets.keepAll(path, answer.body)
    return answer
  }
  const admin = (path: string, body: unknown, expected = 201) =>
    post(`/admin/v1${path}`, body, {
      authorization: `Bearer ${sandbox.operator.api_key}`,
      'idempotency-key': randomUUID(),
    }).then((answer) => {
      assert.equal(answer.status, expected, `${path}: ${answer.text}`)
      return answer.body
    })

  await runOauth(url, sandbox, secrets, post)
  const party = await admin('/parties', { kind: 'business', name: 'Log keeper' })
  await admin('/clients', { party_id: party.id, name: 'Log client', scopes: ['balance'] })
  await admin('/webhooks', { party_id: party.id, url: 'http://127.0.0.1:9/hook', topics: ['*'] })
  await runCards(url, sandbox, secrets, admin)
  await runJackpotAndPledg(url, sandbox, secrets, post)
  await runPeople(url, sandbox, secrets)
}

type Post = (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>

async function runOauth(url: string, { clients, people }: SandboxFile, secrets: Secrets, post: Post): Promise<void> {
  const { gateway, merchant } = clients
  const known = { client_id: gateway.client_id, client_secret: gateway.client_secret }
  const { body: pair } = await post('/oauth/token', { grant_type: 'client_credentials', ...known })
  const till = createCaller(url, {
    id: gateway.client_id,
    signingSecret: gateway.signing_secret,
    token: pair.access_token,
  })
  const payment = { endpoint: 'payments', target: 'us:8301234567:USD', amount: '5.00', currency: 'USD' }
  await till.done('/bank:gateway:USD/payments', { ...payment, nonce: randomUUID() })
  await till.raw('/bank:gateway:USD/payments', '{"payload":{"amount":', {})
  await send(url, `/bank:gateway:USD?access_token=${pair.access_token}`)
  await post('/oauth/token', { grant_type: 'refresh_token', refresh_token: pair.refresh_token, ...known })
  await post('/oauth/token', { ...known, grant_type: 'client_credentials', client_secret: 'bfs_a-guess-that-is-wrong' })
  secrets.keep('guess', 'bfs_a-guess-that-is-wrong')
  await post('/oauth/introspect', { token: pair.access_token, ...known })

  const owner = people[0] as SandboxFile['people'][0]
  const person = createPerson(url)
  const redirect = 'http://127.0.0.1:5000/callback'
  const asked = {
    response_type: 'code',
    client_id: merchant.client_id,
    redirect_uri: redirect,
    scope: 'balance',
    state: `state-${randomUUID()}`,
  }
  secrets.keep('state', asked.state)
  const landed = await person.decide(await person.open(asked, owner))
  const code = landed.searchParams.get('code') as string
  secrets.keep('authorization code', code)
  const redeem = { client_id: merchant.client_id, client_secret: merchant.client_secret, redirect_uri: redirect }
  await post('/oauth/token', { grant_type: 'authorization_code', code, ...redeem })
  // Again: its family ends, and the log says so.
  await post('/oauth/token', { grant_type: 'authorization_code', code, ...redeem })
}

async function runCards(
  url: string,
  { tillo, walleo }: SandboxFile,
  secrets: Secrets,
  admin: (path: string, body: unknown, expected?: number) => Promise<Answer['body']>,
): Promise<void> {
  const partner = { apiKey: tillo.api_key, secret: tillo.secret }
  const wish = { brand: 'sync-open-code-uk', face_value: { amount: '10.00', currency: 'GBP' }, sector: 'marketplace' }
  const issue = (more: object) =>
    callTillo(url, partner, 'POST', 'digital/issue', { client_request_id: randomUUID(), ...wish, ...more })
  const issued = await issue({ delivery_method: 'code', fulfilment_by: 'partner' })
  assert.equal(issued.status, 200, issued.text)
  secrets.keepAll('tillo', issued.json)
  secrets.keepAll('tillo', (await issue({ delivery_method: 'url', fulfilment_by: 'partner' })).json)
  await callTillo(url, { ...partner, secret: 'wrong-secret-of-tillo' }, 'GET', 'brands')
  const pair = { apiKey: walleo.api_key, identifier: walleo.identifier, sharedKey: walleo.shared_key }
  const bought = await callWalleo(
    url,
    pair,
    'POST',
    '/cards',
    { card: { gift_card_code: 'IKEAFR', amount: 25 } },
    { requestId: randomUUID() },
  )
  assert.equal(bought.status, 200, bought.text)
  secrets.keepAll('walleo', bought.body)
  const found = await admin('/cards/find', { code: issued.json.data.code }, 200)
  await admin(`/cards/${(found.items?.[0] ?? found).id}/reveal`, { reason: 'test' }, 200)
}

async function runJackpotAndPledg(url: string, { jackpot, pledg }: SandboxFile, secrets: Secrets, post: Post) {
  const assertion = makeToken(jackpot.api_signature, claimsV2({ userId: 'user-of-a-log-1234' }))
  secrets.keep('jackpot assertion', assertion)
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id: jackpot.api_key }
  const session = await post('/v2/token', { ...grant, assertion })
  assert.equal(session.status, 200, session.text)
  await post('/v2/token', {
    grant_type: 'client_credentials',
    client_id: jackpot.api_key,
    client_secret: jackpot.client_secret,
  })
  const stores = (await send(url, '/v2/stores', { headers: { apikey: jackpot.api_key } })).body
  const [store] = stores.filter((one: { offers: unknown[] }) => one.offers.length > 0)
  const path = `/v2/stores/${store.id}/offers/${store.offers[0].id}/reserve-voucher-by-price`
  const bearer = { authorization: `Bearer ${session.body.access_token}` }
  const reserved = await post(path, { price: 100 }, bearer)
  await post(`/v2/voucher/${reserved.body.id}/confirm`, {}, bearer)

  const data = {
    merchantUid: pledg.merchant_uid,
    amountCents: 10_000,
    email: 'customer-of-a-log@shop.example',
    firstName: 'Ada',
    lastName: 'Moreno',
    reference: `order-${randomUUID()}`,
    title: 'Two chairs',
    redirectUrl: 'http://127.0.0.1:9/thanks',
    cancelUrl: 'http://127.0.0.1:9/basket',
  }
  const signature = signPledg({ data }, pledg.merchant_secret)
  secrets.keep('pledg signature', signature)
  const link = await post(`/api/purchase_link/?signature=${signature}`, {})
  assert.equal(link.status, 201, link.text)
  await send(url, new URL(link.body.url).pathname)
  await send(url, '/api/token', {
    body: 'grant_type=client_credentials',
    headers: {
      authorization: `Basic ${btoa(`${pledg.api_key}:${pledg.api_secret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  })
}

async function runPeople(url: string, { people }: SandboxFile, secrets: Secrets): Promise<void> {
  const { email, password } = people[1] as SandboxFile['people'][0]
  const visitor = createVisitor(url)
  const enter = async (given: string) => visitor.submit(await visitor.open('/sign-in'), { email, password: given })
  await enter('a password that is wrong')
  secrets.keep('wrong password', 'a password that is wrong')
  assert.equal((await enter(password)).status, 200)
  const asked = await visitor.open('/account/security/totp')
  const shown = await visitor.submit(asked, { password })
  const totp = secretIn(shown.html)
  secrets.keep('totp secret', totp)
  secrets.keep('totp set-up', hiddenIn(shown.html).setup)
  const done = await visitor.submit(shown, { code: codeOf(totp) })
  for (const [code] of done.html.matchAll(/\b[a-z0-9]{4}(?:-[a-z0-9]{4}){2,}\b/gi)) secrets.keep('recovery code', code)
  for (const [name, value] of visitor.cookies) secrets.keep(`cookie ${name}`, value)
  const stranger = createVisitor(url)
  await stranger.submit(await stranger.open('/recover'), { email })
  for (const [name, value] of stranger.cookies) secrets.keep(`cookie ${name}`, value)
}
