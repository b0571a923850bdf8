import type { Api, ApiOperation, ErrorFacts } from '../../openapi/api.ts'
import type { Requirement } from '../../openapi/document.ts'
import * as answers from './answers.ts'
import { type OauthError, type ProblemType, problemTypes } from './errors.ts'
import { readings } from './readings.ts'
import {
  amountOnly,
  idempotencyKey,
  optionalAmount,
  signedLink,
  signedPurchase,
  simulation,
  tokenForm,
} from './schema.ts'

type Code = ProblemType | OauthError

const meanings: Record<ProblemType, string> = {
  invalid_request_error: 'A parameter is missing or malformed; `fields` says which',
  not_eligible: 'The merchant offers no way to pay this',
  maintenance: 'The server cannot do its work at present; nothing was done',
  internal_error: 'A fault of the server, or it cannot tell whether the request was carried out',
  authentication_error: 'The signature, the token or the login is missing or wrong',
  not_found: 'There is no such purchase, merchant or company, or it is not the caller’s',
  method_not_allowed: 'The path takes another method; `Allow` says which',
  conflict: 'The state of the purchase does not allow it, or the reference was used',
  rate_limited: 'Too many attempts: wait as `Retry-After` says',
}

const usual = (type: ProblemType): ErrorFacts => ({ http: problemTypes[type], meaning: meanings[type] })

const errors: Record<Code, ErrorFacts> = {
  invalid_request_error: {
    http: [problemTypes.invalid_request_error, 413, 414, 415],
    meaning: meanings.invalid_request_error,
  },
  not_eligible: usual('not_eligible'),
  maintenance: usual('maintenance'),
  internal_error: usual('internal_error'),
  authentication_error: {
    http: [problemTypes.authentication_error, 403],
    meaning: `${meanings.authentication_error}; with 403 it is that of a viewer, who changes nothing`,
  },
  not_found: usual('not_found'),
  method_not_allowed: usual('method_not_allowed'),
  conflict: usual('conflict'),
  rate_limited: usual('rate_limited'),
  invalid_client: { http: 401, meaning: 'The API key or its secret is wrong' },
  invalid_request: { http: 400, meaning: 'The form is not `grant_type=client_credentials` alone' },
  unsupported_grant_type: { http: 400, meaning: 'The only grant is `client_credentials`' },
  invalid_token: { http: 401, meaning: 'The access token is not valid, or has expired' },
}

const ALWAYS = ['internal_error', 'maintenance', 'method_not_allowed'] as const satisfies Code[]
const SIGNED = [
  ...ALWAYS,
  'invalid_request_error',
  'authentication_error',
  'not_eligible',
  'conflict',
  'rate_limited',
] as const satisfies Code[]
const PROVEN = [
  ...ALWAYS,
  'authentication_error',
  'invalid_token',
  'not_found',
  'rate_limited',
] as const satisfies Code[]
const CHANGING = [...PROVEN, 'invalid_request_error', 'conflict', 'not_eligible'] as const satisfies Code[]
const OPEN = [...ALWAYS, 'invalid_request_error', 'not_found', 'not_eligible', 'rate_limited'] as const satisfies Code[]

const QUERY = { 414: ['invalid_request_error'] } as const
const BODY = { 413: ['invalid_request_error'], 415: ['invalid_request_error'] } as const

const data = {
  amountCents: 12_000,
  merchantUid: 'mer_00000000-0000-4000-8000-000000000001',
  email: 'ana@example.com',
  firstName: 'Ana',
  lastName: 'Núñez',
  reference: 'ORDER-1001',
  title: 'A weekend in Lyon',
}
const addresses = { redirectUrl: 'https://shop.example/thanks', cancelUrl: 'https://shop.example/basket' }

const caller: Requirement[] = [{ token: [] }, { dashboard: [] }]
const purchase = { 200: { description: 'The purchase', schema: answers.purchase } }

const change = (
  verb: 'capture' | 'credit_by_transfer' | 'release',
  id: string,
  summary: string,
  more: Partial<ApiOperation<Code>>,
): ApiOperation<Code> => ({
  method: 'POST',
  path: `/api/purchases/{purchase}/${verb}`,
  id,
  tag: 'purchases',
  summary,
  security: caller,
  answers: purchase,
  errors: CHANGING,
  unusual: { ...BODY, 403: ['authentication_error'] },
  ...more,
})

const page = (path: string, id: string, summary: string): ApiOperation<Code> => ({
  method: 'GET',
  path,
  id,
  tag: 'pages',
  summary,
  description:
    'An address for the person’s browser, no call of a program. A merchant may allow it without a signature; then the parameters of `data` stand in the query as they are.',
  security: [{ signature: [] }],
  signedPayload: signedPurchase,
  answers: {
    303: { description: 'To the page where the person pays, or with what is wrong back to the shop' },
    400: {
      description: 'A page that says what is wrong, where nothing proves whose request it is',
      schema: answers.page,
      type: 'text/html',
    },
    429: {
      description: 'A page: this address, or this signature, has begun too many purchases',
      schema: answers.page,
      type: 'text/html',
    },
    default: { description: 'A page of ours', schema: answers.page, type: 'text/html' },
  },
  errors: [],
  signing: { scheme: 'pledg', payload: { data: { ...data, ...addresses } } },
})

const schedule = (
  path: string,
  id: string,
  summary: string,
  schema: typeof answers.merchantSchedule | typeof answers.companySchedule,
) =>
  ({
    method: 'POST',
    path,
    id,
    tag: 'schedules',
    summary,
    security: [],
    body: { schema: simulation, examples: { request: { value: { amount_cents: 12_000, created: '2026-11-22' } } } },
    answers: { 200: { description: 'Payments by their dates', schema } },
    errors: OPEN,
    unusual: BODY,
  }) satisfies ApiOperation<Code>

const operations: readonly ApiOperation<Code>[] = [
  {
    method: 'POST',
    path: '/api/purchase_link',
    also: ['/api/purchase_link/'],
    id: 'createPurchaseLink',
    tag: 'signed',
    summary: 'A link for one person to pay by',
    description: 'The whole request is in the signature; a body is not looked at.',
    security: [{ signature: [] }],
    signedPayload: signedLink,
    answers: { [readings.made]: { description: 'The link', schema: answers.link } },
    errors: SIGNED,
    unusual: QUERY,
    signing: { scheme: 'pledg', payload: { data } },
  },
  {
    method: 'POST',
    path: '/api/payment_by_transfer',
    id: 'createPaymentByTransfer',
    tag: 'signed',
    summary: 'A payment by transfer, which the person still confirms',
    security: [{ signature: [] }],
    signedPayload: signedPurchase,
    answers: { [readings.made]: { description: 'The purchase', schema: answers.transfer } },
    errors: SIGNED,
    unusual: QUERY,
    signing: { scheme: 'pledg', payload: { data: { ...data, reference: 'ORDER-1002' } } },
  },
  page('/purchase', 'openPurchase', 'The page where a person pays'),
  page('/payment_solutions', 'openPaymentSolutions', 'The page of a company’s ways to pay'),
  {
    method: 'POST',
    path: '/api/token',
    id: 'issueToken',
    tag: 'purchases',
    summary: 'Key and secret for a token of ten minutes',
    security: [{ apiKey: [] }],
    body: {
      schema: tokenForm,
      types: ['application/x-www-form-urlencoded'],
      examples: { request: { value: { grant_type: 'client_credentials' } } },
    },
    answers: { 200: { description: 'The token', schema: answers.token } },
    errors: [...ALWAYS, 'invalid_client', 'invalid_request', 'unsupported_grant_type', 'rate_limited'],
    unusual: { 413: ['invalid_request_error'] },
  },
  {
    method: 'GET',
    path: '/api/merchants/{merchant}/purchases/{purchase}',
    id: 'readPurchase',
    tag: 'purchases',
    summary: 'What became of a purchase',
    security: caller,
    answers: purchase,
    errors: PROVEN,
  },
  change('capture', 'capturePurchase', 'Pays out what was authorized, or a part of it', {
    body: {
      schema: optionalAmount,
      optional: true,
      examples: { part: { value: { amount_cents: 5_000 } }, whole: { value: {} } },
    },
  }),
  change('credit_by_transfer', 'creditPurchase', 'Gives back', {
    description: 'Parts add up, never above the whole. With an `Idempotency-Key` a repetition is harmless.',
    headers: idempotencyKey,
    body: { schema: amountOnly, examples: { part: { value: { amount_cents: 2_000 } } } },
  }),
  change('release', 'releasePurchase', 'Lets go of what is held', {}),
  schedule(
    '/api/users/me/merchants/{merchant}/simulate_payment_schedule',
    'simulateForMerchant',
    'What a person would pay when',
    answers.merchantSchedule,
  ),
  schedule(
    '/api/users/me/companies/{company}/simulate_payment_schedule',
    'simulateForCompany',
    'The same for every merchant of a company',
    answers.companySchedule,
  ),
]

/** Pledg's API as it is documented. */
export const pledgApi: Api<Code> = {
  title: 'Pledg API',
  summary: 'Purchases that are paid at once, later or in parts, in the protocol of Pledg',
  description: [
    'A shop sends a person to a page of this server, by a signed address, or by a link that it asks for with a signed request. What the person decided, the shop is told by a notification, by the redirect, and by the endpoints of purchases.',
    'Amounts are whole numbers of minor units. No answer has a CORS header.',
  ],
  servers: [{ url: '/' }],
  tags: {
    signed: 'Requests that are proven by their signature',
    pages: 'Addresses for people’s browsers',
    purchases: 'What became of them, for their merchant',
    schedules: 'What a person would pay when; nothing is kept',
  },
  securitySchemes: {
    signature: {
      type: 'apiKey',
      in: 'query',
      name: 'signature',
      description: [
        'A JWT, signed with HS256, that holds the whole request: its payload has the parameters in `data`, and may have `exp` and `nbf` in seconds. The key is the secret of the merchant as text, not decoded.',
        'Which merchant’s secret it is by, `data.merchantUid` says, or `data.companyUid` with `data.currency`.',
      ].join('\n\n'),
    },
    apiKey: {
      type: 'http',
      scheme: 'basic',
      description: 'The API key as the name, its secret as the password: for a token.',
    },
    token: {
      type: 'http',
      scheme: 'bearer',
      description: `What \`/api/token\` gave, for ${readings.tokenLife / 60} minutes.`,
    },
    dashboard: {
      type: 'http',
      scheme: 'basic',
      description: 'E-mail address and password of the merchant’s dashboard, as older programs send them.',
    },
  },
  security: caller,
  pathParameters: {
    merchant: { description: '`mer_…`', example: 'mer_00000000-0000-4000-8000-000000000001' },
    company: { description: '`cmp_…`', example: 'cmp_00000000-0000-4000-8000-000000000001' },
    purchase: { description: '`pur_…`', example: 'pur_00000000-0000-4000-8000-000000000001' },
  },
  schemas: answers.schemas,
  errors,
  errorSchema: answers.refusal,
  errorExample: (type, { meaning }) => ({ error: { type, message: meaning } }),
  otherErrors: {
    codes: ['invalid_client', 'invalid_request', 'unsupported_grant_type', 'invalid_token'],
    schema: answers.oauthRefusal,
    example: (code) => ({ error: code, error_description: errors[code].meaning }),
  },
  operations,
}
