import assert from 'node:assert/strict'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { createPurchase } from '../../../src/operations/purchases/create-purchase.ts'
import { creditPurchase } from '../../../src/operations/purchases/credit-purchase.ts'
import { findMerchant, type Merchant } from '../../../src/storage/merchants.ts'
import { findPurchase, type Purchase } from '../../../src/storage/purchases.ts'
import { findWallet, type Wallet } from '../../../src/storage/wallets.ts'
import type { Body, createHarness } from './harness.ts'

/** Asks every route about merchants and purchases at least once so that it answers. */
export async function visitMerchants({ deps, send }: Awaited<ReturnType<typeof createHarness>>): Promise<void> {
  const party = (await send('POST', '/parties', { kind: 'business', name: 'Corner Café' })).body.id
  const open = async (id: string, lower: number | null) => {
    await send('POST', '/wallets', { id, party_id: party, lower })
    return (await findWallet(deps.db, id)) as Wallet
  }
  await open('shop:corner:EUR', 0)
  await open('financing:corner:EUR', null)
  const payer = await open('be:corner:EUR', -500)
  const company: Body = (await send('POST', '/companies', { party_id: party, name: 'Corner Cafés' })).body
  await send('GET', '/companies')
  const wish = { party_id: party, name: 'Corner Café', wallet: 'shop:corner:EUR', company: company.uid }
  const plans = [{ name: '3x', kind: 'instalments', parts: 3 }]
  const made: Body = (await send('POST', '/merchants', { ...wish, financing: 'financing:corner:EUR', plans })).body
  const path = `/merchants/${made.uid}`
  await send('GET', '/merchants')
  await send('GET', path)
  await send('PATCH', path, { link_seconds: 3600 })
  await send('POST', `${path}/plans`, { name: 'later', kind: 'deferred', days: 30, max_amount: '99.50' })
  await send('DELETE', `${path}/plans/later`)
  await send('POST', `${path}/secret`)
  const key: Body = (await send('POST', `${path}/keys`, { of: 'merchant' })).body
  await send('POST', `${path}/keys`, { of: 'company' })
  await send('DELETE', `${path}/keys/${key.id}`)
  await send('GET', `${path}/keys`)

  const merchant = (await findMerchant(deps.db, { uid: made.uid })) as Merchant
  const purchases = { ...deps, sandbox: true }
  const order = { reference: 'order-1', amount: 10_000n, title: 'Coffee', details: {} }
  const created = await createPurchase(purchases, { merchant, wish: order, via: 'link' })
  assert.ok('purchase' in created)
  const { purchase } = created
  const accepted = await acceptPurchase(purchases, {
    purchase,
    merchant,
    partyId: party,
    wallet: payer,
    plan: '3x',
    key: 'k',
  })
  assert.ok(accepted.accepted)
  const paid = (await findPurchase(deps.db, { id: purchase.id })) as Purchase
  assert.ok((await creditPurchase(purchases, { purchase: paid, merchant, amount: 5_000n, actor: 'test' })).done)
  await send('GET', `${path}/purchases?limit=1`)
  await send('GET', `${path}/purchases/${purchase.uid}`)
  await send('POST', `${path}/disable`)
}
