import { z } from 'zod'
import { jackpotStates } from '#sdk/jackpot/wire.ts'

// Answers as the document tells them. What is rendered is checked against them by the tests.

const amount = z.union([z.number(), z.string()]).describe('Whole units; a text only where a number would lose digits')
const moment = z.string().describe('ISO 8601')
const text = z.string().nullable()

export const offer = z
  .object({
    id: z.string(),
    type: z.string().describe('`bonus` or `discount`'),
    rate: z.number().describe('Percent'),
    rounding: z.enum(['unit', 'cent']),
  })
  .describe('On which terms a store sells')

export const store = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    currency: z.string(),
    baseColor: text,
    storeLogoSmall: text,
    storeLogoMedium: text,
    storeLogoLarge: text,
    shippingTime: text,
    validityDate: text,
    mentions: text,
    voucherValueMin: amount,
    voucherValueMax: amount,
    voucherPossibleDiscreteValues: z.array(amount).nullable().describe('Null: any value between least and most'),
    offers: z.array(offer),
  })
  .describe('A store whose vouchers are for sale')

export const proposal = z
  .object({
    storeId: z.string(),
    storeName: z.string(),
    storeSlug: z.string(),
    offerId: z.string(),
    offer,
    value: amount,
    price: amount,
    currency: z.string(),
  })
  .describe('What a store gives for a price')

export const offerInFull = offer.extend({
  storeId: z.string(),
  store,
  proposedVouchers: z.array(proposal),
})

export const voucher = z
  .object({
    id: z.string(),
    state: z.enum(jackpotStates),
    value: amount.describe('What the card is worth'),
    price: amount.describe('What the partner pays'),
    currency: z.string(),
    storeId: z.string(),
    offerId: z.string(),
    reservationDate: moment,
    validityDate: text.describe('Until when the card is good; null where it does not expire, or is not there yet'),
    resaExpireDate: moment.describe('When the reservation ends by itself'),
    couponId: z.string().describe('Ten letters, for people who ask for help'),
    confirmDate: moment.optional(),
    signedUrl: z
      .string()
      .optional()
      .describe('Of a voucher that is READY, or REFUND_REJECTED: the card’s document, for an hour'),
  })
  .describe('A voucher, from its reservation on')

export const stores = z.array(store)
export const proposals = z.array(proposal)
export const tokenV1 = z.object({ sessionToken: z.string(), expiresIn: z.number().describe('Seconds') })
export const token = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().describe('Seconds'),
})

export const refusal = z
  .object({ error: z.string(), error_description: z.string().describe('For people') })
  .describe('The body of every refusal (RFC 6749 section 5.2)')
