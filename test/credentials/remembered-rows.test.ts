import assert from 'node:assert/strict'
import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import test, { after, before, describe } from 'node:test'
import { createClientOrigins } from '../../src/credentials/client-origins.ts'
import { createClientStates, signingSecretContext } from '../../src/credentials/client-states.ts'
import { createConsentStates } from '../../src/credentials/consent-states.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPartnerKeys } from '../../src/credentials/partner-keys.ts'
import { secretMatches } from '../../src/credentials/secrets.ts'
import { type CreateClientInput, createClient } from '../../src/operations/create-client.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { disableClient } from '../../src/operations/disable-client.ts'
import { createCredential, createPartner } from '../../src/operations/gift-cards/create-partner.ts'
import { rotateSigningSecret } from '../../src/operations/rotate-signing-secret.ts'
import { markConsentRevoked, upsertConsent } from '../../src/storage/consents.ts'
import { disablePartner, revokeCredential, updateCredentialAddresses } from '../../src/storage/partners.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

// What a process remembers of rows: each is asked for again after five seconds, and is another object only when the row is another.

const keyring = createKeyring([randomBytes(32)])
const time = { now: 0 }
const monotonic = () => time.now
const later = () => {
  time.now += 5_001
}

let world: TestDatabase
let deps: { db: TestDatabase['db']; keyring: typeof keyring; clock: () => number; monotonic: typeof monotonic }
let partyId: string
before(async () => {
  world = await createTestDatabase()
  deps = { db: world.db, keyring, clock: Date.now, monotonic }
  partyId = (await createParty(deps, { kind: 'business', name: 'Café Río' })).id
})
after(() => world.drop())

const client = (input: Partial<CreateClientInput> = {}) =>
  createClient(deps, { partyId, name: 'Till', scopes: ['balance', 'payments'], ...input })

/** The same secret gives the same code. */
const mac = (key: KeyObject | string | Uint8Array) => createHmac('sha256', key).update('x').digest('hex')

describe('a client', () => {
  test('is what its row says, with the key of its signing secret made ready', async () => {
    const states = createClientStates(deps)
    const made = await client({ redirectUris: ['https://shop.example/cb'] })
    const state = await states.get(made.id)
    assert.ok(state)
    const { signingKey, secretHash, revision: _, ...rest } = state
    assert.deepEqual(rest, {
      id: made.id,
      partyId,
      name: 'Till',
      public: false,
      disabled: false,
      redirectUris: ['https://shop.example/cb'],
      scopes: new Set(['balance', 'payments']),
      implicit: false,
    })
    assert.equal(mac(signingKey as KeyObject), mac(made.signingSecret as string))
    assert.ok(secretMatches(made.clientSecret as string, secretHash as Buffer))
    assert.equal(signingSecretContext('a'), 'client:a:signing_secret')
    assert.equal(await states.get('nobody'), null)
  })

  test('that is public has no secrets', async () => {
    const made = await client({ public: true, redirectUris: ['https://shop.example/cb'] })
    const state = await createClientStates(deps).get(made.id)
    assert.deepEqual([state?.public, state?.signingKey, state?.secretHash], [true, null, null])
  })

  test('is the same object until anything of its row is another', async () => {
    const states = createClientStates(deps)
    const { id } = await client()
    const { id: other } = await createParty(deps, { kind: 'business', name: 'Other' })
    let last = await states.get(id)
    const change = async (set: string, value: unknown) =>
      world.db.query(`update client set ${set} where id = $1 and $2::text is not null`, [id, value])
    const next = async () => {
      later()
      return states.get(id)
    }
    assert.equal(await next(), last)
    const changes: [string, unknown][] = [
      [`name = $2`, 'Another'],
      [`party_id = $2::uuid`, other],
      [`secret_hash = sha256($2::text::bytea)`, 'x'],
      [`redirect_uris = array[$2]`, 'https://shop.example/other'],
      [`scopes = array[$2]`, 'balance'],
      [`implicit = true`, ''],
      [`disabled_at = clock_timestamp()`, ''],
      [`disabled_at = null`, ''],
    ]
    for (const [set, value] of changes) {
      await change(set, value)
      const now = await next()
      assert.notEqual(now, last, set)
      last = now
    }
    await rotateSigningSecret(deps, { id })
    const rotated = await next()
    assert.notEqual(mac(rotated?.signingKey as KeyObject), mac(last?.signingKey as KeyObject))
    await disableClient(deps, { id })
    assert.deepEqual([(await next())?.disabled, rotated?.disabled, rotated?.partyId], [true, false, other])
    assert.deepEqual([rotated?.implicit, rotated?.name, [...(rotated?.scopes ?? [])]], [true, 'Another', ['balance']])
  })
})

describe('a consent', () => {
  test('is what the owner allows now, and none once it is withdrawn', async () => {
    const states = createConsentStates(deps)
    const { id: clientId } = await client()
    const { id: owner } = await createParty(deps, { kind: 'person', name: 'Ana' })
    for (const [id, number] of [
      [71n, '7100'],
      [72n, '7200'],
      [73n, '7300'],
    ] as const) {
      await world.db.query(
        `insert into wallet (id, namespace, number, currency, opaque_id, party_id) values ($1, 'us', $2, 'USD', $3, $4)`,
        [id, number, `opaque${id}`, owner],
      )
    }
    const at = new Date()
    const consent = { id: '0190a000-0000-7000-8000-000000000001', clientId, partyId: owner, at }
    const give = (scopes: string[], walletIds: bigint[], expiresAt: Date | null) =>
      upsertConsent(world.db, { ...consent, scopes, walletIds, expiresAt })
    const { id } = consent
    assert.equal(await states.get(id), null)
    await give(['balance', 'payments'], [71n, 72n, 999n], null)
    const first = await states.get(id)
    assert.deepEqual(first && { ...first, revision: '' }, {
      clientId,
      partyId: owner,
      scopes: new Set(['balance', 'payments']),
      wallets: new Set([71n, 72n]),
      expiresAt: null,
      revision: '',
    })
    later()
    assert.equal(await states.get(id), first)
    let last = first
    const end = new Date(Date.now() + 60_000)
    for (const [scopes, wallets, expiresAt] of [
      [['balance'], [71n, 72n], null],
      [['balance'], [71n], null],
      [['balance'], [71n], end],
      [['balance'], [73n], end],
    ] as const) {
      await give([...scopes], [...wallets], expiresAt)
      later()
      const now = await states.get(id)
      assert.notEqual(now, last)
      assert.deepEqual([now?.scopes, now?.wallets], [new Set(scopes), new Set(wallets)])
      assert.equal(now?.expiresAt, expiresAt?.getTime() ?? null)
      last = now
    }
    assert.ok(await markConsentRevoked(world.db, { id, partyId: owner, at }))
    later()
    assert.equal(await states.get(id), null)
  })
})

describe('a partner’s key', () => {
  const bytes = (text: string) => Buffer.from(text, 'hex')
  const credential = async (protocol: 'walleo' | 'tillo', addresses: string[] = []) => {
    const partner = await createPartner(deps, { partyId, slug: `p${randomBytes(6).toString('hex')}`, live: true })
    return { partner, ...(await createCredential(deps, partner, protocol, addresses)) }
  }

  test('is found by the API key, for its protocol alone, with the secret made ready', async () => {
    const find = createPartnerKeys(deps, 'walleo', bytes)
    const { partner, id, apiKey, secret, identifier } = await credential('walleo')
    const found = await find(apiKey)
    assert.ok(found)
    assert.deepEqual([found.credentialId, found.partner, found.identifier], [id, partner, identifier])
    assert.equal(mac(found.key), mac(bytes(secret)))
    assert.equal(mac((await createPartnerKeys(deps, 'walleo', Buffer.from)(apiKey))?.key as KeyObject), mac(secret))
    for (const wrong of ['', `${apiKey}x`, apiKey.slice(1), id]) assert.equal(await find(wrong), null, wrong)
    assert.equal(await createPartnerKeys(deps, 'tillo', bytes)(apiKey), null)
  })

  test('without addresses is good from everywhere, with them from those alone, a change within five seconds', async () => {
    const find = createPartnerKeys(deps, 'tillo', bytes)
    const { id, apiKey } = await credential('tillo')
    const anywhere = await find(apiKey)
    assert.deepEqual(
      ['192.0.2.1', '2001:db8::1'].map((one) => anywhere?.allows(one)),
      [true, true],
    )
    await updateCredentialAddresses(world.db, id, ['192.0.2.0/24'])
    assert.equal(await find(apiKey), anywhere)
    later()
    const fenced = await find(apiKey)
    assert.deepEqual(
      ['192.0.2.1', '192.0.3.1', ''].map((one) => fenced?.allows(one)),
      [true, false, false],
    )
    assert.equal(fenced?.key, anywhere?.key, 'the same secret is not made a key again')
  })

  test('of another secret is another', async () => {
    const find = createPartnerKeys(deps, 'tillo', bytes)
    const { id, apiKey } = await credential('tillo')
    const before = await find(apiKey)
    const sealed = keyring.seal('00ff', `partner_credential:${id}`)
    await world.db.query('update partner_credential set secret = $2 where id = $1', [id, sealed])
    later()
    const after = await find(apiKey)
    assert.equal(mac(after?.key as KeyObject), mac(Buffer.of(0, 255)))
    assert.notEqual(before?.key, after?.key)
  })

  test('is none once it is revoked, or its partner disabled', async () => {
    const find = createPartnerKeys(deps, 'tillo', bytes)
    const [one, two] = [await credential('tillo'), await credential('tillo')]
    assert.ok((await find(one.apiKey)) && (await find(two.apiKey)))
    assert.ok(await revokeCredential(world.db, one.id))
    await disablePartner(world.db, two.partner.id)
    later()
    assert.deepEqual([await find(one.apiKey), await find(two.apiKey)], [null, null])
  })

  test('keeps no time of its own but the process’s', async () => {
    const find = createPartnerKeys({ db: world.db, keyring }, 'tillo', bytes)
    const { apiKey } = await credential('tillo')
    const found = await find(apiKey)
    assert.ok(found)
    assert.equal(find(apiKey), found)
  })
})

describe('the origin of a page', () => {
  test('may call when an enabled public client comes back to it, and no other', async () => {
    await world.db.query('delete from client where redirect_uris <> $1', [[]])
    const origins = createClientOrigins(deps)
    const shown = await client({
      public: true,
      redirectUris: [
        'https://app.example/back?x=y',
        'https://app2.example:443/',
        'https://app3.example:8443/',
        'http://localhost:3000/cb',
        'http://[::1]:9/cb',
        'https://localhost:4000/cb',
      ],
    })
    await client({ redirectUris: ['https://server.example/'] })
    assert.equal(await origins.allows('https://app.example'), true)
    for (const origin of [
      'https://app2.example',
      'https://app3.example:8443',
      'http://localhost:3000',
      'http://localhost:5173',
      'http://localhost',
      'http://[::1]:7777',
    ]) {
      assert.equal(origins.allows(origin), true, origin)
    }
    for (const origin of [
      '',
      'null',
      'https://server.example',
      'https://evil.example',
      'http://app.example',
      'https://app.example:444',
      'https://localhost:4001',
      'https://app.example/',
      'https://app.example/back',
      'https://app2.example:443',
      'HTTPS://app.example',
      'https://app3.example',
      'https://app3.example:8444',
      'https://localhost:3000',
      'http://127.0.0.1:3000',
      'http://localhost.evil.example:3000',
      'app.example',
      'file:///app.example',
      'xhttps://app.example',
      'https-x://app.example',
    ]) {
      assert.equal(origins.allows(origin), false, origin)
    }
    await disableClient(deps, { id: shown.id })
    assert.equal(origins.allows('https://app.example'), true)
    later()
    assert.equal(await origins.allows('https://app.example'), false)
  })

  test('that no page has does not cause a query', () => {
    const db = { query: () => assert.fail('the database was asked') }
    const { allows } = createClientOrigins({ db, monotonic })
    for (const origin of ['', 'null', 'https://app.example/', 'ftp://app.example', 'https://app.example:443'])
      assert.equal(allows(origin), false, origin)
  })
})
