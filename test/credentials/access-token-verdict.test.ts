import assert from 'node:assert/strict'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import test, { describe } from 'node:test'
import { createAccessTokenVerifier, type VerifierDeps } from '../../src/credentials/access-token.ts'
import { type AccessTokenClaims, signAccessToken } from '../../src/credentials/access-token-jwt.ts'
import type { ClientState } from '../../src/credentials/client-states.ts'
import type { ConsentState } from '../../src/credentials/consent-states.ts'
import { type Principal, reaches } from '../../src/credentials/principal.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'

// What is made of a token and of what is known of it at the moment; where that knowledge comes from, access-token.test.ts tries.

const ISSUER = 'https://wallet.example'
const NOW = 1_800_000_000_000
const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const token = (claims: Partial<AccessTokenClaims> = {}) =>
  signAccessToken({ kid: 'k', key }, ISSUER, {
    jti: 'j',
    subject: 's',
    clientId: 'c',
    scopes: ['balance', 'payments'],
    family: 'f',
    wallets: new Set([1n, 2n]),
    walletNames: ['us:1:USD', 'us:2:USD'],
    audience: ISSUER,
    issuedAt: NOW,
    expiresAt: NOW + 600_000,
    ...claims,
  })

const client: ClientState = {
  id: 'c',
  partyId: 'p',
  name: 'Till',
  public: false,
  disabled: false,
  secretHash: null,
  signingKey: createSecretKey(Buffer.from('secret')),
  redirectUris: [],
  scopes: new Set(['balance', 'payments', 'refunds']),
  implicit: false,
  revision: '1',
}
const consent: ConsentState = {
  clientId: 'c',
  partyId: 's',
  scopes: new Set(['balance', 'payments']),
  wallets: new Set([1n, 2n, 3n]),
  expiresAt: null,
  revision: '1',
}

/** A verifier with all that it knows in plain sight. */
function world() {
  const known = {
    clients: new Map<string, ClientState>([['c', client]]),
    consents: new Map<string, ConsentState>([['o', consent]]),
    revoked: new Set<string>(),
    checked: 0,
    spent: [] as string[],
    /** what has to be waited for */
    slow: new Set<'keys' | 'revocations' | 'revoked' | 'client' | 'consent'>(),
  }
  const cache = <V>(name: 'client' | 'consent', values: Map<string, V>) => ({
    get: (id: string) => (known.slow.has(name) ? Promise.resolve(values.get(id) ?? null) : (values.get(id) ?? null)),
    forget: () => {},
  })
  const keys = {
    find(kid: string) {
      known.checked += 1
      const found = kid === 'k' ? publicKey : undefined
      return known.slow.has('keys') ? Promise.resolve(found) : found
    },
  }
  const verify = createAccessTokenVerifier({
    issuer: ISSUER,
    audiences: new Set([ISSUER]),
    keys,
    clients: cache('client', known.clients),
    consents: cache('consent', known.consents),
    revocations: {
      ready: () => (known.slow.has('revocations') ? Promise.resolve() : undefined),
      has(jti: string, family: string | null) {
        const revoked = known.revoked.has(jti) || (family !== null && known.revoked.has(family))
        return known.slow.has('revoked') ? Promise.resolve(revoked) : revoked
      },
      add: () => {},
    },
    proofs: {
      verify: async (header: string, target: object) => ({
        jkt: header,
        spend: async () => void known.spent.push(JSON.stringify(target)),
      }),
    },
    capacity: 10,
  } as unknown as VerifierDeps)
  const at = (text: string, now = NOW) => verify(`Bearer ${text}`, now) as Principal
  return { known, verify, at }
}

async function refuses(run: () => unknown, code: string, message: RegExp) {
  await assert.rejects(
    async () => run(),
    (error) => {
      assert.ok(error instanceof TokenRefusal, String(error))
      assert.equal(error.code, code)
      assert.match(error.message, message)
      return true
    },
  )
}

describe('a token', () => {
  test('is answered at once, and proves who, for whom, what and where', () => {
    const { at } = world()
    assert.deepEqual(at(token()), {
      clientId: 'c',
      clientParty: 'p',
      subject: 's',
      scopes: new Set(['balance', 'payments']),
      wallets: new Set([1n, 2n]),
      public: false,
      scheme: 'Bearer',
      signingKey: client.signingKey,
      expiresAt: NOW + 600_000,
    })
  })

  test('without wallets of its own reaches those that its party has, and under a consent none but the consent’s', () => {
    const { at } = world()
    const all = { wallets: null, walletNames: '*' as const }
    const whole = at(token(all))
    const wallet = { id: 5n, partyId: 's', kept: false }
    assert.ok(reaches(whole, wallet))
    // Its client's party is another, and accounts that are kept are nobody's.
    for (const other of [{ partyId: 'p' }, { partyId: 'x' }, { kept: true }])
      assert.ok(!reaches(whole, { ...wallet, ...other }), JSON.stringify(other))
    const named = at(token())
    assert.deepEqual(
      [1n, 2n, 5n].map((id) => reaches(named, { ...wallet, id })),
      [true, true, false],
    )
    assert.ok(!reaches(at(token({ ...all, consent: 'o' })), wallet))
  })

  test('is checked once, and its principal made anew when what it was made of is another', () => {
    const { at, known } = world()
    const text = token({ consent: 'o' })
    const first = at(text)
    assert.equal(at(text), first)
    assert.equal(known.checked, 1)
    known.clients.set('c', { ...client, scopes: new Set(['balance']), public: true })
    const second = at(text)
    assert.deepEqual([second.scopes, second.public], [new Set(['balance']), true])
    assert.equal(at(text), second)
    known.consents.set('o', { ...consent, wallets: new Set([2n, 9n]) })
    const third = at(text)
    assert.deepEqual(third.wallets, new Set([2n]))
    assert.equal(at(text), third)
    assert.equal(known.checked, 1)
  })

  test('waits for whatever is not known yet, and says the same then', async () => {
    const quick = world().at(token({ consent: 'o', wallets: null, walletNames: '*' }))
    for (const part of ['keys', 'revocations', 'revoked', 'client', 'consent'] as const) {
      const { verify, known } = world()
      known.slow.add(part)
      const answer = verify(`Bearer ${token({ consent: 'o', wallets: null, walletNames: '*' })}`, NOW)
      assert.ok(answer instanceof Promise, part)
      assert.deepEqual(await answer, quick, part)
    }
  })

  test('that is waited for is refused for the same reasons', async () => {
    for (const part of ['keys', 'revocations', 'revoked', 'client'] as const) {
      const { at, known } = world()
      known.slow.add(part)
      known.revoked.add('f')
      await refuses(() => at(token()), 'invalid_token', /was revoked/)
    }
  })

  test('is refused once it, its family, its client or its consent is ended', async () => {
    for (const revoked of ['j', 'f']) {
      const { at, known } = world()
      const text = token()
      at(text)
      known.revoked.add(revoked)
      await refuses(() => at(text), 'invalid_token', /was revoked/)
    }
    const { at, known } = world()
    known.clients.set('c', { ...client, disabled: true })
    await refuses(() => at(token()), 'invalid_token', /may no longer use/)
    known.clients.delete('c')
    await refuses(() => at(token()), 'invalid_token', /may no longer use/)
  })

  test('under a consent is good for its client, its owner and its time', async () => {
    for (const change of [{ clientId: 'other' }, { partyId: 'other' }, { expiresAt: NOW }, null]) {
      const { at, known } = world()
      if (change) known.consents.set('o', { ...consent, ...change })
      else known.consents.delete('o')
      await refuses(() => at(token({ consent: 'o' })), 'invalid_token', /withdrawn the consent/)
    }
    const { at, known } = world()
    known.consents.set('o', { ...consent, scopes: new Set(['payments', 'refunds']), expiresAt: NOW + 1 })
    const { scopes, wallets } = at(token({ consent: 'o', wallets: new Set([2n, 3n, 4n]) }))
    assert.deepEqual([scopes, wallets], [new Set(['payments']), new Set([2n, 3n])])
  })

  test('ends at its second, also when it was seen before', async () => {
    const { at } = world()
    const text = token()
    assert.ok(at(text, NOW + 599_999))
    await refuses(() => at(text, NOW + 600_000), 'invalid_token', /has expired/)
  })

  test('is remembered no more when many others came', () => {
    const { at, known } = world()
    for (let i = 0; i < 30; i++) at(token({ jti: String(i) }))
    assert.equal(known.checked, 30)
    at(token({ jti: 'again' }))
    assert.equal(known.checked, 31)
  })
})

describe('an Authorization header', () => {
  test('is one scheme, one blank and one token, of 8 KiB at most', async () => {
    const { verify } = world()
    const text = token()
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) assert.ok(verify(`${scheme} ${text}`, NOW))
    const say = (header: string) => () => verify(header, NOW)
    for (const header of [
      text,
      'Bearer',
      ` Bearer ${text}`,
      `Basic ${text}`,
      `Bearer\t${text}`,
      `Bearer${text}`,
      'Bearerx',
      'dpop1',
      ' x',
    ])
      await refuses(say(header), 'invalid_request', /must be: Bearer or DPoP/)
    await refuses(say('Bearer '.padEnd(8_193, 'x')), 'invalid_request', /too long/)
    await refuses(say('Bearer '.padEnd(8_192, 'x')), 'invalid_token', /not an access token/)
    await refuses(say(`Bearer  ${text}`), 'invalid_token', /not an access token/)
    const missing = await Promise.resolve()
      .then(say(''))
      .catch((error: unknown) => error)
    assert.ok(missing instanceof TokenRefusal && missing.missing && missing.code === 'invalid_token')
    const wrong = await Promise.resolve()
      .then(say('x'))
      .catch((error: unknown) => error)
    assert.ok(wrong instanceof TokenRefusal && !wrong.missing)
  })
})

describe('a bound token', () => {
  const request = { method: 'POST', path: '/us:1:USD/payments', headers: { dpop: 't' } }
  const bound = token({ jkt: 't' })

  test('is good with the proof of its key, which is used up last', async () => {
    const { verify, known } = world()
    for (const scheme of ['DPoP', 'dpop']) {
      const principal = await verify(`${scheme} ${bound}`, NOW, request)
      assert.equal(principal.scheme, 'DPoP')
    }
    const target = JSON.stringify({ method: 'POST', path: '/us:1:USD/payments', accessToken: bound })
    assert.deepEqual(known.spent, [target, target])
    known.revoked.add('j')
    await refuses(() => verify(`DPoP ${bound}`, NOW, request), 'invalid_token', /was revoked/)
    assert.equal(known.spent.length, 2)
  })

  test('is refused without a proof, and with one of another key', async () => {
    const { verify, known } = world()
    const say = (with_?: typeof request | { method: string; path: string; headers: object }) => () =>
      verify(`DPoP ${bound}`, NOW, with_)
    for (const headers of [{}, { dpop: '' }])
      await refuses(say({ ...request, headers }), 'invalid_dpop_proof', /needs the proof/)
    await refuses(say(), 'invalid_dpop_proof', /needs the proof/)
    await refuses(say({ ...request, headers: { dpop: 'other' } }), 'invalid_token', /of another key/)
    assert.deepEqual(known.spent, [])
  })

  test('is none to bear, and one that is not bound gains nothing by the scheme', async () => {
    const { verify } = world()
    await refuses(() => verify(`Bearer ${bound}`, NOW, request), 'invalid_token', /is bound to a key/)
    await refuses(() => verify(`DPoP ${token()}`, NOW, request), 'invalid_token', /is not bound to a key/)
    // Refused is not remembered.
    await refuses(() => verify(`Bearer ${bound}`, NOW, request), 'invalid_token', /is bound to a key/)
  })
})
