import { z } from 'zod'
import { tilloOrderStates } from '#sdk/tillo/wire.ts'

// Answers as the document tells them. What is rendered is checked against them by the tests.

export const money = z
  .object({ amount: z.union([z.number(), z.string()]).describe('Whole units'), currency: z.string() })
  .describe('A text stands only where a number would lose digits')

const codeFields = {
  code: z.string().optional().describe('What its holder redeems: a secret'),
  url: z.string().nullable().optional().describe('Where the card is shown: a secret'),
  pin: z.string().optional().describe('A secret'),
  serial_number: z.string().optional(),
}
const cardFields = {
  ...codeFields,
  barcode: z
    .object({
      type: z.enum(['C128', 'C128A', 'C39', 'I25', 'QRCODE', 'PDF417', 'NONE']),
      string: z.string().optional(),
    })
    .optional(),
  expiration_date: z.string().optional().describe('ISO 8601'),
}
const saleFields = {
  face_value: money,
  cost_value: money.describe('What the float paid'),
  discount: z.number().optional().describe('Percent'),
  float_balance: money.optional().describe('What the float had left then'),
}
const reference = z.uuid().describe('Of the sale')
const brand = z.string()
const taken = { reference: z.uuid(), float_balance: money.optional() }
const refreshed = z.string().describe('ISO 8601')
const listOr = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([schema, z.array(z.never())]).describe('An empty list where there is nothing')

const limits = z.object({ lower: z.string(), upper: z.string(), minor_unit: z.string() })

const brandEntry = z
  .object({
    slug: z.string(),
    name: z.string(),
    type: z.enum(['gift-card', 'choice-link']),
    status: z.object({ code: z.enum(['ENABLED', 'PAUSED', 'DISABLED']), reason: z.string().optional() }),
    currency: z.string(),
    discount: z.number().describe('Percent'),
    last_updated: z.string(),
    transaction_types: z.array(z.string()),
    delivery_methods: z.array(z.string()),
    countries_served: z.array(z.string()),
    gc_pool: z.boolean().describe('Whether `check-stock` shows its stock'),
    async_only: z.boolean().describe('Whether its cards can only be ordered'),
    categories: z.array(z.string()),
    choices: z.array(z.string()).optional(),
    digital_face_value_limits: limits.optional(),
    physical_face_value_limits: limits.optional(),
    shipping_methods: z.array(z.string()).optional(),
    denominations: z.array(z.string()).optional(),
    digital_denominations: z.array(z.number()).optional(),
    detail: z.record(z.string(), z.unknown()).optional().describe('Only with `detail=true`'),
  })
  .describe('A brand of the catalogue, with its terms')

const transfer = z.object({
  float: z.string(),
  requested: z.object({ currency: z.string(), amount: z.string() }),
  approved: z.object({ currency: z.string(), amount: z.string() }).nullable(),
  payment_reference: z.string(),
  status: z.enum(['pending', 'approved', 'approved_edited', 'removed', 'cancelled']),
  created_at: z.string(),
})

const promotion = z.object({
  code: z.string(),
  name: z.string(),
  discount: z.number(),
  description: z.string().nullable(),
  start_date: z.string(),
  end_date: z.string().nullable(),
  priority: z.number().nullable(),
  restrictions: z.unknown(),
  last_edited_at: z.string(),
})

/** `data` of the answers. */
const data = {
  brands: z.object({ brands: listOr(z.record(z.string(), brandEntry)), last_refreshed_at: refreshed }),
  templates: z.object({
    templates: z.record(z.string(), z.record(z.string(), z.string())).describe('Versions, by brand and template'),
    last_refreshed_at: refreshed,
  }),
  stock: z
    .record(z.string(), listOr(z.record(z.string(), z.string())))
    .describe('By brand and value: `OUT`, or how many'),
  floats: z.object({
    floats: z.record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          available_balance: z.union([z.number(), z.string()]),
          pending_payments: z.union([z.number(), z.string()]),
        }),
      ),
    ),
    last_refreshed_at: refreshed,
  }),
  transfers: z.array(transfer),
  promotions: z.object({ standard: z.record(z.string(), z.array(promotion)), last_refreshed_at: refreshed }),
  receipt: z.object({ float: z.string(), currency: z.string(), amount: z.string(), payment_reference: z.string() }),
  card: z.object({ brand, ...cardFields, ...saleFields, reference }),
  order: z.object({ brand, ...saleFields, reference }),
  taken: z.object(taken),
  orderStatus: z.object({
    status: z.enum(tilloOrderStates),
    brand,
    ...cardFields,
    ...saleFields,
    reference,
  }),
  loaded: z.object({ brand, ...codeFields, ...saleFields, reference }),
  balance: z.object({ face_value: money }),
  plasticTaken: z.object({ brand, ...codeFields, ...taken, face_value: money.optional() }),
  fulfilled: z.object({ brand, ...codeFields, face_value: money, reference }),
  plasticStatus: z
    .record(
      z.string(),
      z.object({
        status: z.enum(['received', 'processing', 'fulfilled', 'error', 'not found']),
        code: z.string().optional(),
      }),
    )
    .describe('By reference'),
}

export type DataName = keyof typeof data

/** The envelope of what went well, around its data. */
export const answers = Object.fromEntries(
  Object.entries(data).map(([name, schema]) => [
    name,
    z.object({
      code: z.literal('000'),
      status: z.literal('success'),
      message: z.string().optional().describe('Absent from `check-floats`'),
      data: schema,
    }),
  ]),
) as unknown as Record<DataName, z.ZodType>

export const named = { Money: money, Brand: brandEntry }

export const refusal = z
  .object({
    code: z.string().describe('Three digits'),
    status: z.literal('error'),
    message: z.string().optional(),
    messages: z.array(z.string()).optional().describe('In place of `message`, at one endpoint'),
    data: z
      .union([z.record(z.string(), z.union([z.string(), z.array(z.string())])), z.array(z.string())])
      .optional()
      .describe('What is wrong with which member'),
  })
  .describe('The body of every refusal')
