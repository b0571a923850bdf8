import { uuidV7 } from '../../domain/uuid.ts'
import type { Outcome } from '../../ledger/command.ts'
import { findCard } from '../../storage/cards.ts'
import { findPartnerListing, type Partner } from '../../storage/partners.ts'
import { findVoucher, type VoucherRow, voucherStepped } from '../../storage/vouchers.ts'
import { cancelOrder } from '../gift-cards/cancel-order.ts'
import { type GiftDeps, NO_ANSWER } from '../gift-cards/gift-deps.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { couponEffects } from './notices.ts'
import { findOwnVoucher, readSale, type VoucherResult, type VoucherWish } from './require-voucher.ts'
import { SCOPE } from './reserve-voucher.ts'
import { becoming, stepRow } from './voucher-sequel.ts'

/**
 * Asks the store to take a paid voucher back, once. A brand that lets cards be handed back decides here and now: what nobody has
 * used is REFUNDED, everything else is REFUND_REJECTED. Of any other brand an operator decides. Asked again, nothing changes.
 */
export async function refundVoucher(deps: GiftDeps, wish: VoucherWish): Promise<VoucherResult> {
  const voucher = await findOwnVoucher(deps, wish)
  if (!voucher) return { refusal: 'voucher-not-found' }
  if (voucher.state === 'reserved' || voucher.state === 'canceled')
    return { refusal: 'voucher-state', state: voucher.state }
  if (voucher.state === 'confirmed' || voucher.state === 'ready') await askForRefund(deps, voucher)
  await decideRefund(deps, voucher.id)
  return { voucher: (await findVoucher(deps.db, { id: voucher.id })) as VoucherRow }
}

/** A second one breaks the step's key, and is none. */
async function askForRefund(deps: GiftDeps, voucher: VoucherRow): Promise<void> {
  const transaction = uuidV7(deps.clock())
  await deps.ledger.submit({
    principal: `partner:${voucher.partner_id}`,
    transaction,
    kind: 'voucher-refund-request',
    legs: [],
    payload: JSON.stringify({ order: voucher.id }),
    effects: [{ effect: voucherStepped, row: stepRow(voucher.id, 'refund:asked', 'refunding', transaction) }],
    answer: NO_ANSWER,
  })
}

/** Refusals that no later try would change. */
const FINAL = new Set(['card-used', 'card-ended', 'card-blocked', 'card-expired'])

/** Decides what needs nobody: a voucher that waits for its card, or for an operator, stays as it is. */
export async function decideRefund(deps: GiftDeps, voucherId: string): Promise<void> {
  const voucher = await findVoucher(deps.db, { id: voucherId })
  if (voucher?.state !== 'refunding') return
  const { order, brand } = await readSale(deps, voucherId)
  if (order.status !== 'succeeded' || !brand.cancellable || brand.supply === 'upstream') return
  const refusal = await takeBack(deps, voucher, false)
  if (refusal !== null && FINAL.has(refusal)) await reject(deps, voucher, 'worker')
}

/**
 * What an operator decides for the store; one that is READY is taken back without having been asked for. Asked again, nothing changes.
 * @throws {OperationRefusal}
 */
export async function settleRefund(
  deps: GiftDeps,
  actor: string,
  { voucherId, accept }: { voucherId: string; accept: boolean },
): Promise<VoucherRow> {
  const id = requireUuid('voucher_id', voucherId)
  const find = () => findVoucher(deps.db, { id })
  const voucher = await find()
  if (!voucher) throw new OperationRefusal('not_found', 'voucher_id', 'there is no such voucher')
  const wanted = accept ? 'refunded' : 'refund_rejected'
  if (voucher.state === wanted) return voucher
  const unasked = accept && voucher.state === 'ready'
  if (!unasked && voucher.state !== 'refunding')
    throw new OperationRefusal('conflict', 'voucher_id', `the voucher is ${voucher.state.toUpperCase()}`)
  const refusal = accept ? await takeBack(deps, voucher, true) : await reject(deps, voucher, actor)
  const now = (await find()) as VoucherRow
  // Its partner asked meanwhile: then it is no longer unasked.
  if (unasked && now.state === 'refunding') return settleRefund(deps, actor, { voucherId, accept })
  if (now.state !== wanted)
    throw new OperationRefusal('conflict', 'voucher_id', `it cannot be decided so: ${refusal ?? now.state}`)
  return now
}

/**
 * One that nobody asked for is asked for and given back at once, so that a refusal leaves it as it is.
 * @param elsewhere what was bought from another vendor was taken back there
 * @returns why not
 */
async function takeBack(deps: GiftDeps, voucher: VoucherRow, elsewhere: boolean): Promise<string | null> {
  const { order, brand } = await readSale(deps, voucher.id)
  const card = await findCard(deps.db, { orderId: voucher.id })
  const partner = await findPartnerListing(deps.db, voucher.partner_id)
  if (!card || !partner) return 'not-ready'
  const notices = await couponEffects(deps, voucher.partner_id, ['refunded'], becoming(voucher))
  const steps = voucher.state === 'ready' ? 'refund:asked outcome:refunded' : 'outcome:refunded'
  const result = await cancelOrder(deps, {
    partner: partner as Partner,
    scope: SCOPE,
    requestId: voucher.id,
    operation: 'refund',
    content: voucher.id,
    order,
    card,
    brand: { ...brand, cancellable: true },
    how: 'cancelled',
    elsewhere,
    also: (transaction) => [
      { effect: voucherStepped, row: stepRow(voucher.id, steps, 'refunded', transaction) },
      ...notices,
    ],
  })
  return 'refusal' in result ? result.refusal : null
}

async function reject(deps: GiftDeps, voucher: VoucherRow, principal: string): Promise<string | null> {
  // Whether there ever is a card is not known before: where there is none, its price comes back.
  if (!(await findCard(deps.db, { orderId: voucher.id }))) return 'not-ready'
  const transaction = uuidV7(deps.clock())
  const { outcome } = await deps.ledger.submit({
    principal,
    transaction,
    kind: 'voucher-refund-rejection',
    legs: [],
    payload: JSON.stringify({ order: voucher.id }),
    effects: [
      { effect: voucherStepped, row: stepRow(voucher.id, 'outcome:rejected', 'refund_rejected', transaction) },
      ...(await couponEffects(deps, voucher.partner_id, ['refund_rejected'], becoming(voucher))),
    ],
    answer: NO_ANSWER,
  })
  return (outcome as Outcome).accepted ? null : 'it was decided meanwhile'
}
