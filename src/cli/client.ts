import { changeClient } from '../operations/change-client.ts'
import { createClient } from '../operations/create-client.ts'
import { clientView, pageView } from '../operations/directory-views.ts'
import { disableClient } from '../operations/disable-client.ts'
import { OperationRefusal } from '../operations/input.ts'
import { rotateClientSecret } from '../operations/rotate-client-secret.ts'
import { rotateSigningSecret } from '../operations/rotate-signing-secret.ts'
import type { Sql } from '../storage/database.ts'
import { findClientListing, listClients } from '../storage/directory-listings.ts'
import { readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { printPage, printRecord, remark } from './output.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb(
    { create, change, list, show, 'rotate-secret': rotateSecret, 'rotate-signing-secret': rotateSigning, disable },
    args,
  )

async function create(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    party: 'string',
    name: 'string',
    scope: 'strings',
    id: 'string',
    public: 'boolean',
    'redirect-uri': 'strings',
    implicit: 'boolean',
    json: 'boolean',
  })
  requirePositionals(positionals)
  const input = {
    partyId: requireOption('party', options.party),
    name: requireOption('name', options.name),
    scopes: options.scope,
    public: options.public ?? false,
    redirectUris: options['redirect-uri'],
    implicit: options.implicit ?? false,
    ...(options.id === undefined ? {} : { id: options.id }),
  }
  await withDatabase('writes', async ({ db, keyring }) => {
    const made = await createClient({ db, keyring: await keyring() }, input)
    const { clientSecret: client_secret, signingSecret: signing_secret } = made
    printRecord(options.json, { ...(await find(db, made.id)), client_secret, signing_secret })
  })
  if (!input.public) remark('the secrets are shown this once')
  return 0
}

async function change(args: string[]): Promise<number> {
  const types = { 'redirect-uri': 'strings', implicit: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [id = ''] = requirePositionals(positionals, 'ID')
  const { implicit, 'redirect-uri': redirectUris } = options
  if (implicit !== undefined && implicit !== 'on' && implicit !== 'off') throw new UsageError('--implicit is on or off')
  await withDatabase('writes', async ({ db }) => {
    await changeClient({ db }, id, {
      ...(redirectUris.length === 0 ? {} : { redirectUris }),
      ...(implicit === undefined ? {} : { implicit: implicit === 'on' }),
    })
    printRecord(options.json, await find(db, id))
  })
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { limit: 'string', cursor: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const limit = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const rows = await listClients(db, { after: options.cursor, limit: limit + 1 })
    const page = pageView(rows, limit, clientView, (row) => row.id)
    printPage(options.json, page, ['id', 'name', 'public', 'disabled_at', 'scopes'])
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, await find(db, id)))
  return 0
}

async function find(db: Sql, id: string) {
  const row = await findClientListing(db, id)
  if (!row) throw new OperationRefusal('not_found', 'id', 'there is no such client')
  return clientView(row)
}

async function rotateSecret(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  await withDatabase('writes', async ({ db }) => {
    const { clientSecret: client_secret } = await rotateClientSecret({ db }, { id })
    printRecord(options.json, { id, client_secret })
  })
  remark('the secret is shown this once')
  return 0
}

async function rotateSigning(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  await withDatabase('writes', async ({ db, keyring }) => {
    const { signingSecret: signing_secret } = await rotateSigningSecret({ db, keyring: await keyring() }, { id })
    printRecord(options.json, { id, signing_secret })
  })
  remark('the secret is shown this once')
  return 0
}

async function disable(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'ID')
  await withDatabase('writes', async ({ db }) => {
    await disableClient({ db }, { id })
    printRecord(options.json, await find(db, id))
  })
  return 0
}
