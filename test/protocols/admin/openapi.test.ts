import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createOpenApi } from '../../../src/protocols/admin/openapi.ts'
import { adminRoutes } from '../../../src/protocols/admin/routes.ts'
import { visitCardUse } from './card-use.ts'
import { visitGiftCards } from './gift-cards.ts'
import { type Body, createHarness, type Harness } from './harness.ts'
import { differences } from './json-schema.ts'
import { visitMerchants } from './merchants.ts'
import { visitVouchers } from './vouchers.ts'
import { visitWebhooks } from './webhooks.ts'

let harness: Harness
let document: Body

before(async () => {
  harness = await createHarness()
  const response = await harness.web.request('/admin/v1/openapi.json')
  assert.equal(response.status, 200)
  document = await response.json()
})
after(() => harness.close())

const operations = () =>
  Object.entries<Body>(document.paths).flatMap(([path, item]) =>
    Object.entries<Body>(item)
      .filter(([method]) => method !== 'parameters')
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )

test('the document lists the mounted routes, all of them and no others', () => {
  const mounted = harness.web.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/admin/v1/openapi.json')
    .map(({ method, path }) => `${method} ${path.replace('/admin/v1', '').replaceAll(/:(\w+)/g, '{$1}')}`)
  assert.ok(mounted.length >= 15)
  assert.deepEqual(
    operations()
      .map(({ method, path }) => `${method} ${path}`)
      .sort(),
    mounted.sort(),
  )
})

test('every operation has a name of its own, its scope, and a parameter for each brace of its path', () => {
  const names = operations().map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  assert.ok(names.includes('postClientsByClientIdDisable'), names.join())
  const tags = document.tags.map((tag: Body) => tag.name)
  for (const { method, path, operation } of operations()) {
    assert.ok(tags.includes(operation.tags[0]), path)
    const route = adminRoutes.find((one) => one.method === method && one.path === path)
    assert.deepEqual(operation.security, [{ apiKey: [route?.scope] }])
    const inPath = (document.paths[path].parameters ?? []).map((parameter: Body) => parameter.name)
    assert.deepEqual(
      inPath,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    )
    const query = (operation.parameters ?? []).filter((parameter: Body) => parameter.in === 'query')
    for (const parameter of query)
      assert.ok(parameter.description && parameter.schema.type, `${path} ${parameter.name}`)
  }
})

test('every reference leads somewhere, and every schema and header is used', () => {
  const references = new Set([...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1]))
  const names = (['schemas', 'headers'] as const).flatMap((kind) =>
    Object.keys(document.components[kind] ?? {}).map((name) => `#/components/${kind}/${name}`),
  )
  assert.deepEqual([...references].sort(), names.sort())
})

test('the examples are what their schemas say', () => {
  let count = 0
  for (const [name, schema] of Object.entries<Body>(document.components.schemas)) {
    for (const example of schema.examples ?? []) {
      assert.deepEqual(differences(schema, example, document), [], name)
      count++
    }
  }
  assert.ok(count >= 6)
})

test('a schema of the document refuses what its route refuses', () => {
  const { CreateClient, OpenWallet } = document.components.schemas
  assert.notDeepEqual(differences(OpenWallet, { id: 'us:1:USD' }, document), [])
  assert.notDeepEqual(differences(CreateClient, { party_id: 7, name: 'x', scopes: ['all'] }, document), [])
})

test('answers of every route are what the document says', async () => {
  const { send } = harness
  const party = (await send('POST', '/parties', { kind: 'person', name: 'Ana' })).body
  const wallet = (await send('POST', '/wallets', { id: 'us:1:USD', party_id: party.id, lower: null })).body
  await send('POST', '/wallets', { id: 'us:2:KWD', party_id: party.id, parent: 'us:3:KWD' })
  const till = { id: 'till', party_id: party.id, name: 'Till', scopes: ['balance'] }
  await send('POST', '/clients', till)
  await send('POST', '/clients', { ...till, id: 'shop', public: true, redirect_uris: ['https://shop.example/'] })
  await send('PATCH', '/clients/shop', { implicit: true })
  await send('POST', `/parties/${party.id}/invitations`, { email: 'ana@example.com' })
  const key = (await send('POST', '/api-keys', { party_id: party.id, name: 'k', scopes: ['ledger:read'] })).body
  await harness.deps.ledger.submit({
    principal: 'test',
    transaction: '0197b6a0-0000-7000-8000-000000000001',
    kind: 'funds',
    payload: '{"description":"x"}',
    legs: [{ type: 'transfer', ...(await twoAccounts(wallet.id)), amount: 5n }],
    answer: () => ({ status: 0, body: '{}' }),
  })
  await visitGiftCards(harness)
  await visitCardUse(harness)
  await visitVouchers(harness)
  await visitMerchants(harness)
  await visitWebhooks(harness)
  const values: Record<string, string> = {
    party_id: party.id,
    wallet_id: 'us:1:USD',
    client_id: 'till',
    api_key_id: key.id,
  }
  for (const { method, path } of adminRoutes) {
    const concrete = path.replaceAll(/\{(\w+)\}/g, (_, name) => values[name] as string)
    await send(method, concrete, method === 'PATCH' ? { status: 'frozen' } : undefined)
  }
  const policy = { per_refill: 25, per_period: '100.00', period_seconds: 86_400 }
  await send('POST', '/wallets/us:1:USD/refill-policy', policy)
  await send('GET', '/wallets/us:1:USD/refill-policy')
  await send('GET', '/wallets/us:1:USD/balance?at=2026-01-01T00:00:00%2B02:00')
  await send('POST', '/clients', till)
  const { id: gone } = (await send('POST', '/parties', { kind: 'person', name: 'Olga' })).body
  await send('POST', `/parties/${gone}/erasure`, {})

  const met = new Set<string>()
  for (const { method, path, answer } of harness.answers) {
    const route = adminRoutes.find(
      (one) => one.method === method && patternOf(one.path).test(path.split('?')[0] as string),
    )
    const operation = document.paths[route?.path as string][method.toLowerCase()]
    const response = operation.responses[answer.status]
    assert.ok(response, `${method} ${path} answered ${answer.status}, which is not documented`)
    if (answer.status < 300) met.add(`${method} ${route?.path}`)
    const type = answer.headers.get('content-type')
    assert.deepEqual(Object.keys(response.content ?? {}), type === null ? [] : [type])
    if (type)
      assert.deepEqual(differences(response.content[type].schema, answer.body, document), [], `${method} ${path}`)
  }
  assert.deepEqual(
    operations()
      .map((one) => `${one.method} ${one.path}`)
      .filter((name) => !met.has(name)),
    [],
  )
})

test('the document is the same each time', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(createOpenApi(adminRoutes))), document)
})

async function twoAccounts(source: string): Promise<{ source: bigint; target: bigint }> {
  const { body } = await harness.send('GET', `/wallets/${source}`)
  await harness.send('POST', '/wallets', { id: 'us:9:USD', party_id: body.party_id })
  const [from, to] = [await harness.deps.directory.find(source), await harness.deps.directory.find('us:9:USD')]
  return { source: from?.id as bigint, target: to?.id as bigint }
}

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
