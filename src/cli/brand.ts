import { pageView } from '../operations/directory-views.ts'
import type { BrandTerms, ValuesInput } from '../operations/gift-cards/brand-input.ts'
import type { UpstreamConfig } from '../operations/gift-cards/buy-upstream.ts'
import { changeBrand } from '../operations/gift-cards/change-brand.ts'
import { openBrand } from '../operations/gift-cards/open-brand.ts'
import { requireBrand } from '../operations/gift-cards/require-brand.ts'
import { brandViews } from '../operations/gift-cards/views.ts'
import { type Brand, type CodeScheme, listBrandsPage, type Supply } from '../storage/brands.ts'
import type { Sql } from '../storage/database.ts'
import { paging, readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { brandOptions, readCodes, readTerms, readUpstreamFile } from './brand-options.ts'
import { report } from './brand-reports.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) => runVerb({ create, list, show, change, report }, args)

async function create(args: string[]): Promise<number> {
  const types = {
    ...brandOptions,
    slug: 'string',
    party: 'string',
    currency: 'string',
    circle: 'string',
    supply: 'string',
  } as const
  const { options, positionals } = readArguments(args, types)
  requirePositionals(positionals)
  const supply = requireOption('supply', options.supply) as Supply
  if (!['own', 'stock', 'upstream'].includes(supply)) throw new UsageError('--supply is own, stock or upstream')
  const { values, ...terms }: BrandTerms = await readTerms(options)
  if (!values) throw new UsageError('say --value, or --min, --max and --step')
  const codes = readCodes(options.code)
  if (Object.values(codes).includes(null)) throw new UsageError('a new brand has no code to take away')
  const input = {
    ...terms,
    name: requireOption('name', options.name),
    slug: requireOption('slug', options.slug),
    partyId: requireOption('party', options.party),
    currency: requireOption('currency', options.currency),
    supply,
    values: values as ValuesInput,
    codes: codes as Partial<Record<CodeScheme, string>>,
    ...(options.circle !== undefined && { circle: options.circle }),
    ...(await upstreamOf(options['upstream-file'])),
  }
  await plainly(() =>
    withAssembly(async (assembly) => {
      const brand = await openBrand(assembly, actorName(), input)
      printRecord(options.json, await view(assembly.db, brand))
    }),
  )
  return 0
}

async function change(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, brandOptions)
  const [slug = ''] = requirePositionals(positionals, 'BRAND')
  const input = {
    ...(await readTerms(options)),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.code.length > 0 && { codes: readCodes(options.code) }),
    ...(await upstreamOf(options['upstream-file'])),
  }
  if (Object.keys(input).length === 0) throw new UsageError('say what to change')
  await withDatabase('writes', async ({ db, clock, keyring }) => {
    const deps = { clock, keyring: await keyring(), log: { warn: () => {} } }
    const brand = await db.transaction((sql) => changeBrand({ ...deps, db: sql }, slug, input))
    printRecord(options.json, await view(db, brand))
  })
  return 0
}

async function upstreamOf(path: string | undefined): Promise<{ upstream?: UpstreamConfig }> {
  return path === undefined ? {} : { upstream: await readUpstreamFile(path) }
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const views = await brandViews(db, await listBrandsPage(db, { after: options.cursor, limit: most + 1 }))
    const page = pageView(
      views,
      most,
      (it) => it,
      (it) => it.slug,
    )
    printPage(options.json, page, ['slug', 'name', 'currency', 'supply', 'status', 'discount', 'values', 'codes'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [slug = ''] = requirePositionals(positionals, 'BRAND')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, await view(db, await requireBrand(db, slug))))
  return 0
}

const view = async (sql: Sql, brand: Brand) =>
  (await brandViews(sql, [brand]))[0] as NonNullable<Awaited<ReturnType<typeof brandViews>>[0]>
