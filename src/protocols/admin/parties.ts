import { z } from 'zod'
import { LANGUAGES } from '../../domain/language.ts'
import { createParty } from '../../operations/create-party.ts'
import { pageView, partyView } from '../../operations/directory-views.ts'
import { OperationRefusal, requireUuid } from '../../operations/input.ts'
import { invite } from '../../operations/invite.ts'
import type { Sql } from '../../storage/database.ts'
import { findPartyListing, listParties } from '../../storage/directory-listings.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, name, page, pageLimit, timestamp, uuid, uuidCursor } from './schema.ts'

const kind = z.enum(['person', 'business'])

const CreateParty = z.strictObject({ kind, name }).meta({ examples: [{ kind: 'business', name: 'Café Río' }] })

const Party = z
  .object({ id: uuid, kind, name: z.string(), created_at: timestamp })
  .describe('A person or a business, who owns wallets and credentials')

const PartyPage = page(Party)

const email = z.string().max(254).describe('Where the mail goes; it then signs in with this address')

const CreateInvitation = z
  .strictObject({ email, language: z.enum(LANGUAGES).optional().describe('Of the mail; English when left out') })
  .meta({ examples: [{ email: 'ana@example.com', language: 'fr' }] })

const Invitation = z
  .object({ party_id: uuid, email: z.string(), expires_at: timestamp })
  .describe('A mail by which someone chooses a password and signs in for a party; its link is in the mail only')

export const partySchemas = { CreateParty, Party, PartyPage, CreateInvitation, Invitation }

async function show(sql: Sql, id: string) {
  const row = await findPartyListing(sql, requireUuid('party_id', id))
  if (!row) throw new OperationRefusal('not_found', 'party_id', 'there is no such party')
  return partyView(row)
}

export const partyRoutes = [
  route({
    method: 'GET',
    path: '/parties',
    scope: 'parties:read',
    summary: 'List parties',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: PartyPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listParties(deps.db, { after: cursor, limit: limit + 1 })
      return pageView(rows, limit, partyView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/parties',
    scope: 'parties:write',
    summary: 'Create a party',
    status: 201,
    input: CreateParty,
    output: Party,
    once: 'transaction',
    async handle(deps, { sql, input }) {
      return show(sql, (await createParty({ ...deps, db: sql }, input)).id)
    },
  }),
  route({
    method: 'GET',
    path: '/parties/{party_id}',
    scope: 'parties:read',
    summary: 'Show a party',
    output: Party,
    handle: (deps, { params }) => show(deps.db, params.party_id as string),
  }),
  route({
    method: 'POST',
    path: '/parties/{party_id}/invitations',
    scope: 'parties:write',
    summary: 'Invite someone to sign in for a party',
    description: 'The link works once, within 7 days. A second invitation to the same address ends the first.',
    status: 201,
    input: CreateInvitation,
    output: Invitation,
    once: 'transaction',
    async handle(deps, { sql, params, input: { email, language = 'en' } }) {
      const partyId = params.party_id as string
      const invited = await invite({ ...deps, db: sql }, { partyId, email, language })
      return { party_id: invited.partyId, email: invited.email, expires_at: invited.expiresAt.toISOString() }
    },
  }),
]
