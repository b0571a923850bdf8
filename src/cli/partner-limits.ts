import { pageView } from '../operations/directory-views.ts'
import { addVelocityRule } from '../operations/gift-cards/velocity-limits.ts'
import { velocityView } from '../operations/gift-cards/views.ts'
import { requireUuid } from '../operations/input.ts'
import { deleteVelocityRule, listVelocityRules, type VelocitySubject } from '../storage/velocity-rules.ts'
import { paging, readArguments, requireOption, requirePositionals, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord } from './output.ts'
import { withDatabase } from './with-database.ts'

/** The verb `partner limit`. */
export async function addLimit(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    partner: 'string',
    brand: 'string',
    subject: 'string',
    period: 'string',
    count: 'string',
    amount: 'string',
    currency: 'string',
    circle: 'string',
    json: 'boolean',
  })
  requirePositionals(positionals)
  const subject = requireOption('subject', options.subject) as VelocitySubject
  if (!['partner', 'card', 'recipient', 'address'].includes(subject))
    throw new UsageError('--subject is partner, card, recipient or address')
  const periodSeconds = wholeNumber('period', requireOption('period', options.period), 31_622_400) as number
  const maxCount = wholeNumber('count', options.count, 1_000_000_000)
  if (periodSeconds === 0 || maxCount === 0) throw new UsageError('--period and --count are above zero')
  const { partner, brand, amount: maxAmount, currency, circle } = options
  const input = {
    subject,
    periodSeconds,
    ...(partner !== undefined && { partner }),
    ...(brand !== undefined && { brand }),
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAmount !== undefined && { maxAmount }),
    ...(currency !== undefined && { currency }),
    ...(circle !== undefined && { circle }),
  }
  await withDatabase('writes', async (tools) =>
    printRecord(options.json, velocityView(await addVelocityRule(tools, input))),
  )
  return 0
}

/** The verb `partner limits`. */
export async function listLimits(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listVelocityRules(db, { after, limit: most + 1 })
    const page = pageView(rows, most, velocityView, (row) => row.id)
    const columns = [
      'id',
      'partner',
      'brand',
      'subject',
      'period_seconds',
      'max_count',
      'max_amount',
      'currency',
    ] as const
    printPage(options.json, page, columns)
  })
  return 0
}

/** The verb `partner unlimit`. */
export async function endLimit(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'LIMIT_ID')
  await withDatabase('writes', ({ db }) => deleteVelocityRule(db, requireUuid('limit', id)))
  printRecord(options.json, { id, ended: true })
  return 0
}
