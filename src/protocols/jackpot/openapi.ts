import type { Api, ApiOperation } from '../../openapi/api.ts'
import type { Requirement, Signing } from '../../openapi/document.ts'
import { readings } from '../../operations/jackpot/readings.ts'
import * as answers from './answers.ts'
import type { Means } from './call.ts'
import { type ErrorCode, errors } from './errors.ts'
import { GRANTS, grants, schemas } from './schema.ts'

const ALWAYS = [
  'method_not_allowed',
  'too_many_requests',
  'internal_error',
  'service_unavailable',
] as const satisfies ErrorCode[]
const BODY = ['invalid_request', 'payload_too_large', 'unsupported_media_type'] as const satisfies ErrorCode[]
const SESSION = [...ALWAYS, 'invalid_token', 'insufficient_scope'] as const satisfies ErrorCode[]
const SHOPPING = [...SESSION, 'session_ended'] as const satisfies ErrorCode[]
const RESERVING = [
  ...SHOPPING,
  ...BODY,
  'store_not_found',
  'offer_not_found',
  'amount_exceeds_session',
  'value_not_offered',
  'out_of_stock',
  'offer_exhausted',
  'insufficient_funds',
  'store_unavailable',
  'limit_reached',
] as const satisfies ErrorCode[]
const CHANGING = [
  ...SESSION,
  'voucher_not_found',
  'voucher_state',
  'reservation_expired',
  'store_unavailable',
] as const satisfies ErrorCode[]

const opens = (...means: Means[]): Requirement[] => means.map((one) => ({ [one]: [] }))

const OFFER = '/v2/stores/{storeId}/offers/{offerId}'
const voucher = { 200: { description: 'The voucher', schema: answers.voucher } }
const proposals = { 200: { description: 'What there is, a bare array', schema: answers.proposals } }

const signing = (member: string, more: object): Signing => ({
  scheme: 'jackpot',
  member,
  claims: { amount: 100, notificationKey: 'order-1001', ...more },
})

const change = (verb: 'confirm' | 'cancel' | 'refund', summary: string, description?: string) =>
  ({
    method: 'PUT',
    path: `/v2/voucher/{voucherId}/${verb}`,
    id: `${verb}Voucher`,
    tag: 'vouchers',
    summary,
    ...(description !== undefined && { description }),
    security: opens('machine'),
    answers: voucher,
    errors: CHANGING,
  }) satisfies ApiOperation<ErrorCode>

const reserve = (by: 'price' | 'value', summary: string, example: object) =>
  ({
    method: 'POST',
    path: `${OFFER}/reserve-voucher-by-${by}`,
    id: `reserveBy${by === 'price' ? 'Price' : 'Value'}`,
    tag: 'vouchers',
    summary,
    description: 'A session reserves once: the same request again gets the same voucher.',
    security: opens('client'),
    body: { schema: by === 'price' ? schemas.byPrice : schemas.byValue, examples: { request: { value: example } } },
    answers: voucher,
    errors: RESERVING,
  }) satisfies ApiOperation<ErrorCode>

const operations: readonly ApiOperation<ErrorCode>[] = [
  {
    method: 'POST',
    path: '/v2/token',
    id: 'openSession',
    tag: 'sessions',
    summary: 'Opens a session of one person, or of the partner’s own machine',
    description: `A session lasts an hour. An initialization token is good for one, within ${readings.oldestSeconds} seconds of its \`iat\`.`,
    security: [],
    body: {
      schema: grants,
      types: ['application/json', 'application/x-www-form-urlencoded'],
      examples: {
        client: {
          summary: 'of one person',
          value: { grant_type: GRANTS.assertion, client_id: 'API_KEY', assertion: 'INITIALIZATION_TOKEN' },
        },
        machine: {
          summary: 'of the machine',
          value: { grant_type: GRANTS.machine, client_id: 'API_KEY', client_secret: 'CLIENT_SECRET' },
        },
      },
    },
    answers: { 200: { description: 'The token of the session', schema: answers.token } },
    errors: [...ALWAYS, ...BODY, 'invalid_client', 'invalid_grant', 'unsupported_grant_type'],
    signing: signing('assertion', {}),
  },
  {
    method: 'POST',
    path: '/token',
    id: 'openSessionV1',
    tag: 'sessions',
    summary: 'Opens a session by the first version’s token',
    description: 'Its claims have `cp`, `age`, `gender` and `userId` besides.',
    security: [],
    body: {
      schema: schemas.tokenV1,
      examples: { request: { value: { apiKey: 'API_KEY', initializationToken: 'INITIALIZATION_TOKEN' } } },
    },
    answers: { 200: { description: 'The token of the session', schema: answers.tokenV1 } },
    errors: [...ALWAYS, ...BODY, 'invalid_client', 'invalid_grant'],
    signing: signing('initializationToken', { cp: '75001', age: 35, gender: 'F', userId: 'u-1234' }),
  },
  {
    method: 'GET',
    path: '/v2/stores',
    id: 'listStores',
    tag: 'stores',
    summary: 'The stores, in the partner’s currency',
    security: opens('key', 'client', 'machine'),
    answers: { 200: { description: 'A bare array', schema: answers.stores } },
    errors: [...SHOPPING, 'invalid_client'],
  },
  {
    method: 'GET',
    path: '/v2/stores/proposed-vouchers',
    id: 'proposeVouchers',
    tag: 'stores',
    summary: 'What each store gives for an amount',
    security: opens('client'),
    query: schemas.proposals,
    answers: proposals,
    errors: [...SHOPPING, 'invalid_request', 'amount_exceeds_session'],
  },
  {
    method: 'GET',
    path: '/v2/stores/{storeId}/proposed-vouchers',
    id: 'proposeVouchersOfStore',
    tag: 'stores',
    summary: 'What one store has',
    security: opens('client'),
    query: schemas.proposals,
    answers: proposals,
    errors: [...SHOPPING, 'invalid_request', 'amount_exceeds_session', 'store_not_found'],
  },
  {
    method: 'GET',
    path: OFFER,
    id: 'readOffer',
    tag: 'stores',
    summary: 'One offer, with what the session can reserve under it',
    security: opens('client'),
    answers: { 200: { description: 'The offer', schema: answers.offerInFull } },
    errors: [...SHOPPING, 'store_not_found', 'offer_not_found'],
  },
  reserve('price', 'Gives a price, gets at least its value', { price: 50 }),
  reserve('value', 'Gives a value, pays at most that', { value: 50 }),
  {
    method: 'GET',
    path: '/v2/voucher/{voucherId}',
    id: 'readVoucher',
    tag: 'vouchers',
    summary: 'A voucher, to the machine and to the session that reserved it',
    security: opens('client', 'machine'),
    answers: voucher,
    errors: [...SESSION, 'voucher_not_found'],
  },
  change('confirm', 'Makes it definitive: the price is to be paid'),
  change('cancel', 'Lets go of a reservation'),
  change('refund', 'Asks for the money of a card that was not used'),
]

/** Jackpot's API as it is documented. */
export const jackpotApi: Api<ErrorCode> = {
  title: 'Jackpot API',
  summary: 'Vouchers of stores for people with an amount to spend, in the protocol of Jackpot',
  description: [
    'A partner opens a session for one person and one amount, the person reserves one voucher in it, and the partner’s machine confirms it. Amounts are whole units of the currency of the partner’s account.',
    'No answer has a CORS header but for the embedded page, which is of this server’s own origin.',
  ],
  servers: [{ url: '/' }],
  tags: {
    sessions: 'How a person’s session, or the machine’s, is opened',
    stores: 'What can be chosen',
    vouchers: 'What was reserved, and what becomes of it',
  },
  securitySchemes: {
    key: { type: 'apiKey', in: 'header', name: 'apikey', description: 'The API key alone: for the list of stores.' },
    client: {
      type: 'http',
      scheme: 'bearer',
      description: [
        'The token of a person’s session, opened with an *initialization token*: a JWT, signed with HS256 and the apiSignature (as text, not decoded), whose claims are `amount`, `iat` in seconds, and `notificationKey`, the partner’s own name for it.',
        'Each is good for one session.',
      ].join('\n\n'),
    },
    machine: {
      type: 'http',
      scheme: 'bearer',
      description: 'The token of a session of the partner’s own machine, opened with API key and client secret.',
    },
  },
  security: opens('client'),
  pathParameters: {
    storeId: { description: '`id` of a store' },
    offerId: { description: '`id` of an offer of that store' },
    voucherId: { description: '`id` of a voucher' },
  },
  schemas: {
    Store: answers.store,
    Offer: answers.offer,
    Proposal: answers.proposal,
    Voucher: answers.voucher,
  },
  errors,
  errorSchema: answers.refusal,
  errorExample: (code, { meaning }) => ({ error: code, error_description: meaning }),
  operations,
}
