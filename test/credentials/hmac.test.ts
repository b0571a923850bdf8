import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTextMac } from '../../src/credentials/hmac.ts'

const mac = (key: Uint8Array, text: string) => createTextMac(createSecretKey(key), 'base64url')(text)
const library = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest('base64url')

// RFC 4231 section 4: those whose data are texts.
for (const [name, key, text, hex] of [
  ['1', Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    '2',
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '6: a key that is longer than a block',
    Buffer.alloc(131, 0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    '7: both are longer than a block',
    Buffer.alloc(131, 0xaa),
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
] as const)
  test(`RFC 4231, test case ${name}`, () => {
    assert.equal(mac(key, text), Buffer.from(hex, 'hex').toString('base64url'))
  })

test('any key and any text have the code that the library gives them', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      (key, texts) => {
        const secret = createSecretKey(key)
        const [made, hex] = [createTextMac(secret, 'base64url'), createTextMac(secret, 'hex')]
        for (const text of texts) {
          assert.equal(made(text), library(key, text))
          assert.equal(hex(text), createHmac('sha256', key).update(text).digest('hex'))
        }
      },
    ),
  )
})

test('texts around the longest that the scratch takes have it too, whatever their characters take', () => {
  const key = Buffer.from('secret')
  for (const character of ['a', 'é', '€', '\ud800', '😀'])
    for (const length of [2_720, 2_729, 2_730, 2_731, 2_732, 8_192, 70_000])
      assert.equal(mac(key, character.repeat(length)), library(key, character.repeat(length)))
})

test('two keys that are used in turn do not meet', () => {
  const [one, other] = [Buffer.from('one'), Buffer.from('other')]
  const [a, b] = [createTextMac(createSecretKey(one), 'base64url'), createTextMac(createSecretKey(other), 'base64url')]
  for (const text of ['long enough to leave something behind', '', 'short'])
    assert.deepEqual([a(text), b(text), a(text)], [library(one, text), library(other, text), library(one, text)])
})
