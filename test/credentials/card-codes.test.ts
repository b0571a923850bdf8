import assert from 'node:assert/strict'
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  createCardHasher,
  isCardCode,
  makeCardCode,
  makeCardLink,
  makePin,
  normaliseCardCode,
} from '../../src/credentials/card-codes.ts'

const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('a code of a card', () => {
  test('has 20 signs of Crockford’s, and finds every wrong one', () => {
    const code = makeCardCode()
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{20}$/)
    assert.notEqual(makeCardCode(), code)
    assert.ok(isCardCode(code))
    for (let at = 0; at < 20; at++) {
      for (const sign of [...signs, 'U']) {
        const changed = code.slice(0, at) + sign + code.slice(at + 1)
        assert.equal(isCardCode(changed), changed === code, changed)
      }
    }
    // A sign that is none of them must not be reckoned with as if it were one below zero.
    for (const check of signs) assert.equal(isCardCode(`${'0'.repeat(18)}U${check}`), false, check)
    for (const text of ['', code.slice(1), `0${code}`, `${code}0`]) assert.equal(isCardCode(text), false)
  })

  test('has Luhn’s check symbol in base 32', () => {
    // 1 doubled is 2, and Z (31) doubled is 62, 1 and 30 in base 32, so 31: what is missing to 32.
    for (const code of [`${'0'.repeat(18)}1Y`, `${'0'.repeat(18)}Z1`, `${'0'.repeat(17)}10Z`, '0'.repeat(20)]) {
      assert.ok(isCardCode(code), code)
    }
  })

  test('is read as people type it', () => {
    assert.equal(normaliseCardCode(' ab-cd\tOoIiLl - 9'), 'ABCD0011119')
  })

  test('is found by its hash, under a key, by all who type it', () => {
    const key = Buffer.alloc(32, 1)
    const mac = (text: string) => createHmac('sha256', key).update(text).digest()
    for (const hasher of [createCardHasher(key), createCardHasher(createSecretKey(key))]) {
      assert.deepEqual(hasher.own('ab-cO'), mac('own:ABC0'))
      assert.deepEqual(hasher.ofBrand('b', ' x-y '), mac('b:x-y'))
      assert.deepEqual(hasher.key.export(), key)
    }
  })
})

test('a PIN has four digits, and a card’s page an address that nobody guesses', () => {
  for (let i = 0; i < 200; i++) assert.match(makePin(), /^\d{4}$/)
  const { link, hash } = makeCardLink()
  assert.match(link, /^[A-Za-z0-9_-]{32}$/)
  assert.deepEqual(hash, createHash('sha256').update(link).digest())
})
