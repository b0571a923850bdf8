import { ExactJsonError } from '../protocol/errors.ts'
import type { Json } from '../protocol/exact-json.ts'
import { type TilloOperation, tilloEndpoints, tilloOperationAt } from './endpoints.ts'
import type { TilloErrorCode } from './error-codes.ts'
import { readTilloBody, type TilloValues, tilloValuesOfQuery } from './fields.ts'
import { tilloReadings } from './readings.ts'
import { tilloPartsOfAllForms, tilloStringToSign } from './signing.ts'

/** Why a request can't be taken for its partner's, and the code of the answer. */
export const tilloRefusals = {
  'unknown-endpoint': { code: '999', meaning: 'The API has no such method and path' },
  'missing-api-key': { code: '434', meaning: 'There is no API-Key header' },
  'missing-signature': { code: '434', meaning: 'There is no Signature header' },
  'missing-timestamp': { code: '434', meaning: 'There is no Timestamp header' },
  'malformed-signature': { code: '434', meaning: 'The signature is not 64 lower-case hexadecimal digits' },
  'malformed-timestamp': { code: '434', meaning: 'The timestamp is not a whole number of milliseconds, 13 digits' },
  'stale-timestamp': { code: '434', meaning: 'The timestamp lies too far in the past' },
  'future-timestamp': { code: '434', meaning: 'The timestamp lies too far in the future' },
  'unknown-credentials': { code: '434', meaning: 'No partner has this API key' },
  'malformed-query': { code: '433', meaning: 'The query names a brand more than once' },
  'malformed-body': { code: '433', meaning: 'The body is not exact JSON' },
} as const satisfies Record<string, { code: TilloErrorCode; meaning: string }>

/** The name of a reason of {@link tilloRefusals}. */
export type TilloRefusal = keyof typeof tilloRefusals

/** A request as it came in. */
export type TilloRequest = {
  method: string
  /** Below the API's base, without slashes around it: `digital/issue`. */
  path: string
  query: URLSearchParams
  /** By lower-case name. */
  header(name: string): string | null | undefined
  /** The body's text; empty or null where there is none. */
  body: string | null
}

/** HMAC-SHA256 of a text under the partner's secret as text, in lower-case hexadecimal. */
export type TilloMac = (stringToSign: string) => string

/** A request whose form and time are right. Whether its signature is, the caller's comparison tells. */
export type TilloExpectation = {
  ok: true
  operation: TilloOperation
  apiKey: string
  /** Milliseconds since the epoch. */
  timestamp: number
  /** The signature in the header: compare it with each expected one, in constant time. */
  presented: string
  /** The strings that the partner may have signed, the simplified form first, and their signatures, in the same order. */
  stringsToSign: string[]
  expected: string[]
  /** The parsed body; undefined where there is none. */
  body: Json | undefined
}

type Refused = { ok: false; refusal: TilloRefusal }
const refused = (refusal: TilloRefusal): Refused => ({ ok: false, refusal })

/**
 * Checks everything about a request but the equality of two signatures, which is left to the caller, who has a comparison in
 * constant time. Pure: `macFor` finds the secret of an API key (null: no such partner), `now` is the time in milliseconds.
 */
export function checkTilloRequest(
  request: TilloRequest,
  macFor: (apiKey: string) => TilloMac | null,
  now: number,
  tolerance: number = tilloReadings.toleranceMilliseconds,
): Refused | TilloExpectation {
  const operation = tilloOperationAt(request.method, request.path)
  if (operation === undefined) return refused('unknown-endpoint')
  const apiKey = request.header('api-key')
  const presented = request.header('signature')
  const time = request.header('timestamp')
  if (!apiKey) return refused('missing-api-key')
  if (!presented) return refused('missing-signature')
  if (!time) return refused('missing-timestamp')
  if (!/^[0-9a-f]{64}$/.test(presented)) return refused('malformed-signature')
  if (!/^[1-9]\d{12}$/.test(time)) return refused('malformed-timestamp')
  const timestamp = Number(time)
  if (now - timestamp > tolerance) return refused('stale-timestamp')
  if (timestamp - now > tolerance) return refused('future-timestamp')
  const mac = macFor(apiKey)
  if (mac === null) return refused('unknown-credentials')

  const read = tilloEndpoints[operation].method === 'GET' ? readQuery(request.query) : readBody(request.body ?? '')
  if ('refusal' in read) return read
  const texts = read.readings.flatMap((values) =>
    tilloPartsOfAllForms({ apiKey, operation, values, timestamp }).map(tilloStringToSign),
  )
  const stringsToSign = [...new Set(texts)]
  return {
    ok: true,
    operation,
    apiKey,
    timestamp,
    presented,
    stringsToSign,
    expected: stringsToSign.map(mac),
    body: read.body,
  }
}

type Read = { body: Json | undefined; readings: TilloValues[] }

function readQuery(query: URLSearchParams): Refused | Read {
  if (query.getAll('brand').length > 1) return refused('malformed-query')
  return { body: undefined, readings: [tilloValuesOfQuery(query)] }
}

function readBody(text: string): Refused | Read {
  try {
    return readTilloBody(text)
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    return refused('malformed-body')
  }
}
