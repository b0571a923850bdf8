import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before, describe } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import {
  checkAnswer,
  checkCreation,
  creationOptions,
  makePasskeyHandle,
  requestOptions,
} from '../../src/credentials/passkey.ts'
import { hashRecoveryCode, makeRecoveryCodes } from '../../src/credentials/recovery-codes.ts'
import { createSecondFactor, type FactorProof, usePasskey } from '../../src/credentials/second-factor.ts'
import { makeTotpSecret, totpContext } from '../../src/credentials/totp.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { insertPasskey, keepPasskeyHandle } from '../../src/storage/passkeys.ts'
import { insertTotp, replaceRecoveryCodes } from '../../src/storage/second-factors.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { codeOf } from '../support/factors.ts'
import { type Authenticator, createAuthenticator, type Oddity, ORIGIN, RP_ID } from './authenticator.ts'

const BIND = 'the form of this browser'
const site = { rpId: RP_ID, origins: [ORIGIN] }
const scope = { bind: BIND, site }
const keyring = createKeyring([randomBytes(32)])
const factor = createSecondFactor({ keyring, clock: Date.now })
const { challenges } = factor

let world: TestDatabase
before(async () => {
  world = await createTestDatabase()
})
after(() => world.drop())

const text = (challenge: Uint8Array) => Buffer.from(challenge).toString('base64url')
const toRegister = (bind = BIND) => text(challenges.make('register', bind))
const toConfirm = (bind = BIND) => text(challenges.make('confirm', bind))

/** Somebody with a sign-in, whose passkeys say `handle`. */
async function person() {
  const email = `ana-${randomBytes(4).toString('hex')}@example.com`
  const { id } = await createParty({ db: world.db, clock: Date.now }, { kind: 'person', name: 'Ana' })
  await world.db.query(`insert into sign_in (email, party_id, password_hash) values ($1, $2, 'none')`, [email, id])
  const handle = makePasskeyHandle()
  await keepPasskeyHandle(world.db, email, handle)
  return { email, handle }
}

/** {@link person} with a passkey that was added. */
async function keyed(counter = 0) {
  const authenticator = createAuthenticator()
  const { email, handle } = await person()
  const made = await checkCreation(challenges, authenticator.create(toRegister(), { counter }), scope)
  assert.ok(made)
  assert.ok(await insertPasskey(world.db, { ...made.key, email, name: 'Telephone' }))
  return { email, handle, authenticator }
}

describe('a new passkey', () => {
  const create = (odd: Oddity = {}, authenticator: Authenticator = createAuthenticator(), challenge = toRegister()) =>
    checkCreation(challenges, authenticator.create(challenge, odd), scope)

  test('is kept with its public key, its count, and what it says of itself', async () => {
    for (const alg of ['ES256', 'EdDSA'] as const) {
      const authenticator = createAuthenticator(alg)
      const challenge = toRegister()
      const made = await create({ counter: 7, transports: ['internal', 'hybrid'] }, authenticator, challenge)
      assert.deepEqual(made?.key, {
        id: authenticator.id,
        public_key: authenticator.publicKey,
        counter: 7,
        transports: 'internal hybrid',
        backed_up: false,
      })
      assert.deepEqual(made?.challenge, challenges.read('register', BIND, challenge))
    }
    assert.equal((await create({ flags: 1 | 4 | 8 | 16 }))?.key.backed_up, true)
    assert.equal((await create())?.key.transports, '')
  })

  test('names eight ways to be reached at most, in words that fit a page', async () => {
    const odd = ['', 'UP', 'a b', '<i>', 'x'.repeat(21), 'é']
    const good = ['x'.repeat(20), 'usb', 'nfc', 'ble', 'smart-card', 'cable', 'hybrid', 'internal', 'more']
    const made = await create({ transports: [...odd, ...good] })
    assert.equal(made?.key.transports, good.slice(0, 8).join(' '))
  })

  test('is none when the browser was on another page, or the finger was not asked for', async () => {
    for (const odd of [
      { origin: 'https://pay.example.evil.example' },
      { origin: 'http://pay.example' },
      { rpId: 'evil.example' },
      { type: 'webauthn.get' },
      { flags: 1 },
      { flags: 4 },
    ]) {
      assert.equal(await create(odd), null, JSON.stringify(odd))
    }
    assert.equal(await create({}, createAuthenticator('ES384')), null, 'an algorithm that was not asked for')
  })

  test('answers the challenge of its purpose and of its browser', async () => {
    for (const challenge of [toConfirm(), toRegister('another'), text(randomBytes(56)), '']) {
      assert.equal(await create({}, createAuthenticator(), challenge), null)
    }
  })

  test('cannot be where the server has no name, and is not made of rubbish', async () => {
    const good = createAuthenticator().create(toRegister())
    assert.equal(await checkCreation(challenges, good, { bind: BIND, site: null }), null)
    for (const wrong of [
      '',
      '{',
      'null',
      '7',
      '"x"',
      '{}',
      good.slice(1),
      `${good}${' '.repeat(20_001 - good.length)}`,
    ]) {
      assert.equal(await checkCreation(challenges, wrong, scope), null, wrong.slice(0, 20))
    }
    assert.ok(await checkCreation(challenges, `${good}${' '.repeat(20_000 - good.length)}`, scope))
  })
})

describe('what a browser is asked', () => {
  test('for a new passkey names the person and the keys that they have', async () => {
    const { email, handle, authenticator } = await keyed()
    const asked = await creationOptions(world.db, challenges, { email, name: 'Ana', handle }, { bind: BIND, site })
    const { challenge, user, rp, excludeCredentials, pubKeyCredParams, ...rest } = asked
    assert.ok(challenges.read('register', BIND, challenge))
    assert.deepEqual(user, { id: handle.toString('base64url'), name: email, displayName: 'Ana' })
    assert.deepEqual(rp, { name: 'Billfold', id: RP_ID })
    assert.deepEqual(
      excludeCredentials?.map(({ id }) => id),
      [authenticator.id],
    )
    assert.deepEqual(
      pubKeyCredParams.map(({ alg, type }) => [alg, type]),
      [-8, -7, -257].map((alg) => [alg, 'public-key']),
    )
    assert.deepEqual([rest.timeout, rest.attestation], [120_000, 'none'])
    assert.deepEqual(rest.authenticatorSelection, {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    })
  })

  test('to sign in names nobody, and asks for finger, face or PIN', () => {
    const { challenge, ...rest } = requestOptions(challenges, 'sign-in', BIND, site) as { challenge: string }
    assert.ok(challenges.read('sign-in', BIND, challenge))
    assert.deepEqual(rest, { rpId: RP_ID, timeout: 120_000, userVerification: 'required' })
  })

  test('a handle is 256 random bits', () => {
    assert.equal(makePasskeyHandle().length, 32)
    assert.notDeepEqual(makePasskeyHandle(), makePasskeyHandle())
  })
})

describe('the answer of a passkey', () => {
  const answer = (answered: string, change: object = {}) =>
    checkAnswer(world.db, challenges, answered, { ...scope, purpose: 'confirm', ...change })

  test('says whose key it is, and how far it has counted', async () => {
    const { email, handle, authenticator } = await keyed(3)
    const challenge = toConfirm()
    assert.deepEqual(await answer(authenticator.get(challenge, handle, { counter: 4 })), {
      id: authenticator.id,
      email,
      counter: 4,
      challenge: challenges.read('confirm', BIND, challenge),
    })
    assert.equal(
      await answer(authenticator.get(toConfirm(), handle, { counter: 3 })),
      null,
      'a copy of it has counted on',
    )
  })

  test('is none when anything of it is another', async () => {
    const { handle, authenticator } = await keyed()
    const other = await keyed()
    const stranger = createAuthenticator()
    for (const odd of [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { type: 'webauthn.create' },
      { flags: 1 },
      { flags: 4 },
      { spoil: true },
      { userHandle: undefined },
      { userHandle: null },
      { userHandle: 7 },
      { userHandle: '' },
      { userHandle: other.handle.toString('base64url') },
      { id: stranger.id },
      { id: other.authenticator.id },
      { id: 7 },
      { id: 'A'.repeat(1401) },
    ] as Oddity[]) {
      assert.equal(await answer(authenticator.get(toConfirm(), handle, odd)), null, JSON.stringify(odd))
    }
    assert.equal(await answer(stranger.get(toConfirm(), handle)), null, 'a key that nobody added')
    for (const challenge of [toRegister(), toConfirm('another'), text(challenges.make('sign-in', BIND)), 'AAAA']) {
      assert.equal(await answer(authenticator.get(challenge, handle)), null)
    }
    const good = () => authenticator.get(toConfirm(), handle)
    assert.equal(await answer(good(), { site: null }), null)
    assert.equal(await answer(good(), { site: { ...site, origins: [] } }), null)
    for (const wrong of ['', 'null', '7', '[]', '{}', `${good()} }`]) assert.equal(await answer(wrong), null, wrong)
    assert.ok(await answer(good()))
  })

  test('of somebody whose passkeys say nothing of their owner is none', async () => {
    const { email, handle, authenticator } = await keyed()
    await world.db.query('update sign_in set passkey_handle = null where email = $1', [email])
    assert.equal(await answer(authenticator.get(toConfirm(), handle)), null)
  })

  test('that could be none is looked up nowhere', async () => {
    const never = { query: () => assert.fail('the database was asked') }
    const { handle, authenticator } = await keyed()
    const purpose = 'confirm' as const
    for (const odd of [{ id: 7 }, { id: 'A'.repeat(1401) }]) {
      const given = authenticator.get(toConfirm(), handle, odd)
      assert.equal(await checkAnswer(never, challenges, given, { ...scope, purpose }), null)
    }
    const nowhere = { bind: BIND, site: null, purpose }
    assert.equal(await checkAnswer(never, challenges, authenticator.get(toConfirm(), handle), nowhere), null)
  })
})

describe('a second factor', () => {
  const proof = (given: Partial<FactorProof>): FactorProof => ({ code: '', passkey: '', scope, ...given })
  const check = (email: string, given: Partial<FactorProof>) => factor.check(world.db, email, proof(given))

  test('by passkey is the owner’s alone, and of sixteen uses at once one gets through', async () => {
    const { email, handle, authenticator } = await keyed()
    const other = await keyed()
    const passkey = authenticator.get(toConfirm(), handle)
    assert.equal(await check(other.email, { passkey }), null)
    assert.equal(
      await check(email, { passkey: authenticator.get(text(challenges.make('sign-in', BIND)), handle) }),
      null,
    )
    const checked = await check(email, { passkey })
    assert.ok(checked?.kind === 'passkey')
    assert.equal(checked.answer.email, email)
    const uses = await Promise.all(Array.from({ length: 16 }, () => factor.use(world.db, email, checked)))
    assert.deepEqual(uses.filter(Boolean), [true])
    // The challenge of an answer that is right is taken, though the key has not counted on.
    assert.equal(await usePasskey(world.db, checked.answer), false)
  })

  test('of a key that has counted further meanwhile is refused', async () => {
    const { email, handle, authenticator } = await keyed(5)
    const [late, early] = await Promise.all(
      [7, 6].map((counter) => check(email, { passkey: authenticator.get(toConfirm(), handle, { counter }) })),
    )
    assert.ok(late && early)
    assert.deepEqual([await factor.use(world.db, email, late), await factor.use(world.db, email, early)], [true, false])
  })

  test('by an authenticator app is a code of now, once', async () => {
    const { email } = await person()
    const secret = makeTotpSecret()
    assert.equal(await check(email, { code: codeOf(secret) }), null, 'there is no app yet')
    await insertTotp(world.db, { email, sealed: keyring.seal(secret, totpContext(email)), last_step: 0 })
    assert.equal(await check(email, { code: codeOf(secret, 10) }), null)
    const checked = await check(email, { code: codeOf(secret) })
    assert.ok(checked?.kind === 'totp')
    assert.equal(checked.step, Math.floor(Date.now() / 30_000))
    const uses = await Promise.all(Array.from({ length: 16 }, () => factor.use(world.db, email, checked)))
    assert.deepEqual(uses.filter(Boolean), [true])
    const seen = await check(email, { code: codeOf(secret) })
    assert.equal(seen && (await factor.use(world.db, email, seen)), false)
  })

  test('by a recovery code is one of the person’s own, once', async () => {
    const [{ email }, other] = [await person(), await person()]
    const [code = '', never = ''] = makeRecoveryCodes()
    await replaceRecoveryCodes(world.db, email, [hashRecoveryCode(email, code)])
    for (const wrong of [never, '', '12345', 'not a code'])
      assert.equal(await check(email, { code: wrong }), null, wrong)
    assert.equal(await check(other.email, { code }), null)
    const checked = await check(email, { code: code.toUpperCase() })
    assert.deepEqual(checked, { kind: 'recovery-code', hash: hashRecoveryCode(email, code) })
    const uses = await Promise.all(Array.from({ length: 16 }, () => factor.use(world.db, email, checked as never)))
    assert.deepEqual(uses.filter(Boolean), [true])
    assert.equal(await check(email, { code }), null)
  })
})
