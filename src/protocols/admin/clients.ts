import { z } from 'zod'
import { WALLET_SCOPES } from '../../credentials/scopes.ts'
import { changeClient } from '../../operations/change-client.ts'
import { createClient } from '../../operations/create-client.ts'
import { clientView, pageView } from '../../operations/directory-views.ts'
import { disableClient } from '../../operations/disable-client.ts'
import { OperationRefusal } from '../../operations/input.ts'
import { rotateClientSecret } from '../../operations/rotate-client-secret.ts'
import { rotateSigningSecret } from '../../operations/rotate-signing-secret.ts'
import type { Sql } from '../../storage/database.ts'
import { findClientListing, listClients } from '../../storage/directory-listings.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, name, page, pageLimit, timestamp, uuid } from './schema.ts'

const clientId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
const scopes = z.array(z.enum(WALLET_SCOPES))
const redirectUris = z.array(z.string().max(2000)).max(20)

const CreateClient = z
  .strictObject({
    id: clientId.optional().describe('Chosen by the server when left out'),
    party_id: uuid.describe('The owner'),
    name,
    public: z.boolean().optional().describe('Runs where it can keep no secret, such as a browser; false when left out'),
    redirect_uris: redirectUris.optional().describe('https, or http on the same machine'),
    implicit: z.boolean().optional().describe('May use the implicit flow, against the advice of RFC 9700'),
    scopes: scopes.min(1).describe('What its tokens may be asked for at most'),
  })
  .meta({
    examples: [{ party_id: '0197b6a0-0000-7000-8000-000000000000', name: 'Till', scopes: ['balance', 'payments'] }],
  })

const ChangeClient = z
  .strictObject({
    redirect_uris: redirectUris.optional().describe('Instead of all that there were'),
    implicit: z.boolean().optional(),
  })
  .meta({ examples: [{ redirect_uris: ['https://shop.example/back'] }] })

const Client = z
  .object({
    id: z.string(),
    party_id: uuid,
    name: z.string(),
    public: z.boolean(),
    redirect_uris: z.array(z.string()),
    scopes: z.array(z.string()),
    implicit: z.boolean(),
    created_at: timestamp,
    disabled_at: timestamp.nullable(),
  })
  .describe('An OAuth application')
const ClientPage = page(Client)

const clientSecret = z.string().describe('For the token endpoint. Shown in this answer and nowhere else')
const signingSecret = z.string().describe('Key of the HMAC in signed messages. Shown in this answer and nowhere else')

const CreatedClient = Client.extend({
  client_secret: clientSecret.nullable(),
  signing_secret: signingSecret.nullable(),
}).describe('Both secrets are null for a public client')
const ClientSecret = z.object({ id: z.string(), client_secret: clientSecret })
const SigningSecret = z.object({ id: z.string(), signing_secret: signingSecret })

export const clientSchemas = {
  CreateClient,
  ChangeClient,
  Client,
  ClientPage,
  CreatedClient,
  ClientSecret,
  SigningSecret,
}

async function show(sql: Sql, id: string) {
  const row = await findClientListing(sql, requireClientId(id))
  if (!row) throw unknownClient()
  return clientView(row)
}

function requireClientId(id: string | undefined): string {
  if (!clientId.safeParse(id).success) throw unknownClient()
  return id as string
}

const unknownClient = () => new OperationRefusal('not_found', 'client_id', 'there is no such client')

export const clientRoutes = [
  route({
    method: 'GET',
    path: '/clients',
    scope: 'clients:read',
    summary: 'List clients',
    query: z.strictObject({ limit: pageLimit, cursor: clientId.optional().describe('`next` of the page before') }),
    output: ClientPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listClients(deps.db, { after: cursor, limit: limit + 1 })
      return pageView(rows, limit, clientView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/clients',
    scope: 'clients:write',
    summary: 'Create a client; its secrets are shown once',
    status: 201,
    input: CreateClient,
    output: CreatedClient,
    once: 'transaction',
    async handle(deps, { sql, input: { id, party_id, name, public: isPublic, redirect_uris, implicit, scopes } }) {
      const created = await createClient(
        { ...deps, db: sql },
        {
          ...(id === undefined ? {} : { id }),
          partyId: party_id,
          name,
          public: isPublic ?? false,
          redirectUris: redirect_uris ?? [],
          implicit: implicit ?? false,
          scopes,
        },
      )
      const { clientSecret: client_secret, signingSecret: signing_secret } = created
      return { ...(await show(sql, created.id)), client_secret, signing_secret }
    },
  }),
  route({
    method: 'GET',
    path: '/clients/{client_id}',
    scope: 'clients:read',
    summary: 'Show a client, without its secrets',
    output: Client,
    handle: (deps, { params }) => show(deps.db, params.client_id as string),
  }),
  route({
    method: 'PATCH',
    path: '/clients/{client_id}',
    scope: 'clients:write',
    summary: 'Change where the answers of a client go, and whether it has the implicit flow',
    input: ChangeClient,
    output: Client,
    async handle(deps, { params, input: { redirect_uris, implicit } }) {
      const id = requireClientId(params.client_id)
      await changeClient(deps, id, {
        ...(redirect_uris === undefined ? {} : { redirectUris: redirect_uris }),
        ...(implicit === undefined ? {} : { implicit }),
      })
      return show(deps.db, id)
    },
  }),
  route({
    method: 'POST',
    path: '/clients/{client_id}/rotate-client-secret',
    scope: 'clients:write',
    summary: 'Give a client a new client secret',
    description: 'The old one ends within 5 seconds.',
    output: ClientSecret,
    once: 'transaction',
    async handle(deps, { sql, params }) {
      const id = requireClientId(params.client_id)
      const { clientSecret: client_secret } = await rotateClientSecret({ ...deps, db: sql }, { id })
      return { id, client_secret }
    },
  }),
  route({
    method: 'POST',
    path: '/clients/{client_id}/rotate-signing-secret',
    scope: 'clients:write',
    summary: 'Give a client a new signing secret',
    description: 'The old one ends within 5 seconds.',
    output: SigningSecret,
    once: 'transaction',
    async handle(deps, { sql, params }) {
      const id = requireClientId(params.client_id)
      const { signingSecret: signing_secret } = await rotateSigningSecret({ ...deps, db: sql }, { id })
      return { id, signing_secret }
    },
  }),
  route({
    method: 'POST',
    path: '/clients/{client_id}/disable',
    scope: 'clients:write',
    summary: 'End a client for good',
    description: 'It gets no new tokens, and those it has are refused within 5 seconds. Asked again, nothing changes.',
    output: Client,
    async handle(deps, { params }) {
      const id = requireClientId(params.client_id)
      await disableClient(deps, { id })
      return show(deps.db, id)
    },
  }),
]
