import { ADMIN_SCOPES } from '../credentials/admin-scopes.ts'
import { createPasswords } from '../credentials/password.ts'
import { isLanguage } from '../domain/language.ts'
import { resetFactors } from '../operations/change-factors.ts'
import { createApiKey } from '../operations/create-api-key.ts'
import { createParty } from '../operations/create-party.ts'
import { createSignIn } from '../operations/create-sign-in.ts'
import { apiKeyView, pageView, partyView } from '../operations/directory-views.ts'
import { OperationRefusal, requireEmail, requireUuid } from '../operations/input.ts'
import { invite as sendInvitation } from '../operations/invite.ts'
import { revokeApiKey } from '../operations/revoke-api-key.ts'
import type { Sql } from '../storage/database.ts'
import { findPartyListing, listApiKeys, listParties } from '../storage/directory-listings.ts'
import { readArguments, requireOption, requirePositionals, runVerb, wholeNumber } from './arguments.ts'
import { UsageError } from './command.ts'
import { readSecretText } from './input.ts'
import { printPage, printRecord, remark } from './output.ts'
import { withDatabase } from './with-database.ts'

const paging = { limit: 'string', cursor: 'string', json: 'boolean' } as const

export const run = (args: string[]) =>
  runVerb(
    {
      create,
      list,
      show,
      'sign-in': signIn,
      invite,
      'reset-factors': reset,
      'api-key': apiKey,
      'api-keys': apiKeys,
      'revoke-api-key': revoke,
    },
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

async function reset(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { email: 'string', json: 'boolean' })
  requirePositionals(positionals)
  const email = requireEmail(requireOption('email', options.email))
  await withDatabase('writes', async ({ db, mailer }) => {
    if (!(await resetFactors({ db, mailer: await mailer() }, { email, language: 'en' })))
      throw new OperationRefusal('not_found', 'email', 'nobody with a second factor has this address')
    printRecord(options.json, { email, reset: true })
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
