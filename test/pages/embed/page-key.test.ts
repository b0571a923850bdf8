import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { createKeyring } from '../../../src/credentials/keyring.ts'
import { openPageKey, type PageKey, sealPageKey } from '../../../src/pages/embed/page-key.ts'

const keyring = createKeyring([randomBytes(32)])
const key: PageKey = {
  session: 'ab'.repeat(32),
  voucher: '0198c0de-0000-7000-8000-000000000000',
  partner: '0198c0de-0000-7000-8000-000000000001',
  host: 'https://a-shop-with-a-long-name.example:8443',
  language: 'fr',
  expiresAt: 1_800_000_000_000,
}

test('a key says what was put into it, in letters of a path', () => {
  const text = sealPageKey(keyring, key)
  assert.match(text, /^[A-Za-z0-9_-]{100,600}$/)
  assert.deepEqual(openPageKey(keyring, text), key)
})

test('what was altered, sealed for something else or by somebody else, and plain nonsense open nothing', () => {
  const text = sealPageKey(keyring, key)
  const other = sealPageKey(createKeyring([randomBytes(32)]), key)
  const elsewhere = keyring
    .seal(JSON.stringify(Object.values(key)), 'client:gateway:signing_secret')
    .toString('base64url')
  for (const wrong of [
    other,
    elsewhere,
    text.slice(0, -8),
    `${text.slice(0, 150)}AAAA${text.slice(154)}`,
    '',
    'a'.repeat(200),
  ])
    assert.equal(openPageKey(keyring, wrong), null)
})
