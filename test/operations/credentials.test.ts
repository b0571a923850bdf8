import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { verifyApiKey } from '../../src/credentials/api-key.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'
import { createApiKey } from '../../src/operations/create-api-key.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { createSignIn } from '../../src/operations/create-sign-in.ts'
import { disableClient } from '../../src/operations/disable-client.ts'
import { OperationRefusal } from '../../src/operations/input.ts'
import { revokeApiKey } from '../../src/operations/revoke-api-key.ts'
import { rotateClientSecret } from '../../src/operations/rotate-client-secret.ts'
import { rotateSigningSecret } from '../../src/operations/rotate-signing-secret.ts'
import { findSignIn } from '../../src/storage/parties.ts'
import { createTestDatabase } from '../support/database.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let deps: Parameters<typeof createClient>[0] & Parameters<typeof createSignIn>[0] & Parameters<typeof createParty>[0]
let partyId: string

before(async () => {
  database = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  deps = { db: database.db, keyring, passwords: createPasswords(), clock: Date.now }
  partyId = (await createParty(deps, { kind: 'business', name: ' Tienda Ñandú ' })).id
})
after(() => database.drop())

const refusal = (code: string, field: string) => (error: unknown) =>
  error instanceof OperationRefusal && error.code === code && error.field === field

const nobody = '00000000-0000-4000-8000-000000000000'

test('a confidential client gets both secrets once, a public one none', async () => {
  const till = await createClient(deps, {
    id: 'till',
    partyId,
    name: 'Till',
    scopes: ['payments', 'payments', 'balance'],
  })
  assert.match(String(till.clientSecret), /^bfs_/)
  assert.match(String(till.signingSecret), /^bfh_/)
  const browser = await createClient(deps, {
    partyId,
    name: 'Shop',
    public: true,
    scopes: ['balance'],
    redirectUris: ['https://shop.example/cb?x=1', 'http://localhost:3000/', 'http://127.0.0.1/cb', 'http://[::1]:9/cb'],
  })
  assert.equal(browser.clientSecret, null)
  assert.equal(browser.signingSecret, null)
  assert.match(browser.id, /^bfc_/)
  const [row] = await database.db.query<{ scopes: string[] }>(`select scopes from client where id = 'till'`)
  assert.deepEqual(row?.scopes, ['payments', 'balance'])
})

test('wrong clients are refused with the member that is wrong', async () => {
  const good = { partyId, name: 'x', scopes: ['balance'] }
  await createClient(deps, { ...good, id: 'taken' })
  await assert.rejects(createClient(deps, { ...good, id: 'taken' }), refusal('already_exists', 'id'))
  await assert.rejects(createClient(deps, { ...good, id: 'a b' }), refusal('invalid_input', 'id'))
  await assert.rejects(createClient(deps, { ...good, name: '  ' }), refusal('invalid_input', 'name'))
  await assert.rejects(createClient(deps, { ...good, scopes: [] }), refusal('invalid_input', 'scopes'))
  await assert.rejects(createClient(deps, { ...good, scopes: ['openid'] }), refusal('invalid_input', 'scopes'))
  await assert.rejects(createClient(deps, { ...good, partyId: nobody }), refusal('not_found', 'party_id'))
  await assert.rejects(createClient(deps, { ...good, partyId: 'x' }), refusal('not_found', 'party_id'))
  for (const uri of [
    'http://shop.example/cb',
    'https://shop.example/cb#f',
    'https://shop.example/cb#',
    'https://user@shop.example/cb',
    'javascript:alert(1)',
    '/cb',
    'http://localhost.evil.example/',
  ])
    await assert.rejects(
      createClient(deps, { ...good, redirectUris: [uri] }),
      refusal('invalid_input', 'redirect_uris'),
      uri,
    )
})

test('secrets rotate for confidential clients only, and unknown clients are not found', async () => {
  const { id, clientSecret, signingSecret } = await createClient(deps, { partyId, name: 'x', scopes: ['balance'] })
  assert.notEqual((await rotateClientSecret(deps, { id })).clientSecret, clientSecret)
  assert.notEqual((await rotateSigningSecret(deps, { id })).signingSecret, signingSecret)
  const browser = await createClient(deps, { partyId, name: 'x', public: true, scopes: ['balance'] })
  for (const client of [browser.id, 'nobody']) {
    await assert.rejects(rotateClientSecret(deps, { id: client }), refusal('not_found', 'id'))
    await assert.rejects(rotateSigningSecret(deps, { id: client }), refusal('not_found', 'id'))
  }
  await disableClient(deps, { id })
  await disableClient(deps, { id })
  await assert.rejects(disableClient(deps, { id: 'nobody' }), refusal('not_found', 'id'))
})

test('a sign-in keeps the address in lower case and the password as a hash', async () => {
  await createSignIn(deps, { partyId, email: ' Ana@Example.com ', password: 'a long password' })
  const row = await findSignIn(database.db, 'ana@example.com')
  assert.match(String(row?.password_hash), /^\$argon2id\$/)
  assert.equal(row?.operator, false)
  const again = { partyId, email: 'ANA@example.com', password: 'another password' }
  await assert.rejects(createSignIn(deps, again), refusal('already_exists', 'email'))
  await assert.rejects(createSignIn(deps, { ...again, email: 'ana' }), refusal('invalid_input', 'email'))
  await assert.rejects(createSignIn(deps, { ...again, password: 'short' }), refusal('invalid_input', 'password'))
  const unknown = { ...again, email: 'b@example.com', partyId: nobody }
  await assert.rejects(createSignIn(deps, unknown), refusal('not_found', 'party_id'))
})

test('a party is a person or a business with a name', async () => {
  const [row] = await database.db.query<{ name: string }>('select name from party where id = $1', [partyId])
  assert.equal(row?.name, 'Tienda Ñandú')
  await assert.rejects(createParty(deps, { kind: 'robot' as 'person', name: 'x' }), refusal('invalid_input', 'kind'))
  await assert.rejects(createParty(deps, { kind: 'person', name: '' }), refusal('invalid_input', 'name'))
})

test('an API key proves its party until it is revoked, and is an operator’s while the party is one', async () => {
  const { id, apiKey } = await createApiKey(deps, { partyId, name: 'ci', scopes: ['wallets:write', 'wallets:write'] })
  const principal = await verifyApiKey(deps, `Bearer ${apiKey}`)
  assert.deepEqual(principal, { keyId: id, partyId, operator: false, scopes: new Set(['wallets:write']) })
  await createSignIn(deps, { partyId, email: 'op@example.com', password: 'a long password', operator: true })
  assert.equal((await verifyApiKey(deps, `bearer ${apiKey}`)).operator, true)
  await revokeApiKey(deps, { id })
  await revokeApiKey(deps, { id })
  await assert.rejects(verifyApiKey(deps, `Bearer ${apiKey}`), TokenRefusal)
  await assert.rejects(revokeApiKey(deps, { id: nobody }), refusal('not_found', 'id'))
  await assert.rejects(createApiKey(deps, { partyId, name: 'x', scopes: [] }), refusal('invalid_input', 'scopes'))
  const rows = JSON.stringify(await database.db.query<object>(`select *, encode(key_hash, 'escape') from api_key`))
  assert.ok(!rows.includes(apiKey.slice(4)))
})

test('what is no API key of ours is refused', async () => {
  const { apiKey } = await createApiKey(deps, { partyId, name: 'x', scopes: ['all'] })
  await assert.rejects(verifyApiKey(deps, ''), (error) => error instanceof TokenRefusal && error.missing)
  for (const header of [
    apiKey,
    `Basic ${apiKey}`,
    `Bearer ${apiKey}x`,
    `Bearer ${apiKey.slice(0, -1)}`,
    'Bearer eyJ.a.b',
    `Bearer bfk_${'A'.repeat(43)}`,
  ])
    await assert.rejects(verifyApiKey(deps, header), TokenRefusal, header)
})
