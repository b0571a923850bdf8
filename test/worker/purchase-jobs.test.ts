import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { advanceDueClock } from '../../src/operations/advance-due-clock.ts'
import { acceptPurchase } from '../../src/operations/purchases/accept-purchase.ts'
import { createPurchase } from '../../src/operations/purchases/create-purchase.ts'
import { sendPayment } from '../../src/operations/send-payment.ts'
import { findMerchant, type Merchant } from '../../src/storage/merchants.ts'
import { findPurchase, listParts, type Purchase } from '../../src/storage/purchases.ts'
import { findWallet, type Wallet } from '../../src/storage/wallets.ts'
import { startWorker } from '../../src/worker/worker.ts'
import { startSandboxServer } from '../support/server.ts'

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    if (await condition()) return
    await delay(100)
  }
  assert.fail('it never came true')
}

test('a running server, and another one beside it, collects in the sandbox what the advanced clock makes due, once', async (t) => {
  const server = await startSandboxServer()
  t.after(() => server.stop())
  const { assembly, db, sandbox } = server
  const merchant = (await findMerchant(db, { uid: sandbox.pledg.merchant_uid })) as Merchant
  const wallet = (await findWallet(db, 'be:412345678:EUR')) as Wallet
  const bank = (await findWallet(db, 'bank:gateway:EUR')) as Wallet
  const { directory, ledger, clock } = assembly
  const paying = { actor: 'test', key: 'fund', source: bank, target: wallet, amount: 10_000n }
  assert.ok((await sendPayment({ db, directory, ledger, clock }, paying)).accepted)
  const deps = assembly.purchases
  const make = async (reference: string) => {
    const wish = { reference, amount: 10_000n, title: 'Coffee', details: {} }
    const made = await createPurchase(deps, { merchant, wish, via: 'link' })
    assert.ok('purchase' in made)
    return made.purchase
  }
  const purchase = await make('sandbox-1')
  const waiting = await make('sandbox-2')
  const accepted = await acceptPurchase(deps, {
    purchase,
    merchant,
    partyId: wallet.partyId,
    wallet,
    plan: '3x',
    key: 'key',
  })
  assert.ok(accepted.accepted)
  const other = startWorker({ ...assembly, purchases: deps })
  await advanceDueClock(db, '62d')
  await eventually(async () => (await listParts(db, purchase.id)).every(({ state }) => state === 'paid'))
  await eventually(async () => ((await findPurchase(db, { id: waiting.id })) as Purchase).state === 'expired')
  await other.stop()
  assert.equal(await server.balance('be:412345678:EUR'), 0n)
  assert.equal(await server.balance('financing:sandbox:EUR'), 0n)
  assert.deepEqual(server.faults, [])
  await server.assertClean()
})
