import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasskeyChallenges } from '../../src/credentials/passkey-challenge.ts'

describe('the challenge of a passkey', () => {
  const world = { now: 1_000_000 }
  const [old, young] = [randomBytes(32), randomBytes(32)]
  const of = (...keys: Buffer[]) => createPasskeyChallenges({ keyring: createKeyring(keys), clock: () => world.now })
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

  test('is read for what and for whom it was made, by every server that has the key', () => {
    world.now = 1_000_000
    const challenge = text(of(old).make('sign-in', 'form'))
    const read = of(young, old).read('sign-in', 'form', challenge)
    assert.deepEqual(read, { hash: createHash('sha256').update(challenge).digest(), expiresAt: 1_300_000 })
    assert.equal(of(old).read('confirm', 'form', challenge), null)
    assert.equal(of(old).read('sign-in', 'other', challenge), null)
    assert.equal(of(young).read('sign-in', 'form', challenge), null)
  })

  test('is over after five minutes', () => {
    world.now = 1_000_000
    const challenge = text(of(old).make('sign-in', 'form'))
    world.now = 1_299_999
    assert.ok(of(old).read('sign-in', 'form', challenge))
    world.now = 1_300_000
    assert.equal(of(old).read('sign-in', 'form', challenge), null)
  })

  test('is another each time, and none when a bit of it differs', () => {
    const bytes = of(old).make('register', 'form')
    assert.equal(bytes.length, 56)
    assert.notDeepEqual(bytes, of(old).make('register', 'form'))
    for (const at of [0, 7, 8, 23, 24, 55]) {
      const changed = new Uint8Array(bytes)
      changed[at] = (changed[at] as number) ^ 1
      assert.equal(of(old).read('register', 'form', text(changed)), null, String(at))
    }
    for (const other of ['', text(bytes.subarray(1)), text(new Uint8Array([...bytes, 0]))]) {
      assert.equal(of(old).read('register', 'form', other), null)
    }
  })
})
