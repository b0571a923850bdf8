import { ADMIN_SCOPES } from '../credentials/admin-scopes.ts'
import { createPasswords } from '../credentials/password.ts'
import { isLanguage } from '../domain/language.ts'
import { createApiKey } from '../operations/create-api-key.ts'
import { createParty } from '../operations/create-party.ts'
import { createSignIn } from '../operations/create-sign-in.ts'
import { apiKeyView, pageView, partyView } from '../operations/directory-views.ts'
import { OperationRefusal, requireUuid } from '../operations/input.ts'
import { invite as sendInvitation } from '../operations/invite.ts'
import { revokeApiKey } from '../operations/revoke-api-key.ts'
import type { Sql } from '../storage/database.ts'
import { findPartyListing, listApiKeys, listParties } from '../storage/directory-listings.ts'
import { readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { readSecretText } from './input.ts'
import { printPage, printRecord, remark } from './output.ts'
import { withDatabase } from './with-database.ts'

export const help = `usage: billfold party VERB [options] [--json]

  create --kind person|business --name NAME
  list [--limit N] [--cursor CURSOR]
  show PARTY
  sign-in PARTY --email ADDRESS [--operator] [--password-file FILE]
                       lets a party sign in; the password comes from the file, or from BILLFOLD_PASSWORD
  invite PARTY --email ADDRESS [--language en|fr]
                       mails a link by which someone chooses a password and signs in for the party
  api-key PARTY --name NAME [--scope SCOPE]…
                       makes a key of the admin API, with all scopes unless some are named; it is shown once
  api-keys [--limit N] [--cursor CURSOR]
  revoke-api-key KEY_ID

The party of an API key must have a sign-in as an operator.

  billfold party create --kind business --name 'Café Río'
  BILLFOLD_PASSWORD='correct horse' billfold party sign-in 0197… --email ops@example.com --operator
  billfold party invite 0197… --email ana@example.com
  billfold party api-key 0197… --name 'Nightly report' --scope wallets:read --scope ledger:read

Scopes: ${ADMIN_SCOPES.join(' ').replaceAll(/(.{80,110}) /g, '$1\n  ')}
`

const paging = { limit: 'string', cursor: 'string', json: 'boolean' } as const

export const run = (args: string[]) =>
  runVerb(
    { create, list, show, 'sign-in': signIn, invite, 'api-key': apiKey, 'api-keys': apiKeys, 'revoke-api-key': revoke },
    args,
  )

async function create(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { kind: 'string', name: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const kind = requireOption('kind', options.kind)
  const name = requireOption('name', options.name)
  if (kind !== 'person' && kind !== 'business') throw new UsageError('--kind is person or business')
  await withDatabase('writes', async (tools) => {
    const { id } = await createParty(tools, { kind, name })
    printRecord(options.json, await find(tools.db, id))
  })
  return 0
}

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const limit = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listParties(db, { after, limit: limit + 1 })
    printPage(
      options.json,
      pageView(rows, limit, partyView, (row) => row.id),
      ['id', 'kind', 'name', 'created_at'],
    )
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'PARTY')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, await find(db, id)))
  return 0
}

async function find(db: Sql, id: string) {
  const row = await findPartyListing(db, requireUuid('party', id))
  if (!row) throw new OperationRefusal('not_found', 'party', 'there is no such party')
  return partyView(row)
}

async function signIn(args: string[]): Promise<number> {
  const types = { email: 'string', operator: 'boolean', 'password-file': 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [partyId = ''] = requirePositionals(positionals, 'PARTY')
  const email = requireOption('email', options.email)
  const password = await readSecretText('password', options['password-file'], 'BILLFOLD_PASSWORD')
  const operator = options.operator ?? false
  await withDatabase('writes', async ({ db }) => {
    const made = await createSignIn({ db, passwords: createPasswords() }, { partyId, email, password, operator })
    printRecord(options.json, { party_id: partyId, email: made.email, operator })
  })
  return 0
}

async function invite(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { email: 'string', language: 'string', json: 'boolean' })
  const [partyId = ''] = requirePositionals(positionals, 'PARTY')
  const email = requireOption('email', options.email)
  const language = options.language ?? 'en'
  if (!isLanguage(language)) throw new UsageError('--language is en or fr')
  await withDatabase('writes', async ({ db, mailer }) => {
    const deps = { mailer: await mailer() }
    const made = await db.transaction((sql) => sendInvitation({ ...deps, db: sql }, { partyId, email, language }))
    const { expiresAt } = made
    printRecord(options.json, { party_id: made.partyId, email: made.email, expires_at: expiresAt.toISOString() })
    remark(deps.mailer.leaves ? 'a running server sends the mail' : 'the mail is on the page /outbox of the server')
  })
  return 0
}

async function apiKey(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { name: 'string', scope: 'strings', json: 'boolean' })
  const [partyId = ''] = requirePositionals(positionals, 'PARTY')
  const name = requireOption('name', options.name)
  const unknown = options.scope.find((scope) => !(ADMIN_SCOPES as readonly string[]).includes(scope))
  if (unknown !== undefined) throw new UsageError(`there is no scope "${unknown}", only ${ADMIN_SCOPES.join(', ')}`)
  const scopes = options.scope.length > 0 ? options.scope : [...ADMIN_SCOPES]
  await withDatabase('writes', async (tools) => {
    const made = await createApiKey(tools, { partyId, name, scopes })
    printRecord(options.json, { id: made.id, party_id: partyId, name, scopes, api_key: made.apiKey })
  })
  remark('the key is shown this once')
  return 0
}

async function apiKeys(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, paging)
  requirePositionals(positionals)
  const limit = wholeNumber('limit', options.limit, 1000) ?? 50
  await withDatabase('reads', async ({ db }) => {
    const after = options.cursor === undefined ? undefined : requireUuid('cursor', options.cursor)
    const rows = await listApiKeys(db, { after, limit: limit + 1 })
    const page = pageView(rows, limit, apiKeyView, (row) => row.id)
    printPage(options.json, page, ['id', 'party_id', 'name', 'revoked_at', 'scopes'])
  })
  return 0
}

async function revoke(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'KEY_ID')
  await withDatabase('writes', ({ db }) => revokeApiKey({ db }, { id }))
  printRecord(options.json, { id, revoked: true })
  return 0
}
