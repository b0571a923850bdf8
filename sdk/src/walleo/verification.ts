import { ExactJsonError } from '../protocol/errors.ts'
import { type Json, parseExactJson } from '../protocol/exact-json.ts'
import type { WalleoErrorCode } from './error-codes.ts'
import { walleoReadings } from './readings.ts'
import { isWalleoPayload, walleoPayload, walleoStringToSign } from './signing.ts'

/** Why a request can't be taken for its partner's, and the code of the answer. */
export const walleoRefusals = {
  'missing-authorization': { code: 'unauthorized', meaning: 'There is no Authorization header' },
  'malformed-authorization': {
    code: 'unauthorized',
    meaning: 'The header is not "Bearer KEY, Id=…, Signature=…, Timestamp=…", each part once and no other',
  },
  'missing-identifier': { code: 'unauthorized', meaning: 'The header lacks Id' },
  'missing-signature': { code: 'unauthorized', meaning: 'The header lacks Signature' },
  'missing-timestamp': { code: 'unauthorized', meaning: 'The header lacks Timestamp' },
  'malformed-signature': {
    code: 'invalid_signature',
    meaning: 'The signature is not 64 lower-case hexadecimal digits',
  },
  'malformed-timestamp': { code: 'invalid_signature', meaning: 'The timestamp is not a whole number of seconds' },
  'stale-timestamp': { code: 'invalid_signature', meaning: 'The timestamp lies too far in the past' },
  'future-timestamp': { code: 'invalid_signature', meaning: 'The timestamp lies too far in the future' },
  'unknown-credentials': { code: 'unauthorized', meaning: 'No partner has this API key and identifier' },
  'malformed-body': { code: 'invalid_signature', meaning: 'The body is not exact JSON, so it has no signed form' },
} as const satisfies Record<string, { code: WalleoErrorCode; meaning: string }>

/** The name of a reason of {@link walleoRefusals}. */
export type WalleoRefusal = keyof typeof walleoRefusals

/** What an `Authorization` header says; nothing of it is proven yet. */
export type WalleoAuthorization = {
  apiKey: string
  identifier: string
  signature: string
  /** Seconds since the epoch. */
  timestamp: number
}

type Refused = { ok: false; refusal: WalleoRefusal }
const refused = (refusal: WalleoRefusal): Refused => ({ ok: false, refusal })

// Visible ASCII without comma: the comma separates the parts.
const bearer = /^bearer +([!-+\--~]+)$/i

/**
 * Reads an `Authorization` header. `Id`, `Signature` and `Timestamp` come in any order; a part that comes twice, or that the
 * protocol does not know, makes the header malformed.
 */
export function readWalleoAuthorization(
  header: string | null | undefined,
): Refused | { ok: true; authorization: WalleoAuthorization } {
  if (header === null || header === undefined || header === '') return refused('missing-authorization')
  const [first = '', ...rest] = header.split(',')
  const apiKey = bearer.exec(first.trim())?.[1]
  if (apiKey === undefined) return refused('malformed-authorization')
  const values = new Map<string, string>()
  for (const part of rest) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).trim().toLowerCase()
    const known = name === 'id' || name === 'signature' || name === 'timestamp'
    if (at < 0 || !known || values.has(name)) return refused('malformed-authorization')
    values.set(name, part.slice(at + 1).trim())
  }
  const identifier = values.get('id')
  const signature = values.get('signature')
  const timestamp = values.get('timestamp')
  if (!identifier) return refused('missing-identifier')
  if (!signature) return refused('missing-signature')
  if (!timestamp) return refused('missing-timestamp')
  if (!/^[0-9a-f]{64}$/.test(signature)) return refused('malformed-signature')
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return refused('malformed-timestamp')
  return { ok: true, authorization: { apiKey, identifier, signature, timestamp: Number(timestamp) } }
}

/** A request as it came in. */
export type WalleoRequest = {
  method: string
  /** The absolute URLs that the caller may have used: each public address of the server, with path and query as they came in. */
  urls: readonly string[]
  authorization: string | null | undefined
  /** The body's text; empty or null where there is none. */
  body: string | null
}

/** HMAC-SHA256 of a text under the partner's decoded key, in lower-case hexadecimal. */
export type WalleoMac = (stringToSign: string) => string

/** A request whose form and time are right. Whether its signature is, the caller's comparison tells. */
export type WalleoExpectation = {
  ok: true
  authorization: WalleoAuthorization
  /** The signature in the header: compare it with each expected one, in constant time. */
  presented: string
  /** The strings that the partner may have signed, and their signatures, in the same order. */
  stringsToSign: string[]
  expected: string[]
  /** The parsed body; undefined where there is none. */
  body: Json | undefined
}

/** Without a body, a URL that ends in a plus sign would sign like the URL without it and an empty payload: it needs that payload. */
const formsOf = (url: string, payloads: (string | null)[]) =>
  url.endsWith('+') ? payloads.filter((payload) => payload !== null) : payloads

/**
 * Checks everything about a request but the equality of two signatures, which is left to the caller, who has a comparison in
 * constant time. Pure: `macFor` finds the key (null: no such partner), `now` is the time in milliseconds.
 *
 * A body may be sent unsorted and with spaces, as in the vendor's example; what is signed is its canonical form. One that is sent
 * sorted and compact may also be signed as it is, because other languages print numbers and letters otherwise.
 */
export function checkWalleoRequest(
  request: WalleoRequest,
  macFor: (authorization: WalleoAuthorization) => WalleoMac | null,
  now: number,
  toleranceSeconds: number = walleoReadings.toleranceSeconds,
): Refused | WalleoExpectation {
  const read = readWalleoAuthorization(request.authorization)
  if (!read.ok) return read
  const { authorization } = read
  const { identifier, timestamp } = authorization
  const age = now / 1000 - timestamp
  if (age > toleranceSeconds) return refused('stale-timestamp')
  if (age < -toleranceSeconds) return refused('future-timestamp')
  const mac = macFor(authorization)
  if (mac === null) return refused('unknown-credentials')

  let body: Json | undefined
  let payloads: (string | null)[] = [null, '']
  if (request.body !== null && request.body !== '') {
    try {
      body = parseExactJson(request.body)
    } catch (error) {
      if (!(error instanceof ExactJsonError)) throw error
      return refused('malformed-body')
    }
    const canonical = walleoPayload(body)
    const asSent = request.body !== canonical && isWalleoPayload(request.body, body)
    payloads = asSent ? [canonical, request.body] : [canonical]
  }
  const stringsToSign = request.urls.flatMap((url) =>
    formsOf(url, payloads).map((payload) =>
      walleoStringToSign({ method: request.method, url, payload, identifier, timestamp }),
    ),
  )
  return {
    ok: true,
    authorization,
    presented: authorization.signature,
    stringsToSign,
    expected: stringsToSign.map(mac),
    body,
  }
}
