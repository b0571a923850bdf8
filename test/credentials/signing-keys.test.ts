import assert from 'node:assert/strict'
import { createHash, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import test, { after, before, beforeEach } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createSigningKeys, KEY_LEAD_MS, rotateSigningKeys } from '../../src/credentials/signing-keys.ts'
import { TRANSACTION_TOKEN_MAX_MS } from '../../src/credentials/transaction-token.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const NOW = 1_800_000_000_000
const keyring = createKeyring([randomBytes(32)])
const time = { now: NOW, elapsed: 0 }
const clocks = { clock: () => time.now, monotonic: () => time.elapsed }

let world: TestDatabase
before(async () => {
  world = await createTestDatabase()
})
beforeEach(async () => {
  await world.db.query('delete from signing_key')
  time.now = NOW
  time.elapsed = 0
})
after(() => world.drop())

const db = () => world.db
const start = () => createSigningKeys({ db: db(), keyring, ...clocks })
const rotate = () => rotateSigningKeys({ db: db(), keyring, clock: clocks.clock })

test('sixteen servers that start together make one key, and sign and publish by it', async () => {
  const servers = await Promise.all(Array.from({ length: 16 }, start))
  const [row, ...more] = await db().query<{ kid: string; private_jwk: Buffer; active_at: Date }>(
    'select * from signing_key',
  )
  assert.ok(row && more.length === 0)
  for (const keys of servers) {
    const { kid, key } = keys.signer()
    assert.equal(kid, row.kid)
    const [jwk, ...others] = keys.published()
    assert.ok(jwk && others.length === 0)
    const { x, y } = jwk
    assert.deepEqual(jwk, { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' })
    assert.equal(
      kid,
      createHash('sha256')
        .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
        .digest('base64url'),
    )
    const code = sign('sha256', Buffer.from('x'), key)
    const found = keys.find(kid)
    assert.ok(found && !(found instanceof Promise))
    assert.ok(verify('sha256', Buffer.from('x'), found, code))
    assert.ok(verify('sha256', Buffer.from('x'), createPublicKey({ key: jwk, format: 'jwk' }), code))
    const [own] = keys.privateJwks()
    assert.deepEqual(own, { ...jwk, d: own?.d })
    assert.ok(own && !row.private_jwk.includes(own.d), 'sealed at rest')
  }
  assert.equal(row.active_at.getTime(), NOW)
  await assert.rejects(
    createSigningKeys({ db: db(), keyring: createKeyring([randomBytes(32)]), ...clocks }),
    /BILLFOLD_KEY/,
  )
  assert.equal(keyring.open(row.private_jwk, `signing-key:${row.kid}`).includes('"d"'), true)
})

test('a new key is published at once, signs when its time has come, and the old one is kept while its tokens live', async () => {
  const keys = await start()
  const first = keys.signer().kid
  const key = keys.signer().key
  assert.equal(await keys.reload(), false, 'nothing changed')
  assert.equal(keys.signer().key, key, 'a key that is open is not opened again')
  const jwks = keys.privateJwks()
  assert.equal(keys.privateJwks(), jwks)
  time.now += 1_000
  const second = await rotate()
  assert.equal(await keys.reload(), true)
  assert.equal(await keys.reload(), false)
  assert.deepEqual(
    keys.published().map(({ kid }) => kid),
    [second, first],
  )
  assert.deepEqual(
    keys.privateJwks().map(({ kid }) => kid),
    [first, second],
  )
  assert.notEqual(keys.privateJwks(), jwks)
  assert.equal(keys.published()[0]?.kid, second, 'the newest first, whoever signs')
  time.now += KEY_LEAD_MS - 1
  assert.equal(keys.signer().kid, first)
  time.now += 1
  assert.equal(keys.signer().kid, second)
  assert.deepEqual(
    keys.privateJwks().map(({ kid }) => kid),
    [second, first],
  )
  const order = keys.privateJwks()
  assert.equal(keys.privateJwks(), order, 'the same array while nothing of it changes')
  // Seven days of a transaction token, and two hours.
  time.now += TRANSACTION_TOKEN_MAX_MS + 2 * 3_600_000 - 1
  assert.equal(await keys.reload(), false)
  assert.ok(keys.find(first))
  time.now += 1
  assert.equal(await keys.reload(), true)
  assert.deepEqual(
    keys.published().map(({ kid }) => kid),
    [second],
  )
  assert.equal(keys.privateJwks().length, 1)
})

test('of two that were to come, the later one signs in its time', async () => {
  const keys = await start()
  const first = keys.signer().kid
  await rotate()
  time.now += 10_000
  const third = await rotate()
  await keys.reload()
  assert.equal(keys.published().length, 3)
  time.now = NOW + KEY_LEAD_MS - 1
  assert.equal(keys.signer().kid, first)
  time.now = NOW + KEY_LEAD_MS + 10_000
  assert.equal(keys.signer().kid, third)
})

test('when every key was retired the newest signs on', async () => {
  const keys = await start()
  time.now += 1_000
  const second = await rotate()
  time.now += KEY_LEAD_MS
  await db().query('update signing_key set retired_at = $1', [new Date(time.now)])
  await keys.reload()
  time.now += 1
  assert.equal(keys.signer().kid, second)
})

test('with a clock that stands before every key the server signs all the same', async () => {
  const keys = await start()
  time.now = NOW - 60_000
  assert.equal(keys.signer().kid, keys.published()[0]?.kid)
})

test('a key of another server is found, and names that nobody has cost a query in five seconds', async () => {
  const keys = await start()
  const second = await rotate()
  assert.equal(keys.find(second), undefined, 'asked a moment ago')
  time.elapsed = 4_999
  assert.equal(keys.find(second), undefined)
  time.elapsed = 5_000
  const found = keys.find(second)
  assert.ok(found instanceof Promise)
  assert.deepEqual((await found)?.export({ format: 'jwk' }).x, keys.published().find(({ kid }) => kid === second)?.x)
  time.elapsed = 9_999
  assert.equal(keys.find('nobody'), undefined)
  time.elapsed = 10_000
  assert.equal(await keys.find('nobody'), undefined)
  assert.equal(keys.find('nobody'), undefined)
})
