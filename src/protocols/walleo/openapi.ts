import type { Api, ApiOperation } from '../../openapi/api.ts'
import * as answers from './answers.ts'
import { type ErrorCode, errors } from './errors.ts'
import { readings } from './readings.ts'
import { balanceQuery, bodies, headers } from './schema.ts'

const ALWAYS = [
  'unauthorized',
  'invalid_signature',
  'method_not_allowed',
  'too_many_requests',
  'internal_server_error',
  'service_unavailable',
] as const satisfies ErrorCode[]

const BUYING = [
  ...ALWAYS,
  'malformed_body',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_request',
  'invalid_amount',
  'gift_card_not_found',
  'not_enough_funds',
  'out_of_stock',
  'come_back_later',
  'limit_reached',
  'card_unavailable',
] as const satisfies ErrorCode[]

const exampleCard = {
  id: '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e42',
  code: '6280 1234 5678 9012',
  expire_at: '2028-11-22T00:00:00.000Z',
  pin_code: '4711',
  amount: 50,
  gift_card_code: 'IKEAFR',
  pdf_url: 'https://billfold.example/cards/3kTMd9.pdf',
}

const operations: readonly ApiOperation<ErrorCode>[] = [
  {
    method: 'POST',
    path: '/cards',
    id: 'createCard',
    tag: 'cards',
    summary: 'Buys a card at once',
    description: `Where the card comes from elsewhere and is not there within ${readings.patience / 1000} seconds, the answer is \`come_back_later\`: send the same request again.`,
    headers,
    body: {
      schema: bodies.card,
      examples: {
        card: { summary: '50 euros', value: { card: { gift_card_code: 'IKEAFR', amount: 50 } } },
        named: {
          summary: 'with an id of yours',
          value: { card: { gift_card_code: 'TRIOFR', amount: 15, request_id: 'order-1001' } },
        },
      },
    },
    answers: { 200: { description: 'The card', schema: answers.cardAnswer, example: { card: exampleCard } } },
    errors: BUYING,
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: '/cards/{id}',
    id: 'readCard',
    tag: 'cards',
    summary: 'A card that was bought here',
    answers: { 200: { description: 'The card', schema: answers.cardAnswer, example: { card: exampleCard } } },
    errors: [...ALWAYS, 'card_not_found'],
    signing: { scheme: 'walleo' },
  },
  {
    method: 'POST',
    path: '/pull_requests',
    id: 'createPullRequest',
    tag: 'pull-requests',
    summary: 'Orders a card, to be read when it is there',
    headers,
    body: {
      schema: bodies.pullRequest,
      examples: {
        pull_request: {
          summary: '30 euros',
          value: { pull_request: { gift_card_code: 'TRIOFR', amount: 30, request_id: 'order-1002' } },
        },
      },
    },
    answers: {
      200: {
        description: 'The order as it was made; a repetition gets the same',
        schema: answers.pullRequestAnswer,
        example: {
          pull_request: {
            id: '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e43',
            status: 'waiting',
            request_id: 'order-1002',
            amount_cents: 3000,
            created_at: '2026-11-22T08:00:00.000Z',
            updated_at: '2026-11-22T08:00:00.000Z',
            card: null,
          },
        },
      },
    },
    errors: BUYING,
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: '/pull_requests/{request_id}',
    id: 'readPullRequest',
    tag: 'pull-requests',
    summary: 'How far an order has come',
    description: 'Also finds what `POST /cards` bought: the ids of both are of one kind.',
    answers: { 200: { description: 'The order as it stands', schema: answers.pullRequestAnswer } },
    errors: [...ALWAYS, 'pull_request_not_found'],
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: '/gift_cards',
    id: 'listGiftCards',
    tag: 'catalogue',
    summary: 'What is for sale',
    answers: { 200: { description: 'A bare array', schema: answers.giftCards } },
    errors: ALWAYS,
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: '/gift_cards/{code}',
    id: 'readGiftCard',
    tag: 'catalogue',
    summary: 'One gift card of the catalogue',
    answers: { 200: { description: 'The gift card', schema: answers.giftCard } },
    errors: [...ALWAYS, 'gift_card_not_found'],
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: '/inventories/{code}',
    id: 'readInventory',
    tag: 'catalogue',
    summary: 'How much of a gift card there is',
    answers: { 200: { description: 'By value', schema: answers.inventory } },
    errors: [...ALWAYS, 'gift_card_not_found'],
    signing: { scheme: 'walleo' },
  },
  {
    method: 'GET',
    path: readings.balancePath,
    id: 'readBalance',
    tag: 'balance',
    summary: 'What can be spent',
    description: 'The form of this answer is ours.',
    query: balanceQuery,
    answers: {
      200: {
        description: 'What a float has and is not held',
        schema: answers.balance,
        example: { balance: { amount_cents: 1_250_000, currency: 'EUR' } },
      },
    },
    errors: [...ALWAYS, 'invalid_request'],
    signing: { scheme: 'walleo' },
  },
]

/** Walleo's partners API as it is documented. */
export const walleoApi: Api<ErrorCode> = {
  title: 'Walleo partners API',
  summary: 'Gift cards, in the protocol of Walleo',
  description: [
    'A partner whose program buys gift cards from Walleo points it here, with credentials of this server, and gets cards.',
    'Amounts of cards are whole units of the currency; those that end in `_cents` are minor units. A request that buys happens once under its id: the same id again gets the first answer.',
    'No answer has a CORS header: the shared key belongs on a server.',
  ],
  servers: [{ url: '/partners/v1' }],
  tags: {
    cards: 'Cards at once',
    'pull-requests': 'Cards that come later',
    catalogue: 'What is for sale, and how much of it',
    balance: 'What can be spent',
  },
  securitySchemes: {
    signature: {
      type: 'apiKey',
      in: 'header',
      name: 'Authorization',
      description: [
        '`Bearer API_KEY, Id=IDENTIFIER, Signature=SIGNATURE, Timestamp=SECONDS`.',
        'The signature is HMAC-SHA256 in lower-case hexadecimal of `METHOD+URL+PAYLOAD+IDENTIFIER+TIMESTAMP`, the plus signs literal. The URL is whole, as the request goes to it. The payload is the body as canonical JSON (members sorted, compact); a request without a body has none, and no plus sign for it. The key is the shared key, decoded from hexadecimal.',
        `The timestamp is in seconds, and no more than ${readings.toleranceSeconds} from the server's clock.`,
      ].join('\n\n'),
    },
  },
  security: [{ signature: [] }],
  pathParameters: {
    id: { description: 'Of the card, a UUID', example: '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e42' },
    request_id: { description: 'The id that the request was made under', example: 'order-1002' },
    code: { description: '`code` of a gift card', example: 'IKEAFR' },
  },
  schemas: {
    Card: answers.card,
    PullRequest: answers.pullRequest,
    GiftCard: answers.giftCard,
    FacialValues: answers.facialValues,
  },
  errors,
  errorSchema: answers.refusal,
  errorExample: (code, { meaning }) => ({ errors: [{ code, message: meaning }], status: errors[code].status }),
  operations,
}
