import { type Check, either, list, maybe, number, object, text, word } from '../protocol/shape.ts'
import {
  type JackpotProposal,
  type JackpotStore,
  type JackpotTokenAnswer,
  type JackpotTokenAnswerV1,
  type JackpotVoucher,
  jackpotStates,
} from './wire.ts'

export const voucher = object<JackpotVoucher>({
  id: text,
  state: word(...jackpotStates),
  value: number,
  price: number,
  reservationDate: text,
  validityDate: maybe(text),
  currency: maybe(text),
  storeId: maybe(text),
  offerId: maybe(text),
  resaExpireDate: maybe(text),
  couponId: maybe(text),
  confirmDate: maybe(text),
  signedUrl: maybe(text),
})

const textOrNumber = maybe(either(text, number))

export const store = object<JackpotStore>({
  id: text,
  name: text,
  slug: maybe(text),
  baseColor: maybe(text),
  storeLogoSmall: maybe(text),
  storeLogoMedium: maybe(text),
  storeLogoLarge: maybe(text),
  shippingTime: textOrNumber,
  validityDate: textOrNumber,
  mentions: maybe(text),
  voucherValueMin: maybe(number),
  voucherValueMax: maybe(number),
  voucherPossibleDiscreteValues: maybe(list(number)),
})

export const proposal = object<JackpotProposal>({
  storeId: text,
  offerId: text,
  value: number,
  price: number,
  storeName: maybe(text),
  currency: maybe(text),
})

export const stores: Check<JackpotStore[]> = list(store)
export const proposals: Check<JackpotProposal[]> = list(proposal)

export const tokenAnswer = object<JackpotTokenAnswer>({ access_token: text, token_type: text, expires_in: number })
export const tokenAnswerV1 = object<JackpotTokenAnswerV1>({ sessionToken: text, expiresIn: number })
