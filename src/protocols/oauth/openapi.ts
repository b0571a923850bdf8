import { z } from 'zod'
import type { Api, ApiAnswer, ApiOperation } from '../../openapi/api.ts'
import { type OauthCode, oauthErrors } from './error-table.ts'
import { PATHS } from './routes.ts'
import * as schema from './schema.ts'

const FORM = ['application/x-www-form-urlencoded', 'application/json'] as const

const answers = {
  token: z
    .object({
      access_token: z.string(),
      token_type: z.enum(['Bearer', 'DPoP']),
      expires_in: z.int().describe('Seconds'),
      refresh_token: z.string().optional(),
      scope: z.string(),
    })
    .describe('RFC 6749 section 5.1'),
  introspection: z
    .object({
      active: z.boolean(),
      client_id: z.string().optional(),
      sub: z.string().optional(),
      scope: z.string().optional(),
      exp: z.int().optional(),
      iat: z.int().optional(),
      iss: z.string().optional(),
      aud: z.union([z.string(), z.array(z.string())]).optional(),
      jti: z.string().optional(),
      token_type: z.string().optional(),
      cnf: z.object({ jkt: z.string() }).optional(),
    })
    .describe('RFC 7662 section 2.2; of what is not the client’s own only `active: false`'),
  pushed: z.object({ request_uri: z.string(), expires_in: z.int().describe('Seconds') }),
  keys: z.object({ keys: z.array(z.record(z.string(), z.string()).describe('A public JWK')) }),
  metadata: z.looseObject({ issuer: z.string(), token_endpoint: z.string() }).describe('RFC 8414 section 2'),
  page: z.string().describe('A page for the person'),
  refusal: z.object({ error: z.string(), error_description: z.string().optional() }).describe('RFC 6749 section 5.2'),
}

/** OpenAPI has no word for a secret in the body: then no scheme of the document is needed. */
const clients = [{ basic: [] }, {}]
const CLIENT = [
  'invalid_request',
  'invalid_client',
  'server_error',
  'method_not_allowed',
] as const satisfies OauthCode[]
const unusual = { 413: ['invalid_request'], 503: ['temporarily_unavailable'] } as const

const read = (path: string, id: string, summary: string, answer: ApiAnswer): ApiOperation<OauthCode> => ({
  method: 'GET',
  path,
  id,
  tag: 'metadata',
  summary,
  security: [],
  answers: { 200: answer },
  errors: ['method_not_allowed'],
})

const METADATA = { description: 'The metadata', schema: answers.metadata }

const page = { schema: answers.page, type: 'text/html' }
const inBrowser = {
  303: { description: 'To a page of ours, or back to the application with what was decided' },
  400: { description: 'A page that says what is wrong, where nobody may be led anywhere', ...page },
  429: { description: 'A page: too many requests were begun', ...page },
  default: { description: 'A page of ours', ...page },
}

const operations: readonly ApiOperation<OauthCode>[] = [
  {
    method: 'POST',
    path: PATHS.token,
    id: 'issueToken',
    tag: 'tokens',
    summary: 'Gives an access token for a grant',
    description:
      'By `client_credentials`, an authorization code or a refresh token. Parameters are a form or a JSON object of texts, each at most once.',
    security: clients,
    headers: schema.proof,
    body: {
      schema: schema.tokenRequest,
      types: FORM,
      examples: {
        client_credentials: {
          summary: 'for itself',
          value: { grant_type: 'client_credentials', scope: 'balance payments' },
        },
        refresh_token: { summary: 'again', value: { grant_type: 'refresh_token', refresh_token: 'bfr_…' } },
        authorization_code: {
          summary: 'for an owner who has consented',
          value: {
            grant_type: 'authorization_code',
            code: 'CODE',
            redirect_uri: 'http://127.0.0.1/callback',
            code_verifier: 'VERIFIER',
          },
        },
      },
    },
    answers: {
      200: {
        description: 'The tokens',
        schema: answers.token,
        example: {
          access_token: 'eyJ…',
          token_type: 'Bearer',
          expires_in: 3600,
          refresh_token: 'bfr_…',
          scope: 'balance payments',
        },
      },
    },
    errors: [
      ...CLIENT,
      'invalid_grant',
      'unauthorized_client',
      'unsupported_grant_type',
      'invalid_scope',
      'invalid_dpop_proof',
    ],
    unusual,
  },
  {
    method: 'POST',
    path: PATHS.revoke,
    id: 'revokeToken',
    tag: 'tokens',
    summary: 'Ends an access token, or a refresh token with all that came of it',
    security: clients,
    body: { schema: schema.tokenInQuestion, types: FORM, examples: { refresh: { value: { token: 'bfr_…' } } } },
    answers: { 200: { description: 'It is not good any more, whether it was or not' } },
    errors: CLIENT,
    unusual,
  },
  {
    method: 'POST',
    path: PATHS.introspect,
    id: 'introspectToken',
    tag: 'tokens',
    summary: 'Tells a confidential client about its own tokens',
    security: clients,
    body: { schema: schema.tokenInQuestion, types: FORM, examples: { access: { value: { token: 'eyJ…' } } } },
    answers: { 200: { description: 'What it is', schema: answers.introspection } },
    errors: CLIENT,
    unusual,
  },
  {
    method: 'GET',
    path: PATHS.authorize,
    id: 'authorize',
    tag: 'consent',
    summary: 'Asks an owner',
    description: 'An address for the owner’s browser, no call of a program.',
    security: [],
    query: schema.authorizationQuery,
    answers: inBrowser,
    errors: [],
  },
  {
    method: 'GET',
    path: PATHS.resume.replace(':uid', '{uid}'),
    id: 'resumeAuthorization',
    tag: 'consent',
    summary: 'Where the browser goes on from after the owner has decided',
    security: [],
    answers: inBrowser,
    errors: [],
  },
  {
    method: 'POST',
    path: PATHS.par,
    id: 'pushAuthorizationRequest',
    tag: 'consent',
    summary: 'Takes an authorization request beforehand (RFC 9126)',
    description: 'What is wrong with it is said at once. It is no longer than 8,192 bytes.',
    security: clients,
    headers: schema.proof,
    body: {
      schema: schema.pushedRequest,
      types: FORM,
      examples: {
        code: {
          value: {
            response_type: 'code',
            client_id: 'sandbox-merchant',
            redirect_uri: 'http://127.0.0.1/callback',
            scope: 'balance charges',
            state: 'af0ifjs',
          },
        },
      },
    },
    answers: { 201: { description: 'Its name, for a minute', schema: answers.pushed } },
    errors: [
      ...CLIENT,
      'invalid_scope',
      'unauthorized_client',
      'unsupported_response_type',
      'invalid_dpop_proof',
      'temporarily_unavailable',
    ],
    unusual,
  },
  read(PATHS.jwks, 'readKeys', 'Public keys of access tokens and transaction tokens', {
    description: 'A key set (RFC 7517)',
    schema: answers.keys,
    type: 'application/jwk-set+json',
  }),
  read(PATHS.metadata, 'readMetadata', 'Where everything is, and what it takes', METADATA),
  read(PATHS.openidMetadata, 'readOpenidMetadata', 'The same, at another address', METADATA),
]

/** The authorization server as it is documented. */
export const oauthApi: Api<OauthCode> = {
  title: 'Authorization server',
  summary: 'Access tokens for the wallet API, by OAuth 2',
  description: [
    'Clients that act for themselves get a token with their secret. Applications that act for an owner ask the owner by the authorization code with PKCE.',
    'A token may be bound to a key by DPoP (RFC 9449): then each use needs a fresh signature of that key.',
  ],
  servers: [{ url: '/' }],
  tags: {
    tokens: 'Getting tokens, looking at them, ending them',
    consent: 'Asking an owner',
    metadata: 'What is public',
  },
  securitySchemes: {
    basic: {
      type: 'http',
      scheme: 'basic',
      description:
        'The client’s id and its secret, each form-encoded (RFC 6749 section 2.3.1). They may stand in the body instead, as `client_id` and `client_secret`, never in the address; public clients send the id alone.',
    },
  },
  security: clients,
  pathParameters: { uid: { description: 'Of the request, made by the server', example: 'Qh3v1cWb7L5sTn2kZxJ0p' } },
  schemas: { Tokens: answers.token },
  errors: oauthErrors,
  errorSchema: answers.refusal,
  errorExample: (error, { meaning }) => ({ error, error_description: meaning }),
  operations,
}
