import { z } from 'zod'
import { ADMIN_SCOPES } from '../../credentials/admin-scopes.ts'
import { COMEBACK, retryAfter } from '../../openapi/come-back.ts'
import type { JsonSchema, OpenApiDocument } from '../../openapi/document.ts'
import { apiKeySchemas } from './api-keys.ts'
import { brandMerchantSchemas } from './brand-merchants.ts'
import { brandSchemas } from './brands.ts'
import { cardUseSchemas } from './card-use-schema.ts'
import { cardSchemas } from './cards.ts'
import { clientSchemas } from './clients.ts'
import { deliverySchemas } from './deliveries.ts'
import { problems } from './error-table.ts'
import { floatRequestSchemas } from './float-requests.ts'
import { floatSchemas } from './floats.ts'
import { jackpotSchemas } from './jackpot.ts'
import { merchantSchemas } from './merchant-schema.ts'
import { orderSchemas } from './orders.ts'
import { partySchemas } from './parties.ts'
import { partnerSchemas } from './partners.ts'
import { peopleSchemas } from './people.ts'
import { plasticCardSchemas } from './plastic-cards.ts'
import { PROBLEM_CODES } from './problem.ts'
import { promotionSchemas } from './promotions.ts'
import { refillPolicySchemas } from './refill-policies.ts'
import { reportSchemas } from './reports.ts'
import type { AdminRoute } from './route.ts'
import { stockSchemas } from './stock.ts'
import { velocitySchemas } from './velocity.ts'
import { walletSchemas } from './wallets.ts'
import { webhookSchemas } from './webhooks.ts'

const Problem = z
  .object({
    title: z.string(),
    status: z.int(),
    code: z.enum(PROBLEM_CODES).describe('Stable: decide by this one'),
    detail: z.string().describe('For people'),
    field: z.string().optional().describe('The member or parameter that is meant, its path joined with dots'),
    errors: z
      .array(z.object({ field: z.string(), detail: z.string() }))
      .optional()
      .describe('All that is wrong'),
  })
  .describe('RFC 9457')
  .meta({
    examples: [
      { title: 'Not Found', status: 404, code: 'not-found', detail: 'there is no such party', field: 'party_id' },
    ],
  })

const schemas: Record<string, z.ZodType> = {
  ...partySchemas,
  ...peopleSchemas,
  ...walletSchemas,
  ...refillPolicySchemas,
  ...clientSchemas,
  ...apiKeySchemas,
  ...partnerSchemas,
  ...floatSchemas,
  ...floatRequestSchemas,
  ...brandSchemas,
  ...promotionSchemas,
  ...jackpotSchemas,
  ...stockSchemas,
  ...plasticCardSchemas,
  ...orderSchemas,
  ...cardSchemas,
  ...brandMerchantSchemas,
  ...cardUseSchemas,
  ...velocitySchemas,
  ...merchantSchemas,
  ...reportSchemas,
  ...webhookSchemas,
  ...deliverySchemas,
  Problem,
}

/** The OpenAPI 3.1 document, from the schemas that check the requests. */
export function createOpenApi(routes: readonly AdminRoute[]): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    paths[route.path] ??= parametersOf(route.path)
    Object.assign(paths[route.path] as object, { [route.method.toLowerCase()]: operation(route) })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Billfold admin API',
      version: '1',
      summary: 'Parties, wallets, clients, gift cards and API keys, for operators',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/admin/v1' }],
    security: [{ apiKey: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      headers: COMEBACK,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'bfk_…',
          description: `An API key of an operator, or for the routes of merchants of any party. Scopes: ${ADMIN_SCOPES.join(', ')}`,
        },
      },
      schemas: componentSchemas(),
    },
    'x-errors': Object.entries(problems).map(([code, { http, meaning }]) => ({ code, status: [http].flat(), meaning })),
  }
}

const TAGS = {
  parties: 'People and businesses',
  wallets: 'Balances with limits, each in one currency of one circle',
  clients: 'OAuth applications and their secrets',
  'api-keys': 'Keys of this API',
  partners: 'Businesses that call the partner protocols: their credentials and floats',
  'float-requests': 'What partners ask to be put into their floats',
  brands: 'Whose gift cards are sold, and their stock of codes',
  'stock-notices': 'Values that ran low',
  orders: 'What partners asked for',
  vouchers: 'Orders of the Jackpot protocol: reserved, confirmed, refunded',
  cards: 'What was issued, masked',
  'card-balances': 'For merchants: what is on a card',
  'card-redemptions': 'For merchants: what was spent of cards, and what was given back',
  'card-holds': 'For merchants: what is reserved of cards',
  'card-top-ups': 'For merchants: money onto cards',
  'velocity-rules': 'Limits on how much may be bought in a period',
  companies: 'Merchants of one business, in several currencies',
  merchants: 'Who sells by the Pledg protocol, with plans, keys and purchases',
  reports: 'Sums over cards and orders',
  webhooks: 'Addresses that are told what happens',
  deliveries: 'Notifications of every form, with their attempts',
}

const INTRODUCTION = [
  'Amounts are numbers or decimal strings in the currency of the wallet; in answers a string stands only where a number would lose digits.',
  'Lists have keyset pages: send `next` as `cursor`.',
  'Routes that create or rotate take an `Idempotency-Key`: the same request again gets the first answer, byte for byte; another one under the key is refused with 409. Refused requests do not use up a key.',
].join('\n\n')

function operation(route: AdminRoute): object {
  const { method, path, scope, summary, description, status, output } = route
  return {
    operationId: operationId(method, path),
    tags: [tagOf(route)],
    summary,
    ...(description === undefined ? {} : { description }),
    // OpenAPI 3.1 lets a scheme without flows name the roles that it needs.
    security: [{ apiKey: [scope] }],
    ...optional('parameters', [...queryParameters(route), ...(route.once ? [IDEMPOTENCY_KEY] : [])]),
    ...(route.input ? { requestBody: { required: true, content: json(route.input) } } : {}),
    ...(route.upload ? { requestBody: uploadBody(route.upload) } : {}),
    responses: {
      [status]: output ? { description: 'Done', content: json(output) } : { description: 'Done' },
      ...Object.fromEntries(refusalsOf(route).map((code) => [code, problem(code)])),
      default: problem(500),
    },
  }
}

const REFUSALS: Record<number, string> = {
  400: 'The body is no JSON, or JSON that can be read in two ways',
  401: 'No API key, or one that is unknown or revoked',
  403: 'The API key does not allow this',
  404: 'What the request is about, or names, is not there',
  409: 'The state does not allow this, or the key was used with other content',
  413: 'The body is too large',
  415: 'The body is not application/json',
  422: 'A member or parameter is wrong',
  429: 'Too many requests in a minute, or codes that are not known; `Retry-After` says for how many seconds',
  500: 'The request failed here, or (503) has to be sent again',
}

function uploadBody({ type, description, example }: NonNullable<AdminRoute['upload']>): object {
  const content = { [type]: { schema: { type: 'string', format: 'binary' }, examples: { file: { value: example } } } }
  return { required: true, description, content }
}

function refusalsOf({ method, path, input, once }: AdminRoute): number[] {
  const codes = [401, 403, 422, 429]
  if (path.includes('{') || input) codes.push(404)
  if (input || once) codes.push(409)
  if (method !== 'GET') codes.push(400, 413, 415)
  return codes.sort()
}

const problem = (code: number) => ({
  description: REFUSALS[code],
  // The last one stands for 503, too.
  ...((code === 429 || code === 500) && { headers: retryAfter }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Your own name for the request, 1 to 200 printable characters without blanks, e.g. a UUID',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
}

function queryParameters({ query }: AdminRoute): object[] {
  if (!query) return []
  const { properties = {}, required = [] } = plain(z.toJSONSchema(query, { io: 'output' }) as JsonSchema) as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
  }))
}

function parametersOf(path: string): Record<string, object> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
  return optional(
    'parameters',
    names.map((name) => ({
      name,
      in: 'path',
      required: true,
      description: `Names the ${name.replace(/_id$/, '').replaceAll('_', ' ')}`,
      schema: { type: 'string' },
    })),
  )
}

const optional = (name: string, items: object[]): Record<string, object> => (items.length > 0 ? { [name]: items } : {})

const tagOf = ({ path }: Pick<AdminRoute, 'path'>) => path.split('/')[1] as string

/** `POST /clients/{client_id}/disable` becomes `postClientsByClientIdDisable`. */
const operationId = (method: string, path: string) =>
  `${method.toLowerCase()}${path.replaceAll('{', 'by-').replaceAll('}', '')}`.replace(/[/_-]+(\w)/g, (_, c) =>
    c.toUpperCase(),
  )

function json(schema: z.ZodType): object {
  const name = Object.keys(schemas).find((key) => schemas[key] === schema)
  if (name === undefined) throw new Error('a schema of a route has no name in the document')
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }
}

function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const { schemas: found } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' })
  return Object.fromEntries(Object.entries(found).map(([id, schema]) => [id, plain(schema as JsonSchema)]))
}

/** The dialect is OpenAPI's own, and a schema's place is its name. */
function plain({ $schema: _dialect, $id: _place, ...schema }: JsonSchema): JsonSchema {
  return schema
}
