import { z } from 'zod'

// Answers as the document tells them. What is rendered is checked against them by the tests.

const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullable()

export const card = z
  .object({
    id: z.uuid(),
    code: z.string().describe('What its holder redeems: a secret'),
    expire_at: maybe(z.string()).describe('ISO 8601'),
    pin_code: maybe(z.string()).describe('A secret; null where the brand has none'),
    amount: z.int().describe('Whole units of the currency'),
    gift_card_code: z.string(),
    pdf_url: maybe(z.string()).describe('The card as a document, for whoever has the address'),
  })
  .describe('A card that was bought')

export const pullRequest = z
  .object({
    id: z.uuid(),
    status: z.enum(['waiting', 'success', 'error']),
    request_id: z.string(),
    amount_cents: z.int().describe('Minor units, unlike the amount of a card'),
    created_at: z.string().describe('ISO 8601'),
    updated_at: z.string().describe('ISO 8601'),
    card: maybe(card).describe('Null until the status is `success`'),
    errors: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .optional()
      .describe('Why the status is `error`'),
  })
  .describe('A card that is fetched in the background')

export const facialValues = z
  .union([
    z.object({
      type: z.literal('free'),
      min_amount: z.number(),
      max_amount: z.number(),
      step_amount: z.number(),
    }),
    z.object({ type: z.literal('fixed'), amounts: z.array(z.number()) }),
  ])
  .describe('In whole units of the currency')

const flag = maybe(z.boolean())
const text = maybe(z.string())

export const giftCard = z
  .object({
    name: z.string(),
    code: z.string().describe('What it is bought by'),
    barcode_symbology: text.describe('`code128`'),
    discount: maybe(z.union([z.number(), z.string()])).describe('Percent'),
    logo_url: text,
    logo_square_url: text,
    online_usable: flag,
    offline_usable: flag,
    validity_period: maybe(z.int()).describe('Days'),
    splittable_online: flag,
    splittable_offline: flag,
    cumulative_online: flag,
    cumulative_online_limit: maybe(z.number()),
    cumulative_offline: flag,
    cumulative_offline_limit: maybe(z.number()),
    code_pin: flag.describe('Whether cards have a PIN'),
    how_to_use_online: text,
    how_to_use_offline: text,
    term_of_use: text,
    facial_values: facialValues,
  })
  .describe('A gift card that is for sale')

export const inventory = z.object({
  inventories: z.object({
    gift_card: z.object({ code: z.string(), name: z.string() }),
    end_to_end_api: z.object({
      enabled: z.boolean(),
      available_amount: maybe(z.union([z.string(), z.number()])).describe('`unlimited`, or an amount'),
    }),
    stocks: z.array(
      z.object({ facial_value: z.number(), owned_quantity: z.int(), shared_quantity: z.int() }).describe('By value'),
    ),
  }),
})

export const balance = z.object({
  balance: z.object({ amount_cents: z.int().describe('Minor units'), currency: z.string() }),
})

export const cardAnswer = z.object({ card })
export const pullRequestAnswer = z.object({ pull_request: pullRequest })
export const giftCards = z.array(giftCard)

export const refusal = z
  .object({
    errors: z.array(z.object({ code: z.string(), message: z.string().describe('For people') })),
    status: z.string().describe('The status in words'),
  })
  .describe('The body of every refusal')
