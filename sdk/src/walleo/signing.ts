import { canonicalJson } from '../protocol/canonical-json.ts'
import { importSigningKey } from '../protocol/envelope.ts'
import type { Json } from '../protocol/exact-json.ts'
import { decodeHex, hmacHex } from '../protocol/hmac.ts'

/** What a Walleo signature is about. */
export type WalleoMessage = {
  /** In upper case. */
  method: string
  /** Absolute, with scheme, host and query, as the request goes out. */
  url: string
  /** {@link walleoPayload} of the body. Without a body: null leaves the segment out, `''` keeps it, empty. */
  payload: string | null
  /** The partner's IDENTIFIER, a UUID. */
  identifier: string
  /** Seconds since the epoch. */
  timestamp: number
}

/** One segment of a string to sign. */
export type WalleoPart = { name: 'method' | 'url' | 'payload' | 'identifier' | 'timestamp'; value: string }

/**
 * The segments of the string to sign, in order.
 *
 * The vendor's formula has no identifier, but the hash of the vendor's own example is only reached with it, before the timestamp.
 */
export function walleoParts({ method, url, payload, identifier, timestamp }: WalleoMessage): WalleoPart[] {
  const parts: WalleoPart[] = [
    { name: 'method', value: method },
    { name: 'url', value: url },
  ]
  if (payload !== null) parts.push({ name: 'payload', value: payload })
  parts.push({ name: 'identifier', value: identifier }, { name: 'timestamp', value: String(timestamp) })
  return parts
}

/**
 * `METHOD+URL+PAYLOAD+IDENTIFIER+TIMESTAMP`, the plus signs literal.
 *
 * Where the protocol itself is ambiguous: a plus sign may also stand in a URL, so a URL that ends in one, without a payload,
 * signs like the URL without it and an empty payload; a verifier takes such a URL with an empty payload only. A payload that is a non-empty object can't be mistaken, because `+{"`
 * never occurs in a URL. Neither the API key nor the request id is signed.
 */
export const walleoStringToSign = (message: WalleoMessage): string =>
  walleoParts(message)
    .map(({ value }) => value)
    .join('+')

/**
 * The body as it is signed, and sent: compact JSON with its members sorted, nested ones too (RFC 8785). Letters keep their case,
 * against the vendor's words and with the vendor's example. Throws a `CanonicalJsonError`.
 */
export const walleoPayload = (body: unknown): string => canonicalJson(body)

/**
 * Whether a text is itself a payload: sorted and compact. Then it may have been signed as it is, with the numbers (`50.0`) and
 * escapes (`\/`, `\u00e9`) of another language's JSON. `value` is what the text says.
 */
export function isWalleoPayload(text: string, value: Json): boolean {
  return !/\s/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '')) && isSorted(value)
}

function isSorted(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  const names = Object.keys(value)
  const inOrder = names.every((name, at) => at === 0 || (names[at - 1] as string) < name)
  return inOrder && Object.values(value).every(isSorted)
}

/** The bytes of a SHARED_KEY, which is hexadecimal text. Throws a `TypeError`, which does not tell the key. */
export function decodeWalleoKey(sharedKey: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeHex(sharedKey)
  if (bytes === null) throw new TypeError('A shared key is an even number of hexadecimal digits')
  return bytes
}

/** A SHARED_KEY for WebCrypto. Import it once, it serves every request. */
export const importWalleoKey = async (sharedKey: string): Promise<CryptoKey> =>
  importSigningKey(decodeWalleoKey(sharedKey))

/** The value of the `Authorization` header. */
export function walleoAuthorization(values: {
  apiKey: string
  identifier: string
  /** 64 lower-case hexadecimal digits. */
  signature: string
  /** Seconds since the epoch, the signed ones. */
  timestamp: number
}): string {
  const { apiKey, identifier, signature, timestamp } = values
  return `Bearer ${apiKey}, Id=${identifier}, Signature=${signature}, Timestamp=${timestamp}`
}

/** A request that is ready to go out, with every step of its signature. */
export type SignedWalleoRequest = {
  method: string
  url: string
  headers: Record<string, string>
  /** Undefined when the request has none. Send these bytes: they are what is signed. */
  body: string | undefined
  parts: WalleoPart[]
  stringToSign: string
  signature: string
}

/**
 * Signs one request with WebCrypto. The URL is brought to the form in which `fetch` sends it. Throws a `CanonicalJsonError` for a
 * body that has no JSON, a `TypeError` for a URL that is none.
 */
export async function signWalleoRequest(
  request: { method: string; url: string; body?: unknown },
  credentials: { apiKey: string; identifier: string; key: CryptoKey },
  /** Seconds since the epoch. */
  timestamp: number,
): Promise<SignedWalleoRequest> {
  const { method } = request
  const { apiKey, identifier, key } = credentials
  const url = new URL(request.url)
  url.hash = ''
  const body = request.body === undefined ? undefined : walleoPayload(request.body)
  const message = {
    method,
    url: url.href,
    payload: body ?? (url.href.endsWith('+') ? '' : null),
    identifier,
    timestamp,
  }
  const stringToSign = walleoStringToSign(message)
  const signature = await hmacHex(key, stringToSign)
  return {
    method,
    url: url.href,
    headers: {
      authorization: walleoAuthorization({ apiKey, identifier, signature, timestamp }),
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
    parts: walleoParts(message),
    stringToSign,
    signature,
  }
}
