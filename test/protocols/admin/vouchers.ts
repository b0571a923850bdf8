import assert from 'node:assert/strict'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { findSession } from '../../../src/operations/jackpot/find-session.ts'
import { findJackpotCaller, openSession } from '../../../src/operations/jackpot/open-session.ts'
import { refundVoucher } from '../../../src/operations/jackpot/refund-voucher.ts'
import { reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import { findPartner, type Partner } from '../../../src/storage/partners.ts'
import { createGiftShop } from './gift-cards.ts'
import type { Body, Harness } from './harness.ts'

/** A partner with a Jackpot account and a store with an offer, and a voucher that is asked back of a store that decides itself. */
export async function createVoucherShop(harness: Harness, slug: string) {
  const shop = await createGiftShop(harness, slug)
  const account = await shop.made(`/partners/${slug}/jackpot`, { currency: 'EUR', allowed_domains: ['shop.example'] })
  const brand = await shop.brand({ slug: `${slug}-store`, codes: { jackpot: `${slug}-store` } })
  const offer = await shop.made(`/brands/${slug}-store/offers`, { kind: 'bonus', rate: '10' })
  const { gift } = harness.deps
  const partner = (await findPartner(harness.db, { slug })) as Partner
  let keys = 0

  const shopWith = {
    ...shop,
    account,
    brand,
    offer,
    async ready(): Promise<string> {
      const caller = await findJackpotCaller(gift, { partner, credentialId: account.credential_id })
      assert.ok(caller)
      const key = `${slug}-${keys++}`
      const claims = { amount: 100, iat: 0, notificationKey: key }
      const opened = await openSession(gift, { caller, claims, signed: Buffer.from(key).toString('base64url') })
      assert.ok('token' in opened)
      const session = await findSession(gift, opened.token)
      assert.ok(session)
      const wish = { session, storeId: brand.id, offerId: offer.id, by: 'value', amount: 5_000n } as const
      const reserved = await reserveVoucher(gift, wish)
      assert.ok('voucher' in reserved)
      const ask = { voucherId: reserved.voucher.id, partner }
      await confirmVoucher(gift, ask)
      return reserved.voucher.id
    },
    async refunding(): Promise<string> {
      const voucherId = await shopWith.ready()
      await refundVoucher(gift, { voucherId, partner })
      return voucherId
    },
  }
  return shopWith
}

/** Visits every route about vouchers with success. */
export async function visitVouchers(harness: Harness): Promise<void> {
  const shop = await createVoucherShop(harness, 'voucher-visitor')
  const visit = async (method: string, path: string, body?: unknown): Promise<Body> => {
    const answer = await harness.send(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const voucher = await shop.refunding()
  await visit('GET', '/partners/voucher-visitor/jackpot')
  await visit('PATCH', '/partners/voucher-visitor/jackpot', {
    notification_url: 'https://shop.example/notices',
    confirmation: 'automatic',
  })
  await visit('POST', '/partners/voucher-visitor/jackpot/client-secret')
  await visit('GET', '/partners/voucher-visitor/vouchers')
  await visit('GET', `/vouchers/${voucher}`)
  await visit('POST', `/vouchers/${voucher}/refund`, { accept: true })
  await visit('GET', '/brands/voucher-visitor-store/offers')
  await visit('DELETE', `/brands/voucher-visitor-store/offers/${shop.offer.id}`)
}
