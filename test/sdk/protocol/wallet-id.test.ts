import assert from 'node:assert/strict'
import test from 'node:test'
import { base58 } from '@scure/base'
import fc from 'fast-check'
import { encodeBase58 } from '#sdk/protocol/base58.ts'
import { WalletIdError } from '#sdk/protocol/errors.ts'
import {
  explicitIdPattern,
  formatWalletId,
  isExplicitId,
  isOpaqueId,
  normaliseWalletId,
  opaqueIdPattern,
  opaqueWalletId,
  parseWalletId,
  walletIdFromPath,
} from '#sdk/protocol/wallet-id.ts'
import { opaqueWalletId as opaqueOnServer } from '../../../src/domain/wallet-id.ts'
import vectors from '../../vectors/webwallet.json' with { type: 'json' }

for (const { explicit, opaque } of vectors.walletIds) {
  test(`the opaque id of ${explicit} is ${opaque}`, async () => {
    assert.equal(await opaqueWalletId(explicit), opaque)
    assert.ok(isOpaqueId(opaque))
    assert.ok(!isExplicitId(opaque))
  })
}

test('base58 agrees with another implementation, leading zeros included', () => {
  fc.assert(
    fc.property(fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 40 }), (zeros, rest) => {
      const bytes = Uint8Array.from([...new Array<number>(zeros).fill(0), ...rest])
      assert.equal(encodeBase58(bytes), base58.encode(bytes))
    }),
    { numRuns: 4096 },
  )
})

const parts = fc.record(
  {
    namespace: fc.stringMatching(/^[a-z]{2,32}$/),
    number: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    currency: fc.stringMatching(/^[A-Z0-9]{2,12}$/),
  },
  { noNullPrototype: true },
)

test('ids in any case have one spelling, one opaque id, and survive the way through a path', async () => {
  await fc.assert(
    fc.asyncProperty(parts, async (id) => {
      const explicit = formatWalletId(id)
      assert.deepEqual(parseWalletId(explicit), id)
      const shouted = `${id.namespace.toUpperCase()}:${id.number}:${id.currency.toLowerCase()}`
      assert.equal(normaliseWalletId(shouted), explicit)
      assert.equal(walletIdFromPath(encodeURIComponent(shouted)), explicit)
      assert.match(encodeURIComponent(shouted), new RegExp(`^${explicitIdPattern}$`))
      const opaque = await opaqueWalletId(explicit)
      assert.equal(opaque, opaqueOnServer(explicit))
      assert.match(opaque, new RegExp(`^${opaqueIdPattern}$`))
      assert.equal(normaliseWalletId(opaque), opaque)
    }),
    { numRuns: 500 },
  )
})

test('a number keeps its leading zeros and its case', () => {
  assert.deepEqual(parseWalletId('JP:01234567890:jpy'), { namespace: 'jp', number: '01234567890', currency: 'JPY' })
  assert.equal(normaliseWalletId('Club:Ab-01_x.9:pts'), 'club:Ab-01_x.9:PTS')
})

const refused = [
  '',
  'us',
  'us:1',
  'us:1:USD:',
  ':us:1:USD',
  'us::USD',
  'u:1:USD',
  'us:1:U',
  'us:1 :USD',
  'us:1/2:USD',
  'us:١٢٣:USD',
  'us:1:USD\n',
  ' us:1:USD',
  'u1:1:USD',
  'ıs:1:USD',
  'us:1:ſSD',
  'us:1%3AUSD',
  'us:1:ABCDEFGHIJKLM',
  '..',
  '0OIl'.repeat(6),
  '1'.repeat(19),
  '1'.repeat(29),
  `${'a'.repeat(33)}:1:USD`,
  `us:${'1'.repeat(65)}:USD`,
]

for (const text of refused) {
  test(`${JSON.stringify(text)} is no wallet id`, () => {
    for (const read of [normaliseWalletId, parseWalletId])
      assert.throws(() => read(text), new WalletIdError('A wallet id reads namespace:number:currency'))
    assert.ok(!isExplicitId(text) && !isOpaqueId(text))
  })
}

test('an opaque id has no parts', () => {
  assert.throws(() => parseWalletId('1'.repeat(28)), WalletIdError)
})

test('opaque ids are believed by their alphabet, not by a length of 28', () => {
  for (const length of [20, 26, 27, 28]) assert.ok(isOpaqueId('1'.repeat(length)))
})
