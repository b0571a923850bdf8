import { z } from 'zod'
import type { JsonObject } from '#sdk/protocol/exact-json.ts'
import { readings } from './readings.ts'

// What a request says. Whether its addresses may be used, and its merchant exists, is looked at later.

const text = (most: number) =>
  z
    .string()
    .max(most, `has at most ${most} characters`)
    .regex(/\S/, 'is empty')
    .regex(/^\P{Cc}*$/u, 'must not hold control characters')
/** What this server names merchants, companies and purchases; nothing else is looked up. */
export const isUid = (prefix: 'mer' | 'cmp' | 'pur', text: unknown): text is string =>
  typeof text === 'string' && text.startsWith(`${prefix}_`) && /^[a-z]{3}_[0-9a-f-]{36}$/.test(text)
const uid = (prefix: 'mer' | 'cmp') =>
  z.string().regex(new RegExp(`^${prefix}_[\\x21-\\x7e]{1,64}$`), `must be a uid that begins with ${prefix}_`)
const country = z.string().regex(/^[A-Z]{2}$/, 'must be a country code of two capitals (ISO 3166-1 alpha-2)')
const phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be a number in E.164 form, such as +33612345678')
const email = z.email('must be an e-mail address').max(254, 'has at most 254 characters')
const address = z.string().max(2_000, 'has at most 2000 characters')

/** A day of the calendar, `yyyy-mm-dd`. */
export const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day as yyyy-mm-dd')
  .refine((value) => {
    const date = new Date(`${value}T00:00:00Z`)
    return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
  }, 'is no day of the calendar')

export const amountCents = z
  .number('must be a whole number of minor units')
  .int('must be a whole number of minor units')
  .positive('must be above zero')
  .max(readings.largestAmount, `is at most ${readings.largestAmount}`)

const place = z.object({
  street: text(255).optional(),
  city: text(255).optional(),
  stateProvince: text(255).optional(),
  zipcode: text(32).optional(),
  country: country.optional(),
})

const json = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
const metadata = json
  .refine((value) => JSON.stringify(value).length <= 16_384, 'is larger than 16 KiB')
  .meta({ type: 'object', description: 'Yours, up to 16 KiB' })

/**
 * The parameters of a purchase. What is not known here is left out and not refused: shops' modules send parameters of newer versions
 * and of the vendor's page.
 */
export const purchase = z
  .object({
    amountCents,
    merchantUid: uid('mer').optional(),
    companyUid: uid('cmp').optional(),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be a currency code of three capitals (ISO 4217)')
      .optional(),
    reference: text(128),
    title: text(255),
    subtitle: text(255).optional(),
    email,
    firstName: text(128),
    lastName: text(128),
    civility: z.enum(['Mr', 'Ms'], 'must be Mr or Ms').optional(),
    phoneNumber: phone.optional(),
    address: place.optional(),
    shippingAddress: place.optional(),
    birthDate: day.optional(),
    birthCity: text(128).optional(),
    birthZipcode: text(32).optional(),
    birthCountry: country.optional(),
    metadata: metadata.optional(),
    lang: z
      .string()
      .regex(/^[a-z]{2}(?:[_-][A-Za-z]{2})?$/, 'must be a language, such as fr or fr_FR')
      .optional(),
    secondInstallmentPaymentDate: day.optional(),
    redirectUrl: address.optional(),
    cancelUrl: address.optional(),
    paymentNotificationUrl: address.optional(),
    errorNotificationUrl: address.optional(),
  })
  .superRefine(({ merchantUid, companyUid, currency }, context) => {
    const remark = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (merchantUid === undefined && companyUid === undefined) remark('merchantUid', 'or companyUid is required')
    if (merchantUid !== undefined && companyUid !== undefined) remark('companyUid', 'must not stand beside merchantUid')
    if (companyUid !== undefined && currency === undefined) remark('currency', 'is required with companyUid')
  })

export type PurchaseParameters = z.output<typeof purchase>

/** How a link reaches the person. */
export const linkSettings = z
  .object({
    send_email: z.boolean('must be true or false').optional(),
    email: email.optional(),
    send_sms: z.boolean('must be true or false').optional(),
    phone_number: phone.optional(),
  })
  .refine(({ send_sms }) => send_sms !== true, {
    path: ['send_sms'],
    message: 'cannot be true: this server sends no text messages',
  })

/** The parameters that a query holds as JSON text. */
const NESTED: ReadonlySet<string> = new Set(['metadata', 'address', 'shippingAddress'])

/** An unsigned query's parameters in the types that a signed request has them in. */
export function fromQuery(query: ReadonlyMap<string, string>): Record<string, unknown> {
  const entries = [...query].map(([name, value]): [string, unknown] => {
    if (name === 'amountCents' && /^[1-9]\d{0,15}$/.test(value)) return [name, Number(value)]
    return [name, NESTED.has(name) ? readNested(value) : value]
  })
  return Object.fromEntries(entries)
}

function readNested(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What a signature holds: each part is read by the schema of its own. */
export const signedPurchase = z.object({
  data: purchase,
  exp: z.number().optional().describe('Seconds since 1970; without it the signature is good for ever'),
  nbf: z.number().optional().describe('Seconds since 1970'),
})
export const signedLink = signedPurchase.extend({ purchase_link_settings: linkSettings.optional() })

export const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional()
    .describe('Your own name for the request'),
})

export const tokenForm = z.strictObject({ grant_type: z.literal('client_credentials') })

export const amountOnly = z.strictObject({ amount_cents: amountCents })
export const optionalAmount = z.strictObject({ amount_cents: amountCents.optional() })
export const simulation = z.object({
  amount_cents: amountCents,
  created: day.optional(),
  second_installment_date: day.nullish(),
})
