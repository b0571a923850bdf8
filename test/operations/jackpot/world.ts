import assert from 'node:assert/strict'
import type { OfferTerms } from '../../../src/domain/offer.ts'
import type { CreateBrandInput } from '../../../src/operations/gift-cards/create-brand.ts'
import { findSession } from '../../../src/operations/jackpot/find-session.ts'
import { changeJackpotAccount, createJackpotAccount } from '../../../src/operations/jackpot/jackpot-account.ts'
import { createOffer } from '../../../src/operations/jackpot/offers.ts'
import { openSession } from '../../../src/operations/jackpot/open-session.ts'
import { reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import type { JackpotSession } from '../../../src/storage/jackpot-sessions.ts'
import type { Offer } from '../../../src/storage/voucher-offers.ts'
import type { VoucherRow } from '../../../src/storage/vouchers.ts'
import { createGiftWorld } from '../../support/gift-world.ts'

/** Gift cards, with a partner whose users turn amounts into vouchers. */
export async function createJackpotWorld(options: { float?: string } = {}) {
  const gift = await createGiftWorld(options)
  const { deps, db } = gift
  const config = { mode: 'sandbox' } as const
  const { account, credentialId } = await createJackpotAccount(
    { ...deps, config },
    { partner: gift.partner.slug, currency: 'EUR', notificationUrl: 'http://127.0.0.1:9/notices' },
  )
  let keys = 0
  const world = {
    ...gift,
    change: (input: Parameters<typeof changeJackpotAccount>[2]) => changeJackpotAccount({ db, config }, 'acme', input),
    async store(
      slug: string,
      offer: Partial<OfferTerms> & { rate?: string } = {},
      brand: Partial<CreateBrandInput> = {},
    ): Promise<{ brand: Brand; offer: Offer }> {
      const made = await gift.brand({ slug, codes: { jackpot: slug }, validityDays: 365, cancellable: true, ...brand })
      const { kind = 'bonus', rate = '10', rounding = 'minor', funder = 'brand' } = offer
      return { brand: made, offer: await createOffer(deps, { brand: slug, kind, rate, rounding, funder }) }
    },
    async session(
      amount = 100,
      claims: { forceManualConfirm?: boolean; userId?: string } = {},
    ): Promise<JackpotSession> {
      const key = `key-${keys++}`
      const caller = { partner: gift.partner, credentialId, account }
      const opened = await openSession(deps, {
        caller,
        claims: { amount, iat: Math.floor(Date.now() / 1000), notificationKey: key, ...claims },
        signed: `${Buffer.from(key).toString('base64url')}.e30`,
      })
      assert.ok('token' in opened)
      const session = await findSession(deps, opened.token)
      assert.ok(session)
      return session
    },
    async reserve(at: { brand: Brand; offer: Offer }, amount = 10_000n, session?: JackpotSession): Promise<VoucherRow> {
      const result = await reserveVoucher(deps, {
        session: session ?? (await world.session(Number(amount) / 100)),
        storeId: at.brand.id,
        offerId: at.offer.id,
        by: 'price',
        amount,
      })
      assert.ok('voucher' in result, 'refusal' in result ? result.refusal : '')
      return result.voucher
    },
    /** What was queued for the partner, in its order. */
    async told(voucherId: string): Promise<string[]> {
      const rows = await db.query<{ topic: string }>('select topic from delivery where object = $1 order by sequence', [
        `voucher:${voucherId}`,
      ])
      return rows.map(({ topic }) => topic.replace('coupon/', ''))
    },
    async cards(voucherId: string): Promise<number> {
      return (await db.query('select from card where order_id = $1', [voucherId])).length
    },
  }
  return world
}

export type JackpotWorld = Awaited<ReturnType<typeof createJackpotWorld>>
