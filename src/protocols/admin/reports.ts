import { z } from 'zod'
import { reportBreakage, reportLiability, reportSales } from '../../operations/gift-cards/reports.ts'
import { route } from './route.ts'
import { amount, day, moment, slug } from './schema.ts'

const list = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

const LiabilityReport = list(
  z.object({
    brand: z.string(),
    currency: z.string(),
    cards: z.int().describe('Live cards that Billfold issued'),
    outstanding: amount.describe('The sum of their balances'),
  }),
)

const BreakageReport = list(
  z.object({
    brand: z.string(),
    currency: z.string(),
    cards: z.int().describe('Cards that expired in the period'),
    expired: amount.describe('What was left of them'),
    balance: amount.describe('Of the breakage account, now'),
  }),
)

const SalesReport = list(
  z.object({
    day: z.string().describe('UTC'),
    brand: z.string(),
    currency: z.string(),
    orders: z.int().describe('Those that had their card on this day'),
    value: amount,
    cost: amount.describe('What the floats paid'),
    cancelled: z.int().describe('Those of them that were taken back since'),
    cancelled_value: amount,
  }),
)

export const reportSchemas = { LiabilityReport, BreakageReport, SalesReport }

export const reportRoutes = [
  route({
    method: 'GET',
    path: '/reports/liability',
    scope: 'reports:read',
    summary: 'What holders of cards can still spend, by brand',
    output: LiabilityReport,
    handle: async (deps) => ({ items: await reportLiability(deps.db) }),
  }),
  route({
    method: 'GET',
    path: '/reports/breakage',
    scope: 'reports:read',
    summary: 'What expired unspent, by brand',
    query: z.strictObject({
      from: moment.optional().describe('Only what expired at this moment or later'),
      to: moment.optional().describe('Only what expired before this moment'),
    }),
    output: BreakageReport,
    async handle(deps, { query: { from, to } }) {
      const read = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
      return { items: await reportBreakage(deps.db, { from: read(from), to: read(to) }) }
    },
  }),
  route({
    method: 'GET',
    path: '/reports/sales',
    scope: 'reports:read',
    summary: 'What was sold, by day and brand',
    query: z.strictObject({
      from: day.describe('The first day, UTC'),
      to: day.describe('The last day, UTC; at most 366 days in all'),
      brand: slug(64).optional().describe('Only this brand'),
    }),
    output: SalesReport,
    handle: async (deps, { query }) => ({ items: await reportSales(deps.db, query) }),
  }),
]
