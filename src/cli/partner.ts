import { pageView } from '../operations/directory-views.ts'
import { createPartner, openFloat } from '../operations/gift-cards/create-partner.ts'
import { fundFloat } from '../operations/gift-cards/fund-float.ts'
import { addCredential, endCredential, setCredentialAddresses } from '../operations/gift-cards/partner-credentials.ts'
import { requirePartnerListing } from '../operations/gift-cards/require-brand.ts'
import { credentialView, floatView, fundedView, partnerView } from '../operations/gift-cards/views.ts'
import { requireUuid } from '../operations/input.ts'
import {
  type CredentialProtocol,
  disablePartner,
  listCredentials,
  listFloats,
  listPartners,
} from '../storage/partners.ts'
import { paging, readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord, remark } from './output.ts'
import { addLimit, endLimit, listLimits } from './partner-limits.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb(
    {
      create,
      list,
      show,
      disable,
      credential,
      credentials,
      addresses,
      revoke,
      float,
      floats,
      fund,
      limit: addLimit,
      limits: listLimits,
      unlimit: endLimit,
    },
    args,
  )

async function create(args: string[]): Promise<number> {
  const types = { party: 'string', slug: 'string', live: 'boolean', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  requirePositionals(positionals)
  const input = {
    partyId: requireOption('party', options.party),
    slug: requireOption('slug', options.slug),
    live: options.live ?? false,
  }
  await withDatabase('writes', async (tools) => {
    const { id } = await createPartner(tools, input)
    printRecord(options.json, partnerView(await requirePartnerListing(tools.db, id)))
  })
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listPartners(db, { after, limit: most + 1 })
    const page = pageView(rows, most, partnerView, (row) => row.id)
    printPage(options.json, page, ['id', 'slug', 'live', 'party_id', 'disabled_at'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  await withDatabase('reads', async ({ db }) =>
    printRecord(options.json, partnerView(await requirePartnerListing(db, partner))),
  )
  return 0
}

async function disable(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  await withDatabase('writes', async ({ db }) => {
    const { id } = await requirePartnerListing(db, partner)
    await disablePartner(db, id)
    printRecord(options.json, partnerView(await requirePartnerListing(db, id)))
  })
  return 0
}

async function credential(args: string[]): Promise<number> {
  const types = { protocol: 'string', address: 'strings', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const protocol = requireOption('protocol', options.protocol) as CredentialProtocol
  if (!['walleo', 'tillo', 'pledg', 'jackpot'].includes(protocol))
    throw new UsageError('--protocol is walleo, tillo, pledg or jackpot')
  await withDatabase('writes', async ({ db, clock, keyring }) => {
    const deps = { db, clock, keyring: await keyring() }
    const made = await addCredential(deps, { partner, protocol, addresses: options.address })
    printRecord(options.json, { ...credentialView(made.listing), api_key: made.apiKey, secret: made.secret })
  })
  remark('key and secret are shown this once')
  return 0
}

async function credentials(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const most = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const { id: partnerId } = await requirePartnerListing(db, partner)
    const rows = await listCredentials(db, { partnerId, after, limit: most + 1 })
    const page = pageView(rows, most, credentialView, (row) => row.id)
    printPage(options.json, page, ['id', 'protocol', 'identifier', 'revoked_at', 'addresses'])
  })
  return 0
}

async function addresses(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { address: 'strings', json: 'boolean' })
  const [partner = '', credentialId = ''] = requirePositionals(positionals, 'PARTNER', 'CREDENTIAL')
  await withDatabase('writes', async ({ db }) => {
    const changed = await setCredentialAddresses(db, { partner, credentialId }, options.address)
    printRecord(options.json, credentialView(changed))
  })
  return 0
}

async function revoke(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = '', credentialId = ''] = requirePositionals(positionals, 'PARTNER', 'CREDENTIAL')
  await withDatabase('writes', ({ db }) => endCredential(db, { partner, credentialId }))
  printRecord(options.json, { id: credentialId, revoked: true })
  return 0
}

async function float(args: string[]): Promise<number> {
  const types = { currency: 'string', circle: 'string', lower: 'string', upper: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const { circle, lower, upper } = options
  const input = {
    currency: requireOption('currency', options.currency),
    ...(circle !== undefined && { circle }),
    ...(lower !== undefined && { lower: lower === 'none' ? null : lower }),
    ...(upper !== undefined && { upper: upper === 'none' ? null : upper }),
  }
  await plainly(() =>
    withAssembly(async (assembly) => {
      const owner = await requirePartnerListing(assembly.db, partner)
      const { listing, explicitId: wallet } = await openFloat(assembly, actorName(), owner, input)
      printRecord(options.json, floatView({ wallet, ...listing }))
    }),
  )
  return 0
}

async function floats(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  await withDatabase('reads', async ({ db }) => {
    const { id } = await requirePartnerListing(db, partner)
    const items = (await listFloats(db, id)).map(floatView)
    printPage(options.json, { items, next: null }, ['wallet', 'currency', 'circle', 'balance', 'held', 'available'])
  })
  return 0
}

async function fund(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    currency: 'string',
    circle: 'string',
    from: 'string',
    amount: 'string',
    description: 'string',
    key: 'string',
    json: 'boolean',
  })
  const [partner = ''] = requirePositionals(positionals, 'PARTNER')
  const { circle, description, key } = options
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new UsageError('--key has 1 to 200 printable characters without blanks')
  const input = {
    partner,
    currency: requireOption('currency', options.currency),
    source: requireOption('from', options.from),
    amount: requireOption('amount', options.amount),
    ...(circle !== undefined && { circle }),
    ...(description !== undefined && { description }),
    ...(key !== undefined && { key }),
  }
  await plainly(() =>
    withAssembly(async (assembly) =>
      printRecord(options.json, fundedView(await fundFloat(assembly, actorName(), input))),
    ),
  )
  return 0
}
