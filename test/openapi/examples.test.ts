import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { apiDocuments } from '../../src/api-documents.ts'
import { operationsOf, resolve } from '../../src/openapi/document.ts'
import type { ApiName } from '../../src/openapi/names.ts'
import { createCollection } from '../../src/openapi/postman/create-collection.ts'
import { differences } from '../protocols/admin/json-schema.ts'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../support/server.ts'
import { createRunner, itemNamed, itemsOf } from './postman.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** Refusals of a validator: of what a request is, not of what it asks for. */
const OF_ITS_FORM: Record<string, RegExp> = {
  webwallet: /^(payload|envelope|json|query|body|amount|details|idempotency|endpoint|route|wallet-id|unsupported)/,
  oauth: /^(invalid_request|invalid_client|unsupported_grant_type|unsupported_response_type|invalid_scope)$/,
  walleo: /^(unauthorized|invalid_signature|invalid_request|invalid_amount|malformed_body|unsupported_media_type)$/,
  tillo: /^(070|433|434|704|712|714|721|722|723|999)$/,
  pledg: /^(invalid_request_error|authentication_error|invalid_request|invalid_client|unsupported_grant_type)$/,
  jackpot: /^(invalid_request|invalid_client|invalid_grant|unsupported_grant_type|unsupported_media_type)$/,
}

// biome-ignore lint/suspicious/noExplicitAny: refusals of every form
const codeOf = (body: any): string =>
  String(body?.payload?.error?.code ?? body?.errors?.[0]?.code ?? body?.error?.type ?? body?.error ?? body?.code ?? '')

/** Sends every request of a document; what is left open is what only another request's answer can name. */
async function sendAll(name: ApiName, values: Record<string, string>, first: readonly string[] = []) {
  const document = await apiDocuments[name]()
  const collection = createCollection(name, document, PUBLIC_URL)
  const runner = createRunner(collection, values)
  const begin = first.map((one) => itemNamed(collection, one))
  const rest = itemsOf(collection).filter((item) => !begin.includes(item))
  const calls = operationsOf(document)
  let good = 0
  for (const item of [...begin, ...rest]) {
    const { sent, answer } = await runner.run(item, server.url)
    const why = `${name} ${item.name}: ${sent.method} ${sent.url} ${answer.status} ${answer.text.slice(0, 300)}`
    assert.notEqual(answer.status, 500, why)
    // Tillo has no code of its own for an order or a printed card that is not there.
    if (!/is that of no (order|card)/.test(answer.text))
      assert.doesNotMatch(codeOf(answer.body), OF_ITS_FORM[name] as RegExp, why)
    if (answer.status < 300) good++
    const call = calls.find(
      ({ operation }) => item.name === operation.summary || item.name.startsWith(`${operation.summary}: `),
    )
    if (!call) continue
    const response = call.operation.responses[answer.status] ?? call.operation.responses.default
    assert.ok(response, `${why} is not documented`)
    const { content = {} } = resolve(document, response)
    const schema = content[String(answer.headers['content-type']).split(';')[0] as string]?.schema
    if (answer.body !== null && answer.text !== '') {
      assert.ok(schema, `${why}: ${answer.headers['content-type']}`)
      assert.deepEqual(differences(schema, answer.body, document), [], why)
    }
  }
  return { good, runner }
}

test('WebWallet: every example is taken, and its answer is what the document says', async () => {
  const { gateway, merchant } = server.sandbox.clients
  const of = ({ client_id: clientId, client_secret: clientSecret, signing_secret: signingSecret }: typeof gateway) => ({
    clientId,
    clientSecret,
    signingSecret,
  })
  const fund = await sendAll('webwallet', of(gateway), ['Get an access token'])
  assert.ok(fund.good >= 2, `${fund.good}`)
  const shop = await sendAll('webwallet', of(merchant), ['Get an access token'])
  assert.ok(shop.good >= 8, `${shop.good}`)
})

test('authorization server: every example is taken, and its answer is what the document says', async () => {
  const { client_id: clientId, client_secret: clientSecret } = server.sandbox.clients.merchant
  const { good } = await sendAll('oauth', { clientId, clientSecret }, ['Gives an access token for a grant: for itself'])
  assert.ok(good >= 7, `${good}`)
})

test('Walleo: every example is taken, and its answer is what the document says', async () => {
  const { api_key: apiKey, identifier, shared_key: sharedKey } = server.sandbox.walleo
  const { good } = await sendAll('walleo', { apiKey, identifier, sharedKey })
  assert.ok(good >= 7, `${good}`)
})

test('Tillo: every example is taken, and its answer is what the document says', async () => {
  const { api_key: apiKey, secret } = server.sandbox.tillo
  const { good } = await sendAll('tillo', { apiKey, secret })
  assert.ok(good >= 11, `${good}`)
})

test('Pledg: every example is taken, and its answer is what the document says', async () => {
  const { api_key, api_secret, merchant_uid, merchant_secret: merchantSecret, company_uid } = server.sandbox.pledg
  const keys = {
    apiKey: api_key,
    apiSecret: api_secret,
    merchantSecret,
    merchantUid: merchant_uid,
    companyUid: company_uid,
  }
  const { good } = await sendAll('pledg', { ...keys, merchant: merchant_uid, company: company_uid }, [
    'Key and secret for a token of ten minutes',
  ])
  assert.ok(good >= 5, `${good}`)
})

test('Jackpot: every example is taken, and its answer is what the document says', async () => {
  const { api_key: apiKey, api_signature: apiSignature, client_secret: clientSecret } = server.sandbox.jackpot
  const keys = { apiKey, apiSignature, clientSecret }
  const stores = await (await fetch(`${server.url}/v2/stores`, { headers: { apikey: apiKey } })).json()
  const store = stores.find(({ slug }: { slug: string }) => slug === 'maison-verte')
  const places = { storeId: store.id, offerId: store.offers[0].id }
  const { good } = await sendAll('jackpot', { ...keys, ...places }, [
    'Opens a session of one person, or of the partner’s own machine: of the machine',
    'Opens a session of one person, or of the partner’s own machine: of one person',
  ])
  assert.ok(good >= 8, `${good}`)
})
