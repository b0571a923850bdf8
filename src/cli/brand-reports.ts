import { reportBreakage, reportLiability, reportSales } from '../operations/gift-cards/reports.ts'
import { readArguments, requireOption, requirePositionals, runVerb } from './arguments.ts'
import { UsageError } from './command.ts'
import { readMoment } from './moment.ts'
import { printPage } from './output.ts'
import { withDatabase } from './with-database.ts'

/** The verb `brand report`. */
export const report = (args: string[]) => runVerb({ liability, breakage, sales }, args)

async function liability(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  requirePositionals(positionals)
  await withDatabase('reads', async ({ db }) => {
    const items = await reportLiability(db)
    printPage(options.json, { items, next: null }, ['brand', 'currency', 'cards', 'outstanding'])
  })
  return 0
}

async function breakage(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { from: 'string', to: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const period = { from: readMoment('from', options.from), to: readMoment('to', options.to) }
  await withDatabase('reads', async ({ db }) => {
    const items = await reportBreakage(db, period)
    printPage(options.json, { items, next: null }, ['brand', 'currency', 'cards', 'expired', 'balance'])
  })
  return 0
}

async function sales(args: string[]): Promise<number> {
  const types = { from: 'string', to: 'string', brand: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  requirePositionals(positionals)
  const [from, to] = (['from', 'to'] as const).map((name) => {
    const day = requireOption(name, options[name])
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))
      throw new UsageError(`--${name} reads 2026-01-31`)
    return day
  }) as [string, string]
  await withDatabase('reads', async ({ db }) => {
    const items = await reportSales(db, { from, to, brand: options.brand })
    const columns = ['day', 'brand', 'currency', 'orders', 'value', 'cost', 'cancelled', 'cancelled_value'] as const
    printPage(options.json, { items, next: null }, columns)
  })
  return 0
}
