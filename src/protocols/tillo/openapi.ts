import { type TilloErrorCode, type TilloErrorFacts, tilloErrors } from '#sdk/tillo/error-codes.ts'
import { tilloReadings } from '#sdk/tillo/readings.ts'
import type { Api, ErrorFacts } from '../../openapi/api.ts'
import { named, refusal } from './answers.ts'
import { operations } from './operations.ts'

const { authenticationFailure } = tilloReadings

/** The table of the SDK, the usual status of this server first. */
const errors = Object.fromEntries(
  Object.entries<TilloErrorFacts>(tilloErrors).map(([code, { http, meaning }]) => [
    code,
    { http: code === authenticationFailure.code ? [authenticationFailure.http] : http, meaning },
  ]),
) as Record<TilloErrorCode, ErrorFacts>

const apiKeyOf = (name: string, description: string) => ({ type: 'apiKey', in: 'header', name, description }) as const

/** Tillo's API as it is documented. */
export const tilloApi: Api<TilloErrorCode> = {
  title: 'Tillo API v2',
  summary: 'Gift cards, digital and printed, in the protocol of Tillo',
  description: [
    'A partner whose program buys gift cards from Tillo’s API v2 points it here, with credentials of this server, and gets cards.',
    'Every refusal has a code of three digits: decide by it, not by the status. A request that buys happens once under its `client_request_id`: the same id again gets the first answer.',
    'Each endpoint takes a number of requests a minute from each credential: `X-RateLimit-Limit` and `X-RateLimit-Remaining` tell. No answer has a CORS header: the secret belongs on a server.',
  ],
  servers: [{ url: '/api/v2' }],
  tags: {
    catalogue: 'What is sold',
    floats: 'The money that cards are paid with',
    digital: 'Cards as codes and addresses',
    physical: 'Printed cards',
  },
  securitySchemes: {
    apiKey: apiKeyOf('API-Key', 'Of the partner. It also begins the text that is signed.'),
    signature: apiKeyOf(
      'Signature',
      [
        'HMAC-SHA256 in lower-case hexadecimal of `KEY-METHOD-ENDPOINT-…-TIMESTAMP`. The key is the secret as text: it looks hexadecimal and is not decoded.',
        'ENDPOINT is the path with dashes for slashes, such as `digital-issue`. In place of the dots stand the signed fields that the request has: of what changes something `client_request_id` and `brand`, or in the full form `currency` and `amount` after them; of a reading that names a brand, the brand.',
      ].join('\n\n'),
    ),
    timestamp: apiKeyOf(
      'Timestamp',
      'The signed time, in milliseconds since 1970, UTC; no more than 300 seconds from the server’s clock.',
    ),
  },
  security: [{ apiKey: [], signature: [], timestamp: [] }],
  pathParameters: {},
  schemas: named,
  errors,
  errorSchema: refusal,
  errorExample: (code, { meaning }) => ({ code, status: 'error', message: meaning }),
  operations,
}
