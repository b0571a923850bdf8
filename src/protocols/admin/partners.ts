import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { createPartner } from '../../operations/gift-cards/create-partner.ts'
import {
  addCredential,
  endCredential,
  setCredentialAddresses,
} from '../../operations/gift-cards/partner-credentials.ts'
import { requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { credentialView, partnerView } from '../../operations/gift-cards/views.ts'
import { disablePartner, listCredentials, listPartners } from '../../storage/partners.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, page, pageLimit, slug, timestamp, uuid, uuidCursor } from './schema.ts'

const CreatePartner = z
  .strictObject({
    party_id: uuid.describe('The business behind it, which owns its floats'),
    slug: slug(63),
    live: z.boolean().optional().describe('Whether its keys are live ones; test ones when left out. Never changes'),
  })
  .meta({ examples: [{ party_id: '0197b6a0-0000-7000-8000-000000000000', slug: 'acme' }] })

const Partner = z
  .object({
    id: uuid,
    slug: z.string(),
    party_id: uuid,
    live: z.boolean(),
    created_at: timestamp,
    disabled_at: timestamp.nullable(),
  })
  .describe('A business that calls the partner protocols')
const PartnerPage = page(Partner)

const protocol = z.enum(['walleo', 'tillo', 'pledg', 'jackpot'])
const addresses = z
  .array(z.string().max(64))
  .max(100)
  .describe('Addresses and CIDR blocks that may use it; from anywhere when empty')

const CreateCredential = z
  .strictObject({ protocol, addresses: addresses.optional() })
  .meta({ examples: [{ protocol: 'walleo', addresses: ['192.0.2.0/24', '2001:db8::7'] }] })
const ChangeCredential = z.strictObject({ addresses }).meta({ examples: [{ addresses: [] }] })

const Credential = z.object({
  id: uuid,
  protocol,
  identifier: z.string().nullable().describe('Of Walleo, its `Id`'),
  addresses: z.array(z.string()),
  created_at: timestamp,
  revoked_at: timestamp.nullable(),
  ends_at: timestamp.nullable().describe('Of one that was replaced: when it ends by itself'),
})
const CredentialPage = page(Credential)
const CreatedCredential = Credential.extend({
  api_key: z.string().describe('Shown in this answer and nowhere else'),
  secret: z.string().describe('What it signs with; hexadecimal for Walleo. Shown in this answer and nowhere else'),
})

export const partnerSchemas = {
  CreatePartner,
  Partner,
  PartnerPage,
  CreateCredential,
  ChangeCredential,
  Credential,
  CredentialPage,
  CreatedCredential,
}

export const partnerRoutes = [
  route({
    method: 'GET',
    path: '/partners',
    scope: 'partners:read',
    summary: 'List partners',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: PartnerPage,
    async handle(deps, { query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const rows = await listPartners(deps.db, { after: cursor, limit: most + 1 })
      return pageView(rows, most, partnerView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/partners',
    scope: 'partners:write',
    summary: 'Create a partner, without credentials and floats',
    status: 201,
    input: CreatePartner,
    output: Partner,
    once: 'transaction',
    async handle(deps, { sql, input: { party_id: partyId, live, ...rest } }) {
      const made = await createPartner({ ...deps, db: sql }, { ...rest, partyId, ...defined({ live }) })
      return partnerView(await requirePartnerListing(sql, made.id))
    },
  }),
  route({
    method: 'GET',
    path: '/partners/{partner}',
    scope: 'partners:read',
    summary: 'Show a partner, by slug or id',
    output: Partner,
    handle: async (deps, { params }) => partnerView(await requirePartnerListing(deps.db, params.partner as string)),
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/disable',
    scope: 'partners:write',
    summary: 'End a partner for good',
    description: 'Its credentials open nothing within 5 seconds in every server. Asked again, nothing changes.',
    output: Partner,
    async handle(deps, { params }) {
      const { id } = await requirePartnerListing(deps.db, params.partner as string)
      await disablePartner(deps.db, id)
      return partnerView(await requirePartnerListing(deps.db, id))
    },
  }),
  route({
    method: 'GET',
    path: '/partners/{partner}/credentials',
    scope: 'partners:read',
    summary: 'List the credentials of a partner, without their secrets',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: CredentialPage,
    async handle(deps, { params, query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const { id: partnerId } = await requirePartnerListing(deps.db, params.partner as string)
      const rows = await listCredentials(deps.db, { partnerId, after: cursor, limit: most + 1 })
      return pageView(rows, most, credentialView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/partners/{partner}/credentials',
    scope: 'partners:write',
    summary: 'Create a credential for one protocol; its secret is shown once',
    status: 201,
    input: CreateCredential,
    output: CreatedCredential,
    once: 'transaction',
    async handle(deps, { sql, params, input: { protocol, addresses } }) {
      const partner = params.partner as string
      const made = await addCredential({ ...deps, db: sql }, { partner, protocol, ...defined({ addresses }) })
      return { ...credentialView(made.listing), api_key: made.apiKey, secret: made.secret }
    },
  }),
  route({
    method: 'PATCH',
    path: '/partners/{partner}/credentials/{credential_id}',
    scope: 'partners:write',
    summary: 'Say from which addresses a credential may be used',
    description: 'Every server knows of it within 5 seconds.',
    input: ChangeCredential,
    output: Credential,
    async handle(deps, { params, input }) {
      const ref = { partner: params.partner as string, credentialId: params.credential_id as string }
      return credentialView(await setCredentialAddresses(deps.db, ref, input.addresses))
    },
  }),
  route({
    method: 'DELETE',
    path: '/partners/{partner}/credentials/{credential_id}',
    scope: 'partners:write',
    summary: 'Revoke a credential',
    description: 'It ends within 5 seconds in every server. Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      const ref = { partner: params.partner as string, credentialId: params.credential_id as string }
      await endCredential(deps.db, ref)
      return undefined
    },
  }),
]
