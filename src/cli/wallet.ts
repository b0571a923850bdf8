import { type ChangeWalletInput, changeWallet } from '../operations/change-wallet.ts'
import { pageView, walletView } from '../operations/directory-views.ts'
import { requireUuid } from '../operations/input.ts'
import { openWallet } from '../operations/open-wallet.ts'
import { type RefillPolicyView, setRefillPolicy, showRefillPolicy } from '../operations/set-refill-policy.ts'
import { normalWalletId, showBalance, showStatement, showWallet } from '../operations/show-wallet.ts'
import { listWalletsPage } from '../storage/directory-listings.ts'
import { readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb(
    {
      open,
      list,
      show,
      balance,
      statement,
      limit,
      parent,
      refills,
      freeze: (rest) => setStatus(rest, 'frozen'),
      unfreeze: (rest) => setStatus(rest, 'open'),
      close: (rest) => setStatus(rest, 'closed'),
    },
    args,
  )

const limits = { lower: 'string', upper: 'string', json: 'boolean' } as const
const paging = { limit: 'string', cursor: 'string', json: 'boolean' } as const

async function open(args: string[]): Promise<number> {
  const types = { ...limits, party: 'string', circle: 'string', exponent: 'string', parent: 'string' } as const
  const { options, positionals } = readArguments(args, types)
  const [id = ''] = requirePositionals(positionals, 'ID')
  const partyId = requireOption('party', options.party)
  const exponent = wholeNumber('exponent', options.exponent, 8)
  await plainly(() =>
    withAssembly(async (assembly) => {
      const { listing } = await openWallet(assembly, actorName(), {
        id,
        partyId,
        ...readLimitOptions(options),
        ...(options.circle === undefined ? {} : { circle: options.circle }),
        ...(exponent === undefined ? {} : { exponent }),
        ...(options.parent === undefined ? {} : { parent: normalWalletId(options.parent, 'parent') }),
      })
      printRecord(options.json, walletView(listing))
    }),
  )
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...paging, party: 'string' })
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const after = readCursor(options.cursor)
  await withDatabase('reads', async ({ db }) => {
    const partyId = options.party === undefined ? undefined : requireUuid('party', options.party)
    const rows = await listWalletsPage(db, { after, limit: most + 1, partyId })
    const page = pageView(rows, most, walletView, (row) => String(row.id))
    printPage(options.json, page, ['id', 'balance', 'held', 'lower', 'upper', 'status', 'circle', 'party_id'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, await showWallet(db, id)))
  return 0
}

async function balance(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { at: 'string', json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  const at = options.at === undefined ? undefined : new Date(options.at)
  // Without an offset the text would mean another moment on another machine.
  if (at && (Number.isNaN(at.getTime()) || !/[T ].*(Z|[+-]\d\d:?\d\d)$/i.test(options.at as string)))
    throw new UsageError('--at reads 2026-01-31T23:59:59Z')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, await showBalance(db, id, at)))
  return 0
}

async function statement(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [id = ''] = requirePositionals(positionals, 'ID')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  const before = readCursor(options.cursor)
  await withDatabase('reads', async ({ db }) => {
    const page = await showStatement(db, id, { ...(before === undefined ? {} : { before }), limit: most })
    printPage(options.json, page, ['entry', 'at', 'kind', 'amount', 'balance', 'counterparty', 'reference'])
  })
  return 0
}

async function limit(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, limits)
  const [id = ''] = requirePositionals(positionals, 'ID')
  const input = readLimitOptions(options)
  if (Object.keys(input).length === 0) throw new UsageError('say --lower, --upper or both')
  return change(id, input, options.json)
}

async function parent(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = '', above = ''] = requirePositionals(positionals, 'ID', 'PARENT')
  return change(id, { parent: above === 'none' ? null : above }, options.json)
}

async function refills(args: string[]): Promise<number> {
  const types = {
    'per-refill': 'string',
    'per-period': 'string',
    period: 'string',
    none: 'boolean',
    json: 'boolean',
  } as const
  const { options, positionals } = readArguments(args, types)
  const [id = ''] = requirePositionals(positionals, 'ID')
  const given = [options['per-refill'], options['per-period'], options.period].filter((value) => value !== undefined)
  if (given.length === 0 && !options.none) {
    await withDatabase('reads', async (tools) => printPolicy(options.json, await showRefillPolicy(tools, id)))
    return 0
  }
  if (options.none && given.length > 0) throw new UsageError('--none stands alone')
  const input = options.none
    ? null
    : {
        perRefill: requireOption('per-refill', options['per-refill']),
        perPeriod: requireOption('per-period', options['per-period']),
        periodSeconds: readLength(requireOption('period', options.period)),
      }
  await plainly(() =>
    withAssembly(async (assembly) =>
      printPolicy(options.json, await setRefillPolicy(assembly, actorName(), id, input)),
    ),
  )
  return 0
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 }

function readLength(text: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text)
  if (!match) throw new UsageError('--period is a number with s, m, h or d, such as 1d')
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
}

function printPolicy(json: boolean | undefined, { policy, ...wallet }: RefillPolicyView): void {
  printRecord(json, json ? { ...wallet, policy } : { ...wallet, ...(policy ?? { policy: 'none' }) })
}

async function setStatus(args: string[], status: 'open' | 'frozen' | 'closed'): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  return change(id, { status }, options.json)
}

async function change(text: string, input: ChangeWalletInput, json: boolean | undefined): Promise<number> {
  await plainly(() =>
    withAssembly(async (assembly) => {
      const id = normalWalletId(text, 'id')
      const above = input.parent ? { parent: normalWalletId(input.parent, 'parent') } : {}
      await changeWallet(assembly, actorName(), id, { ...input, ...above })
      printRecord(json, await showWallet(assembly.db, id))
    }),
  )
  return 0
}

function readLimitOptions(options: { lower: string | undefined; upper: string | undefined }) {
  const read = (text: string) => (text === 'none' ? null : text)
  return {
    ...(options.lower === undefined ? {} : { lower: read(options.lower) }),
    ...(options.upper === undefined ? {} : { upper: read(options.upper) }),
  }
}

function readCursor(cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined
  if (!/^\d{1,18}$/.test(cursor)) throw new UsageError('--cursor is what the page before ended with')
  return BigInt(cursor)
}
