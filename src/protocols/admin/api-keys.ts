import { z } from 'zod'
import { ADMIN_SCOPES } from '../../credentials/admin-scopes.ts'
import { createApiKey } from '../../operations/create-api-key.ts'
import { apiKeyView, pageView } from '../../operations/directory-views.ts'
import { revokeApiKey } from '../../operations/revoke-api-key.ts'
import { findApiKeyListing, listApiKeys } from '../../storage/directory-listings.ts'
import { AdminProblem } from './problem.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, name, page, pageLimit, timestamp, uuid, uuidCursor } from './schema.ts'

const CreateApiKey = z
  .strictObject({
    party_id: uuid.describe(
      'In whose name it acts; without an operator among its sign-ins the key opens only what is for merchants',
    ),
    name,
    scopes: z.array(z.enum(ADMIN_SCOPES)).min(1).describe('Some or all of those of the key that asks'),
  })
  .meta({
    examples: [{ party_id: '0197b6a0-0000-7000-8000-000000000000', name: 'Reporting', scopes: ['wallets:read'] }],
  })

const ApiKey = z.object({
  id: uuid,
  party_id: uuid,
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: timestamp,
  revoked_at: timestamp.nullable(),
})
const ApiKeyPage = page(ApiKey)
const CreatedApiKey = ApiKey.extend({ api_key: z.string().describe('Shown in this answer and nowhere else') })

export const apiKeySchemas = { CreateApiKey, ApiKey, ApiKeyPage, CreatedApiKey }

export const apiKeyRoutes = [
  route({
    method: 'GET',
    path: '/api-keys',
    scope: 'api-keys:read',
    summary: 'List API keys, without the keys themselves',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: ApiKeyPage,
    async handle(deps, { query: { limit = DEFAULT_LIMIT, cursor } }) {
      const rows = await listApiKeys(deps.db, { after: cursor, limit: limit + 1 })
      return pageView(rows, limit, apiKeyView, (row) => row.id)
    },
  }),
  route({
    method: 'POST',
    path: '/api-keys',
    scope: 'api-keys:write',
    summary: 'Create an API key, shown once',
    status: 201,
    input: CreateApiKey,
    output: CreatedApiKey,
    once: 'transaction',
    async handle(deps, { sql, principal, input: { party_id: partyId, name, scopes } }) {
      const beyond = scopes.find((scope) => !principal.scopes.has(scope))
      // Otherwise a key that may make keys could make itself one that may do anything.
      if (beyond) {
        const detail = `a key gives no more than it has, and this one does not have ${beyond}`
        throw new AdminProblem(403, 'insufficient-scope', detail, { field: 'scopes' })
      }
      const { id, apiKey } = await createApiKey({ ...deps, db: sql }, { partyId, name, scopes })
      const row = await findApiKeyListing(sql, id)
      if (!row) throw new Error('the key that was just made is not there')
      return { ...apiKeyView(row), api_key: apiKey }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api-keys/{api_key_id}',
    scope: 'api-keys:write',
    summary: 'Revoke an API key',
    description: 'It ends at once. Asked again, nothing changes.',
    status: 204,
    async handle(deps, { params }) {
      await revokeApiKey(deps, { id: params.api_key_id as string })
      return undefined
    },
  }),
]
