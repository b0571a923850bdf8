import { z } from 'zod'
import { INVOICE_STATUS } from '../../storage/invoices.ts'

// What the lists take, parameter by parameter; `query.ts` looks at them and says what is wrong.

export const limit = z
  .string()
  .regex(/^(?:[1-9]\d?|100)$/)
  .describe('1 to 100; 20 where it is absent')
const cursor = z.string().describe('The `next` of the page before')
const moment = z.iso.datetime({ offset: true })

export const reference = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
export { moment as momentText }

const STATUSES = [...(Object.keys(INVOICE_STATUS) as (keyof typeof INVOICE_STATUS)[]), 'expired'] as const

export const kind = z
  .string()
  .regex(/^[a-z-]{1,64}$/)
  .describe('Only lines of this endpoint, such as `payments`')
export const role = z.enum(['debtor', 'issuer']).describe('`debtor` where it is absent')
export const status = z.enum(STATUSES).describe('Only invoices that are in this state')

export const queries = {
  transactions: z.object({
    limit: limit.optional(),
    cursor: cursor.optional(),
    endpoint: kind.optional(),
    from: moment.optional().describe('Only lines at or after this moment'),
    to: moment.optional().describe('Only lines before this moment'),
    counterparty: z.string().optional().describe('Only lines with this wallet on the other side'),
    reference: z.string().optional().describe('Only this transaction'),
  }),
  invoices: z.object({
    role: role.optional(),
    status: status.optional(),
    limit: limit.optional(),
    cursor: reference.optional().describe('The `next` of the page before'),
  }),
  tokens: z.object({
    limit: limit.optional(),
    cursor: reference.optional().describe('The `next` of the page before'),
  }),
}

/** The names of what a list takes, in the order in which a refusal tells them. */
export const namesOf = <Name extends string>(schema: { shape: Record<Name, unknown> }): Name[] =>
  Object.keys(schema.shape) as Name[]
