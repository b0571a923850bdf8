import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importJackpotKey, signJackpotToken } from '#sdk/jackpot/signing.ts'
import { importPledgKey, signPledgRequest } from '#sdk/pledg/signing.ts'
import { importSigningKey, signEnvelope } from '#sdk/protocol/envelope.ts'
import { importTilloKey, signTilloRequest } from '#sdk/tillo/signing.ts'
import { decodeWalleoKey, importWalleoKey, signWalleoRequest } from '#sdk/walleo/signing.ts'
import { apiDocuments } from '../../src/api-documents.ts'
import { API_NAMES, type ApiName } from '../../src/openapi/names.ts'
import { createCollection } from '../../src/openapi/postman/create-collection.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../support/server.ts'
import { createRunner, itemNamed, itemsOf } from './postman.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

const collectionOf = async (name: ApiName) => createCollection(name, await apiDocuments[name](), PUBLIC_URL)
const payloadOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

test('each collection is of the format v2.1, has every call, and holds no credential', async () => {
  for (const name of API_NAMES) {
    const collection = await collectionOf(name)
    assert.match(collection.info.schema, /v2\.1\.0\/collection\.json$/)
    const calls = itemsOf(collection)
    assert.ok(calls.length >= 8, name)
    for (const { request } of calls) assert.ok(request.url.raw.startsWith('{{baseUrl}}/'), request.url.raw)
    const names = new Set(collection.variable.map(({ key }) => key))
    const used = [...JSON.stringify(collection.item).matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key as string)
    const made = new Set(['signature', 'initializationToken'])
    assert.deepEqual(
      used.filter((key) => !names.has(key) && !made.has(key)),
      [],
      name,
    )
    for (const { key, value } of collection.variable) assert.ok(!/secret|key|token/i.test(key) || value === '', key)
  }
})

test('WebWallet: the envelope is the SDK’s, and funds a wallet', async () => {
  const {
    client_id: clientId,
    client_secret: clientSecret,
    signing_secret: signingSecret,
  } = server.sandbox.clients.gateway
  const collection = await collectionOf('webwallet')
  const runner = createRunner(collection, { clientId, clientSecret, signingSecret })
  assert.equal((await runner.run(itemNamed(collection, 'Get an access token'), server.url)).answer.status, 200)
  const { sent, answer } = await runner.run(
    itemNamed(collection, 'Moves money from a gateway’s wallet to this one'),
    server.url,
  )
  assert.equal(answer.status, 200, answer.text)
  const { payload } = JSON.parse(sent.body as string)
  assert.equal(sent.body, await signEnvelope(payload, await importSigningKey(signingSecret)))
})

test('Walleo: the header is the SDK’s, with a body and without, and buys a card', async () => {
  const { api_key: apiKey, identifier, shared_key: sharedKey } = server.sandbox.walleo
  const collection = await collectionOf('walleo')
  const runner = createRunner(collection, { apiKey, identifier, sharedKey })
  decodeWalleoKey(sharedKey)
  for (const name of [
    'Buys a card at once: with an id of yours',
    'What is for sale',
    'One gift card of the catalogue',
  ]) {
    const { sent, answer } = await runner.run(itemNamed(collection, name), server.url)
    assert.equal(answer.status, 200, answer.text)
    const time = Number(/Timestamp=(\d+)/.exec(sent.headers.authorization ?? '')?.[1])
    const request = {
      method: sent.method,
      url: sent.url,
      body: sent.body === undefined ? undefined : JSON.parse(sent.body),
    }
    const signed = await signWalleoRequest(request, { apiKey, identifier, key: await importWalleoKey(sharedKey) }, time)
    assert.equal(sent.headers.authorization, signed.headers.authorization)
    assert.equal(sent.body, signed.body)
  }
})

test('Tillo: the signature is the SDK’s, with a body and without, and buys a card', async () => {
  const { api_key: apiKey, secret } = server.sandbox.tillo
  const collection = await collectionOf('tillo')
  const runner = createRunner(collection, { apiKey, secret })
  for (const [name, operation] of [
    ['Sells a card at once', 'digitalIssue'],
    ['What is sold, by slug', 'brands'],
    ['What became of such orders', 'physicalOrderStatus'],
    ['Orders a card that comes later', 'digitalOrderCard'],
  ] as const) {
    const { sent, answer } = await runner.run(itemNamed(collection, name), server.url)
    assert.equal(answer.status, 200, answer.text)
    const body = sent.body === undefined ? undefined : JSON.parse(sent.body)
    const key = await importTilloKey(secret)
    const signed = await signTilloRequest({ operation, body }, { apiKey, key }, Number(sent.headers.timestamp))
    assert.equal(sent.headers.signature, signed.signature)
  }
})

test('Pledg: the signature is the SDK’s and makes a link; key and secret make a token', async () => {
  const { api_key, api_secret, merchant_uid, merchant_secret: merchantSecret, company_uid } = server.sandbox.pledg
  const collection = await collectionOf('pledg')
  const runner = createRunner(collection, {
    apiKey: api_key,
    apiSecret: api_secret,
    merchantUid: merchant_uid,
    companyUid: company_uid,
    merchantSecret,
  })
  for (const name of ['A link for one person to pay by', 'A payment by transfer, which the person still confirms']) {
    const { sent, answer } = await runner.run(itemNamed(collection, name), server.url)
    assert.equal(answer.status, 201, answer.text)
    const token = new URL(sent.url).searchParams.get('signature') as string
    assert.equal(token, await signPledgRequest(payloadOf(token), await importPledgKey(merchantSecret)))
    runner.write('merchant', merchant_uid)
    runner.write('purchase', answer.body.uid)
  }
  assert.equal(
    (await runner.run(itemNamed(collection, 'Key and secret for a token of ten minutes'), server.url)).answer.status,
    200,
  )
  const { answer } = await runner.run(itemNamed(collection, 'What became of a purchase'), server.url)
  assert.equal(answer.status, 200, answer.text)
})

test('Jackpot: the initialization token is the SDK’s and opens a session, which lists stores', async () => {
  const { api_key: apiKey, api_signature: apiSignature, client_secret: clientSecret } = server.sandbox.jackpot
  const collection = await collectionOf('jackpot')
  const runner = createRunner(collection, { apiKey, apiSignature, clientSecret })
  for (const name of [
    'Opens a session of one person, or of the partner’s own machine: of one person',
    'Opens a session by the first version’s token',
  ]) {
    const { sent, answer } = await runner.run(itemNamed(collection, name), server.url)
    assert.equal(answer.status, 200, answer.text)
    const said = JSON.parse(sent.body as string)
    const token = said.assertion ?? said.initializationToken
    assert.equal(token, await signJackpotToken(payloadOf(token), await importJackpotKey(apiSignature)))
  }
  const machine = itemNamed(
    collection,
    'Opens a session of one person, or of the partner’s own machine: of the machine',
  )
  assert.equal((await runner.run(machine, server.url)).answer.status, 200)
  const { answer } = await runner.run(itemNamed(collection, 'What each store gives for an amount'), server.url)
  assert.equal(answer.status, 200, answer.text)
  assert.ok(answer.body.length > 0)
})

test('authorization server and admin API: what Postman sends by itself is taken', async () => {
  const { client_id: clientId, client_secret: clientSecret } = server.sandbox.clients.merchant
  const oauth = await collectionOf('oauth')
  const runner = createRunner(oauth, { clientId, clientSecret })
  for (const name of ['Gives an access token for a grant: for itself', 'Gives an access token for a grant: again']) {
    const item = itemNamed(oauth, name)
    const { answer } = await runner.run({ ...item, request: { ...item.request } }, server.url)
    assert.equal(answer.status, 200, answer.text)
  }
  const admin = await collectionOf('admin')
  const { answer } = await createRunner(admin, { apiKey: server.sandbox.operator.api_key }).run(
    itemNamed(admin, 'List parties'),
    server.url,
  )
  assert.equal(answer.status, 200, answer.text)
})
