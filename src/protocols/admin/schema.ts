import { z } from 'zod'

// Parts of schemas that several resources share. Descriptions and examples are part of the OpenAPI document.

/** One line of text: control characters would play tricks on terminals and logs. */
export const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must not hold control characters')
  .describe('1 to 200 characters; blanks around it are dropped')

export const uuid = z.uuid()
export const timestamp = z.iso.datetime().describe('UTC')

/** In a query: with `Z` or an offset. */
export const moment = z.iso.datetime({ offset: true }).meta({ examples: ['2026-01-31T23:59:59Z'] })

export const day = z.iso.date().meta({ examples: ['2026-01-31'] })
export const walletId = z
  .string()
  .max(128)
  .describe('`namespace:number:currency`, or the opaque id')
  .meta({ examples: ['us:8301234567:USD'] })

export const amount = z
  .union([z.number(), z.string().max(64)])
  .describe('In the currency of the wallet: a JSON number, or a decimal string where a number would lose digits')
  .meta({ examples: [15.5, '90071992547409931.25'] })

export const limit = amount.nullable()

export const currency = z
  .string()
  .regex(/^[A-Z0-9]{2,12}$/, 'must be 2 to 12 upper-case letters or digits')
  .describe('ISO 4217, or a unit of your own that exists')

export const circle = z
  .string()
  .max(64)
  .describe('The community inside which the currency is money; `public` when left out')

export const slug = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes')
    .describe('The name in paths and wallet ids; never changes')

/** `?limit=`; read as text, documented as the number it is. */
export const pageLimit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, 'must be a whole number from 1 to 100')
  .transform(Number)
  .pipe(z.int().min(1).max(100))
  .optional()
  .describe('Items on a page; 50 when left out')

export const DEFAULT_LIMIT = 50

export const numberCursor = z
  .string()
  .regex(/^[1-9]\d{0,17}$/, 'must be `next` of the page before')
  .optional()
  .describe('`next` of the page before')

export const uuidCursor = z.uuid('must be `next` of the page before').optional().describe('`next` of the page before')

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Send as `cursor` for the page that follows; null: this is the last one'),
  })
