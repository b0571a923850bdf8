import { z } from 'zod'
import {
  tilloCurrencies,
  tilloDeliveryMethods,
  tilloPatterns,
  tilloSectors,
  tilloShippingMethods,
} from '#sdk/tillo/wire.ts'

// The bodies of the API. What a brand allows is looked at later; here it is only whether a request can be one.

const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters')
/** Several lines. */
const prose = z
  .string()
  .min(1)
  .max(4_000)
  .regex(/^[\P{Cc}\n\r\t]*$/u, 'must not hold control characters')
const email = z.email().max(254)

const requestId = z
  .string()
  .regex(tilloPatterns.clientRequestId, 'must have 5 to 50 letters, digits, underscores and hyphens')
  .describe('Yours: the same id again gets the first answer')
const brand = z
  .string()
  .regex(tilloPatterns.brand, 'must be a slug: lower-case letters, digits and hyphens')
  .describe('The slug of a brand')
const currency = z.enum(tilloCurrencies as [string, ...string[]], 'is no currency of the API').describe('ISO 4217')
const amount = z
  .union([z.string(), z.number()], 'must be a text or a number')
  .describe('Whole units, with up to two decimals')
const sector = z.enum(tilloSectors, 'is no sector of the API')
const code = z.string().regex(tilloPatterns.code, 'is no code')
const cancelledCode = z.string().regex(tilloPatterns.cancelledCode, 'is no code')
const pin = z.string().regex(tilloPatterns.pin, 'is no PIN')
const reference = z.uuid('must be a UUID')
const tags = z
  .array(
    z.union([z.string().max(255).regex(tilloPatterns.tag, 'must be letters, digits, blanks and hyphens'), z.number()]),
  )
  .max(50)
const serialNumber = text(110)

const identified = { client_request_id: requestId, brand }
const faceValue = z.strictObject({ amount, currency })
const currencyOnly = z.strictObject({ currency })

const personalisation = z.strictObject({
  message: prose,
  to_name: text(255).optional(),
  from_name: text(255).optional(),
  template: text(255).optional(),
  language: text(35).optional(),
  email_message: prose.optional(),
  redemption_message: prose.optional(),
  carrier_message: prose.optional(),
  choice_link_theme: text(255).optional(),
  gifted_by: text(255).optional(),
})

const recipient = {
  language: text(35).optional(),
  customer_id: text(255).optional(),
  to_first_name: text(255).optional(),
  to_last_name: text(255).optional(),
  address_2: text(255).optional(),
  city: text(255).optional(),
}
const byMail = z.strictObject({
  to_email: email,
  from_name: text(255),
  from_email: email,
  subject: text(255),
  to_name: text(255).optional(),
  address_1: text(255).optional(),
  postal_code: text(32).optional(),
  country: text(64).optional(),
  ...recipient,
})
const byPost = z.strictObject({
  to_name: text(255),
  address_1: text(255),
  postal_code: text(32),
  country: text(64),
  to_email: email.optional(),
  from_name: text(255).optional(),
  from_email: email.optional(),
  subject: text(255).optional(),
  ...recipient,
})

export const issue = z.strictObject({
  ...identified,
  face_value: faceValue,
  delivery_method: z.enum(tilloDeliveryMethods, 'is no delivery method of the API'),
  fulfilment_by: z.enum(['partner', 'rewardcloud'], 'must be partner or rewardcloud'),
  sector,
  personalisation: personalisation.optional(),
  fulfilment_parameters: byMail.optional(),
  tags: tags.optional(),
})

const takenBack = {
  ...identified,
  original_client_request_id: requestId,
  face_value: faceValue,
  sector,
  pin: pin.optional(),
  tags: tags.optional(),
}
export const reverse = z.strictObject(takenBack)
export const cancel = z.strictObject({
  ...takenBack,
  code: cancelledCode.optional(),
  url: z.string().min(8).max(255).optional(),
})

export const topUp = z.strictObject({
  ...identified,
  face_value: faceValue,
  sector,
  code: code.optional(),
  reference: reference.optional(),
  pin: pin.optional(),
  serial_number: serialNumber.optional(),
  tags: tags.optional(),
})

export const checkBalance = z.strictObject({
  ...identified,
  face_value: currencyOnly,
  sector,
  code: code.optional(),
  reference: reference.optional(),
  original_client_request_id: requestId.optional(),
  pin: pin.optional(),
  serial_number: serialNumber.optional(),
  tags: tags.optional(),
})

const held = { ...identified, code, pin: pin.optional(), sector: sector.optional(), tags: tags.optional() }
export const physicalLoad = z.strictObject({ ...held, face_value: faceValue })
export const physicalCancel = z.strictObject({
  ...held,
  face_value: faceValue,
  original_client_request_id: requestId,
})
export const physicalBalance = z.strictObject({ ...held, face_value: currencyOnly })
export const physicalCashOut = z.strictObject({ ...held, original_client_request_id: requestId.optional() })
export const physicalOrder = z.strictObject({
  ...identified,
  face_value: faceValue,
  shipping_method: z.enum(tilloShippingMethods, 'is no shipping method of the API'),
  fulfilment_by: z.literal('rewardcloud', 'must be rewardcloud'),
  fulfilment_parameters: byPost,
  sector: sector.optional(),
  personalisation: personalisation.optional(),
  tags: tags.optional(),
})
export const physicalFulfil = z.strictObject({
  ...identified,
  code,
  face_value: faceValue,
  reference,
  pin: pin.optional(),
})
export const physicalStatus = z.strictObject({ references: z.array(reference).min(1).max(100) })

export const floatRequest = z.strictObject({
  float: text(255),
  currency,
  amount,
  payment_reference: text(18)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
    .optional(),
  finance_email: email.optional(),
  proforma_invoice: z
    .object({ company_name: text(255) })
    .catchall(z.union([text(1_000), z.number(), z.boolean(), z.null()]))
    .optional(),
})

const when = z.string().regex(/^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/, 'must be a date')
export const queries = {
  brands: z.strictObject({
    brand: brand.optional(),
    detail: z.enum(['true', 'false', '1', '0']).optional().describe('Whether texts and addresses come along'),
    country: text(64).optional().describe('Only brands that are served there'),
    currency: currency.optional(),
    category: text(255).optional().describe('Only brands of this category'),
  }),
  templates: z.strictObject({
    brand: brand.optional(),
    template: text(255).optional().describe('`standard`, the only one there is'),
  }),
  template: z.strictObject({
    brand: brand.meta({ examples: ['amazon'] }),
    template: text(255).optional().describe('`standard`, the only one there is'),
    version: text(64).optional().describe('As `templates` tells it'),
  }),
  checkStock: z.strictObject({ brand: brand.optional() }),
  checkFloats: z.strictObject({ currency: currency.optional() }),
  floatTransferRequests: z.strictObject({
    float: text(255).optional().describe('`universal-float`, the only one there is'),
    currency: currency.optional(),
    payment_reference: text(18).optional().describe('Only the request with this reference'),
    start_date: when.optional().describe('Only requests from then on'),
    end_date: when.optional().describe('Only requests until then; a day with its last moment'),
    status: z
      .enum(['pending', 'approved', 'approved_edited', 'removed', 'cancelled'])
      .optional()
      .describe('Only requests in this state'),
  }),
  promotions: z.strictObject({}),
  digitalOrderStatus: z.strictObject({
    reference: z.string().max(64).optional().describe('Of the order, from its answer'),
    original_client_request_id: requestId
      .optional()
      .meta({ description: 'The id that the order was asked for under', examples: ['order-1002-line-1'] }),
  }),
}

/** What is answered as it is, in place of JSON. */
export const file = z.string().meta({ format: 'binary' })
