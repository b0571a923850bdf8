import { cancelVoucher } from '../../operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../operations/jackpot/confirm-voucher.ts'
import { refundVoucher } from '../../operations/jackpot/refund-voucher.ts'
import { findOwnVoucher, type VoucherResult } from '../../operations/jackpot/require-voucher.ts'
import { reserveVoucher } from '../../operations/jackpot/reserve-voucher.ts'
import { signedUrlOf, voucherView } from '../../operations/jackpot/voucher-view.ts'
import type { VoucherRow } from '../../storage/vouchers.ts'
import type { Call, Handle, JackpotDeps } from './call.ts'
import { JackpotProblem, refused } from './errors.ts'
import { read, readAmount, schemas } from './schema.ts'

const show = ({ keyring, origin, gift }: JackpotDeps, voucher: VoucherRow) =>
  voucherView(voucher, signedUrlOf({ keyring, origin, clock: gift.clock }, voucher))

/** `POST …/reserve-voucher-by-price`: the most valuable card for a budget. */
export const reserveByPrice: Handle<'client'> = (deps, call) => {
  const { price } = read(schemas.byPrice, call.body)
  return reserve(deps, call, 'price', price)
}

/** `POST …/reserve-voucher-by-value`: a card of this value, for its price. */
export const reserveByValue: Handle<'client'> = (deps, call) => {
  const { value } = read(schemas.byValue, call.body)
  return reserve(deps, call, 'value', value)
}

async function reserve(
  deps: JackpotDeps,
  { who: { session }, params, network: address }: Call<'client'>,
  by: 'price' | 'value',
  given: number,
): Promise<object> {
  const { storeId = '', offerId = '' } = params
  const amount = readAmount(by, given, session.asset.exponent)
  const result = await reserveVoucher(deps.gift, { session, storeId, offerId, by, amount, address })
  if ('refusal' in result) throw refused(result.refusal)
  return show(deps, result.voucher)
}

/** `GET /v2/voucher/:voucherId`: to the partner's machine, and to the session that has reserved it. */
export const readVoucher: Handle<'client' | 'machine'> = async (deps, { who, params }) => {
  const { voucherId = '' } = params
  const { partner, voucherId: own } = who.session
  const voucher = await findOwnVoucher(deps, { voucherId, partner })
  if (!voucher || (who.means === 'client' && voucher.id !== own)) throw new JackpotProblem('voucher_not_found')
  return show(deps, voucher)
}

type Change = (
  deps: JackpotDeps['gift'],
  wish: { voucherId: string; partner: { id: string } },
) => Promise<VoucherResult>

const change =
  (operation: Change): Handle<'machine'> =>
  async (deps, { who, params }) => {
    const result = await operation(deps.gift, { voucherId: params.voucherId ?? '', partner: who.session.partner })
    if ('refusal' in result) throw refused(result.refusal, result.state)
    return show(deps, result.voucher)
  }

/** `PUT /v2/voucher/:voucherId/confirm` */
export const confirm = change(confirmVoucher)
/** `PUT /v2/voucher/:voucherId/cancel` */
export const cancel = change(cancelVoucher)
/** `PUT /v2/voucher/:voucherId/refund` */
export const refund = change(refundVoucher)
