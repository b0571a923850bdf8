import { z } from 'zod'
import { jsonMoney } from './envelope-schemas.ts'

// Payloads of answers as the document tells them. What is rendered is checked against them by the tests.

const moment = z.string().describe('ISO 8601, UTC')
const walletId = z.string().describe('An explicit wallet id')
const reference = z.string()
const currency = z.string()
const next = z.string().nullable().describe('Send it as `cursor`; null: there is no more')
const said = {
  description: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
}
const unit = z.object({ code: z.string(), circle: z.string() })
const limit = jsonMoney.nullable().describe('Null: there is none')

/** What is added to the payload of a request that was carried out. */
export const carriedOut = { timestamp: moment, reference: reference, success: z.literal(true) }

export const wallet = z.object({
  id: walletId,
  opaqueId: z.string(),
  namespace: z.string(),
  number: z.string(),
  currency: unit,
  links: z.object({ self: z.string(), balance: z.string(), transactions: z.string() }),
})

export const balance = z.object({
  balance: z.object({ amount: jsonMoney, currency: unit, limits: z.object({ lower: limit, upper: limit }) }),
})

export const transaction = z
  .object({
    ...said,
    transaction: z.string().optional().describe('Of a refund: what it gave back'),
    token: z.string().optional().describe('The `jti` of the transaction token that was used'),
    reference,
    endpoint: z.string(),
    source: walletId,
    target: walletId,
    amount: jsonMoney,
    currency,
    balance: jsonMoney.describe('Of the wallet whose history this is, after this line'),
    timestamp: moment,
  })
  .describe('A line of a history')

export const invoice = z
  .object({
    ...said,
    reference,
    issuer: walletId,
    debtor: walletId,
    amount: jsonMoney,
    currency,
    status: z.string(),
    timestamp: moment,
    expiry: moment.nullable(),
    settled: moment.nullable().describe('When it was paid or ended'),
    payment: z.string().nullable().describe('The reference of what paid it'),
  })
  .describe('An invoice')

export const token = z
  .object({
    description: z.string().optional(),
    id: z.string(),
    endpoint: z.enum(['charges', 'payments']),
    source: z.string().describe('A wallet, or `*`'),
    target: z.string().describe('A wallet, or `*`'),
    audience: z.string().describe('A wallet, or `*`'),
    amount: jsonMoney,
    currency,
    status: z.enum(['open', 'used', 'revoked', 'expired']),
    timestamp: moment,
    expiry: moment,
    transaction: z.string().nullable(),
  })
  .describe('A consent that a transaction token holds')

export const transactions = z.object({ transactions: z.array(transaction), next })
export const invoices = z.object({ invoices: z.array(invoice), next })
export const tokens = z.object({ tokens: z.array(token), next })
export const oneTransaction = z.object({ transaction })
export const oneInvoice = z.object({ invoice })

export const refusal = z.object({
  endpoint: z.string(),
  success: z.literal(false),
  error: z.object({ code: z.string(), message: z.string().describe('For people') }),
})
