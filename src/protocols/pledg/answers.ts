import { z } from 'zod'

// Answers as the document tells them. What is rendered is checked against them by the tests.

const moment = z.string().describe('ISO 8601')
const cents = z.int().describe('Minor units')

const seen = {
  uid: z.string().describe('`pur_…`'),
  state: z.string(),
  reference: z.string().describe('The shop’s own'),
  amount_cents: cents,
  currency: z.string(),
  expires_at: moment,
}

export const purchase = z
  .object({
    ...seen,
    merchant_uid: z.string(),
    title: z.string(),
    captured_cents: cents.nullable(),
    credited_cents: cents,
    created_at: moment,
    accepted_at: moment.nullable(),
    captured_at: moment.nullable(),
    plan: z.object({ name: z.string(), type: z.enum(['NOW', 'DEFERRED', 'INSTALLMENT']) }).nullable(),
    installments: z.array(
      z.object({
        number: z.int(),
        amount_cents: cents,
        fees: cents,
        payment_date: z.string().describe('`yyyy-mm-dd`'),
        state: z.string(),
      }),
    ),
  })
  .describe('A purchase as its merchant sees it')

const url = z.string().describe('Where the person goes')
export const link = z.object({ ...seen, url })
export const transfer = purchase.extend({ url })
export const token = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds'),
})

const payment = z.object({ amount_cents: cents, fees: cents, payment_date: z.string() }).describe('One payment')
const schedule = { INSTALLMENT: z.array(payment).optional(), DEFERRED: payment.optional() }
export const merchantSchedule = z.object(schedule)
export const companySchedule = z.object({
  items: z.array(z.object({ ...schedule, debit_rate: z.number(), currency: z.string(), plan: z.string() })),
})
export const schemas = { Purchase: purchase, Payment: payment }

export const page = z.string().describe('A page for the person')

export const refusal = z
  .object({
    error: z.object({
      type: z.string(),
      message: z.string().describe('For people'),
      fields: z.record(z.string(), z.string()).optional().describe('What is wrong with which parameter'),
    }),
  })
  .describe('The body of refusals')
export const oauthRefusal = z
  .object({ error: z.string(), error_description: z.string().describe('For people') })
  .describe('The body of refusals of a token, or of credentials for one (RFC 6749 section 5.2)')
