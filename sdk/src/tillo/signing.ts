import { importSigningKey } from '../protocol/envelope.ts'
import { hmacHex } from '../protocol/hmac.ts'
import { type TilloField, type TilloOperation, tilloEndpoints, tilloSlug } from './endpoints.ts'
import { type TilloValues, tilloValuesOf, tilloValuesOfQuery } from './fields.ts'

/** What a Tillo signature is about. */
export type TilloMessage = {
  apiKey: string
  operation: TilloOperation
  values: TilloValues
  /** Which of the endpoint's lists of fields; `full` is the simplified one where the endpoint has no other. */
  form: TilloForm
  /** Milliseconds since the epoch. */
  timestamp: number
}

/** Which fields are signed: the few that the documents recommend, or currency and amount as well. */
export type TilloForm = 'simplified' | 'full'

/** One segment of a string to sign. */
export type TilloPart = { name: 'apiKey' | 'method' | 'endpoint' | TilloField | 'timestamp'; value: string }

/** The segments of the string to sign, in order. A field without a value is left out whole. */
export function tilloParts({ apiKey, operation, values, form, timestamp }: TilloMessage): TilloPart[] {
  const { forms } = tilloEndpoints[operation]
  const fields = (form === 'full' ? forms[1] : undefined) ?? forms[0]
  return partsWith(fields, { apiKey, operation, values, timestamp })
}

/** {@link tilloParts} for every list of fields that the endpoint admits, without repetitions. */
export function tilloPartsOfAllForms(message: Omit<TilloMessage, 'form'>): TilloPart[][] {
  return tilloEndpoints[message.operation].forms.map((fields) => partsWith(fields, message))
}

function partsWith(fields: readonly TilloField[], message: Omit<TilloMessage, 'form'>): TilloPart[] {
  const { apiKey, operation, values, timestamp } = message
  const { method, path } = tilloEndpoints[operation]
  return [
    { name: 'apiKey', value: apiKey },
    { name: 'method', value: method },
    { name: 'endpoint', value: tilloSlug(path) },
    ...fields.flatMap((name) => {
      const value = values[name]
      return value === undefined || value === '' ? [] : [{ name, value }]
    }),
    { name: 'timestamp', value: String(timestamp) },
  ]
}

/**
 * `KEY-METHOD-ENDPOINT-…-TIMESTAMP`.
 *
 * Where the protocol itself is ambiguous: the dash that joins the segments also stands in them, so the request id `a-b` with brand
 * `c` signs like `a` with `b-c`, and a missing field signs like another missing one whose value it has. The simplified form signs
 * neither currency nor amount, and no form signs what else the body says. The signature proves who calls, not what was sent: that
 * is left to TLS.
 */
export const tilloStringToSign = (parts: readonly TilloPart[]): string => parts.map(({ value }) => value).join('-')

/** A secret for WebCrypto: its text, which looks hexadecimal and is not decoded. Import it once, it serves every request. */
export const importTilloKey = (secret: string): Promise<CryptoKey> => importSigningKey(secret)

/** The headers of a request. */
export function tilloHeaders(values: {
  apiKey: string
  /** 64 lower-case hexadecimal digits. */
  signature: string
  /** Milliseconds since the epoch, the signed ones. */
  timestamp: number
}): Record<string, string> {
  return {
    'api-key': values.apiKey,
    signature: values.signature,
    timestamp: String(values.timestamp),
    'content-type': 'application/json',
    accept: 'application/json',
  }
}

/** A request that is ready to go out, with every step of its signature. */
export type SignedTilloRequest = {
  method: string
  /** Below the API's base, with its query. */
  path: string
  headers: Record<string, string>
  body: string | undefined
  parts: TilloPart[]
  stringToSign: string
  signature: string
}

/** Signs one request with WebCrypto. */
export async function signTilloRequest(
  request: {
    operation: TilloOperation
    query?: URLSearchParams | undefined
    body?: object | undefined
    form?: TilloForm
  },
  credentials: { apiKey: string; key: CryptoKey },
  /** Milliseconds since the epoch. */
  timestamp: number,
): Promise<SignedTilloRequest> {
  const { operation, query = new URLSearchParams(), form = 'simplified' } = request
  const { apiKey, key } = credentials
  const { method, path } = tilloEndpoints[operation]
  const values = method === 'GET' ? tilloValuesOfQuery(query) : tilloValuesOf(request.body)
  const parts = tilloParts({ apiKey, operation, values, form, timestamp })
  const stringToSign = tilloStringToSign(parts)
  const signature = await hmacHex(key, stringToSign)
  return {
    method,
    path: query.size === 0 ? path : `${path}?${query}`,
    headers: tilloHeaders({ apiKey, signature, timestamp }),
    body: request.body === undefined ? undefined : JSON.stringify(request.body),
    parts,
    stringToSign,
    signature,
  }
}
