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
