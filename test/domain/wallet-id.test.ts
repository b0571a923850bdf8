import assert from 'node:assert/strict'
import test from 'node:test'
import { isReservedNamespace, opaqueWalletId } from '../../src/domain/wallet-id.ts'
import vectors from '../vectors/webwallet.json' with { type: 'json' }

for (const { explicit, opaque } of vectors.walletIds) {
  test(`the opaque id of ${explicit} is ${opaque}`, () => {
    assert.equal(opaqueWalletId(explicit), opaque)
  })
}

test('no wallet can be opened in a namespace that a route uses', () => {
  const mounted =
    `oauth wallets partners api admin token purchase purchases assets interaction embed healthz readyz metrics
    cards console tools wallet docs sandbox`.split(/\s+/)
  for (const prefix of mounted) assert.ok(isReservedNamespace(prefix), prefix)
  for (const namespace of ['us', 'be', 'co', 'ae', 'jp', 'acme', 'constructor'])
    assert.ok(!isReservedNamespace(namespace), namespace)
})

test('no country is reserved', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const reserved = letters.flatMap((a) => letters.map((b) => a + b)).filter(isReservedNamespace)
  assert.deepEqual(reserved, [])
})
