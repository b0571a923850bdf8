import { z } from 'zod'
import { tilloSectors } from '#sdk/tillo/wire.ts'
import type { BrandTerms } from '../../operations/gift-cards/brand-input.ts'
import type { UpstreamConfig } from '../../operations/gift-cards/buy-upstream.ts'
import { defined } from './defined.ts'
import { amount, name } from './schema.ts'

/** The parts of a brand that can be said when it is made and changed later. */
export const brandTerms = {
  name,
  values: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('fixed'), values: z.array(amount).min(1).max(200) }),
      z.strictObject({ type: z.literal('range'), min: amount, max: amount, step: amount }),
    ])
    .describe('Fixed values in ascending order, or all multiples of a step from one to another'),
  discount: z
    .union([z.number(), z.string().max(8)])
    .describe('Percent of the value, with up to two decimals')
    .meta({ examples: [4.5] }),
  discount_keeper: z
    .enum(['partner', 'operator'])
    .describe('Who keeps the discount: the partner, who pays less, or the operator'),
  validity_days: z.int().min(1).max(36_500).nullable().describe('null: cards do not expire'),
  delivery: z
    .array(z.enum(['code', 'url', 'email']))
    .min(1)
    .max(3),
  barcode: z
    .string()
    .regex(/^[a-z0-9]{2,24}$/, 'must be the name of a barcode, such as code128')
    .describe('`code128`, `qrcode`, `pdf417`, `none` …'),
  countries: z.array(z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters')).max(300),
  categories: z.array(name).max(50),
  asynchronous: z.boolean().describe('Only sold by orders that are asked for later'),
  cancellable: z.boolean().describe('Whether partners may hand an issued card back'),
  status: z.enum(['enabled', 'paused', 'disabled']),
  status_reason: name.nullable(),
  low_stock: z.int().min(0).max(1_000_000).describe('Tell when fewer codes of a value than this are left; 0: never'),
  texts: z
    .record(z.string().max(64), z.unknown())
    .describe('What is shown, and what single protocols need: terms, how to use, logos'),
}

export const brandCode = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')

export const codes = z
  .partialRecord(z.enum(['walleo', 'tillo', 'jackpot']), brandCode)
  .describe('What the protocols call the brand; it is sold by those that are named')

const url = z.url({ protocol: /^https?$/ }).max(500)
const secret = z.string().min(1).max(500)

export const upstream = z
  .discriminatedUnion('protocol', [
    z.strictObject({
      protocol: z.literal('walleo'),
      url,
      api_key: secret,
      identifier: secret,
      shared_key: z.string().regex(/^(?:[0-9a-fA-F]{2}){8,128}$/, 'must be hexadecimal'),
      code: brandCode.describe('What the upstream calls the brand'),
    }),
    z.strictObject({
      protocol: z.literal('tillo'),
      url,
      api_key: secret,
      secret,
      brand: brandCode.describe('What the upstream calls the brand'),
      sector: z.enum(tilloSectors),
    }),
  ])
  .describe('Where a brand is bought whose supply is `upstream`. Kept sealed; the credentials are never shown')

type TermsInput = { [K in keyof typeof brandTerms]?: z.output<(typeof brandTerms)[K]> | undefined }

/** In the words of the operations. */
export function readTerms(input: TermsInput): BrandTerms {
  const {
    discount_keeper: discountKeeper,
    validity_days: validityDays,
    status_reason: statusReason,
    low_stock: lowStock,
    ...same
  } = input
  return defined({ ...same, discountKeeper, validityDays, statusReason, lowStock }) as BrandTerms
}

export function readUpstream(input: z.output<typeof upstream> | undefined): { upstream?: UpstreamConfig } {
  if (!input) return {}
  const { api_key: apiKey, ...rest } = input
  if (rest.protocol === 'tillo') return { upstream: { ...rest, apiKey } }
  const { shared_key: sharedKey, ...walleo } = rest
  return { upstream: { ...walleo, apiKey, sharedKey } }
}
