import type { Keyring } from '../../credentials/keyring.ts'
import { createVoucherUrls } from '../../credentials/voucher-url.ts'
import { amountToJson } from '../../domain/money.ts'
import type { VoucherRow } from '../../storage/vouchers.ts'
import { readings } from './readings.ts'

/** A voucher in Jackpot's form: amounts in whole units of its currency, moments in ISO 8601. */
export type VoucherView = ReturnType<typeof voucherView>

/** @param signedUrl where the card's PDF is, for whoever may have it */
export function voucherView(row: Omit<VoucherRow, 'card_id'>, signedUrl?: string) {
  const amount = (minor: bigint) => amountToJson(minor, row.exponent)
  return {
    id: row.id,
    state: row.state.toUpperCase(),
    value: amount(row.face),
    price: amount(row.cost),
    currency: row.currency,
    storeId: row.brand_id,
    offerId: row.offer_id,
    reservationDate: row.reserved_at.toISOString(),
    validityDate: row.valid_until?.toISOString() ?? null,
    resaExpireDate: row.expires_at.toISOString(),
    couponId: row.coupon_id,
    ...(row.confirmed_at && { confirmDate: row.confirmed_at.toISOString() }),
    ...(signedUrl !== undefined && { signedUrl }),
  }
}

/** Whether its card is there and its user's: READY, or given back in vain. */
export const hasCard = ({ state }: Pick<VoucherRow, 'state'>): boolean =>
  state === 'ready' || state === 'refund_rejected'

/** Where the PDF of a voucher's card is, for an hour; of one that has it only. */
export function signedUrlOf(
  { keyring, origin, clock }: { keyring: Pick<Keyring, 'deriveEach'>; origin: string; clock: () => number },
  voucher: Pick<VoucherRow, 'id' | 'state'>,
): string | undefined {
  if (!hasCard(voucher)) return undefined
  return origin + createVoucherUrls(keyring).path(voucher.id, clock() + readings.signedUrl)
}

/** A voucher as operators see it, in JSON. */
export const storedVoucherView = (row: VoucherRow) => ({
  id: row.id,
  coupon_id: row.coupon_id,
  state: row.state,
  brand_id: row.brand_id,
  offer_id: row.offer_id,
  notification_key: row.notification_key,
  currency: row.currency,
  value: amountToJson(row.face, row.exponent),
  price: amountToJson(row.cost, row.exponent),
  automatic: row.automatic,
  reserved_at: row.reserved_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
  confirmed_at: row.confirmed_at?.toISOString() ?? null,
  ready_at: row.ready_at?.toISOString() ?? null,
})
