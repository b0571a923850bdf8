import { importSigningKey } from '../protocol/envelope.ts'
import { hmacSha256 } from '../protocol/hmac.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'

/** A message of Standard Webhooks 1.0.0. */
export type WebhookMessage = {
  /** `webhook-id`: the same at every delivery of the message, to know it again by. */
  id: string
  /** `webhook-timestamp`: seconds since the epoch, of this delivery. */
  timestamp: number
  /** The body as it is sent, to the byte. */
  body: string
}

/** One segment of the text that is signed. */
export type WebhookPart = { name: 'id' | 'timestamp' | 'body'; value: string }

/** The segments of the text that is signed, in their order. */
export const webhookParts = ({ id, timestamp, body }: WebhookMessage): WebhookPart[] => [
  { name: 'id', value: id },
  { name: 'timestamp', value: String(timestamp) },
  { name: 'body', value: body },
]

/** `id.timestamp.body`. It says one thing only, because an id with a dot is refused. */
export const webhookText = (message: WebhookMessage): string =>
  webhookParts(message)
    .map(({ value }) => value)
    .join('.')

/** The bytes of a secret, `whsec_` and base64. Throws a `TypeError`, which does not tell it, for anything but 24 to 64 bytes. */
export function decodeWebhookSecret(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith('whsec_') ? decodeBase64(secret.slice('whsec_'.length)) : null
  if (bytes === null || bytes.length < 24 || bytes.length > 64) {
    throw new TypeError('A webhook secret is "whsec_" and base64 of 24 to 64 bytes')
  }
  return bytes
}

/** A secret for WebCrypto. */
export const importWebhookKey = async (secret: string): Promise<CryptoKey> =>
  importSigningKey(decodeWebhookSecret(secret))

/** The headers of a delivery, with one signature (`v1,` and base64) per secret that is valid at the time. */
export const webhookHeaders = (message: WebhookMessage, signatures: readonly string[]): Record<string, string> => ({
  'webhook-id': message.id,
  'webhook-timestamp': String(message.timestamp),
  'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
})

/** {@link webhookHeaders}, signed with WebCrypto. */
export async function signWebhook(
  message: WebhookMessage,
  keys: readonly CryptoKey[],
): Promise<Record<string, string>> {
  requireId(message.id)
  const text = webhookText(message)
  const codes = await Promise.all(keys.map((key) => hmacSha256(key, text)))
  return webhookHeaders(message, codes.map(encodeBase64))
}

function requireId(id: string): void {
  if (!idPattern.test(id)) throw new TypeError('A webhook id has 1 to 256 visible ASCII characters and no dot')
}

const idPattern = /^[!-,\-/-~]{1,256}$/

/** Why a delivery must not be believed. */
export type WebhookRefusal =
  | 'missing-id'
  | 'missing-timestamp'
  | 'missing-signature'
  /** Anything but 1 to 256 visible ASCII characters without a dot. */
  | 'malformed-id'
  | 'malformed-timestamp'
  | 'stale-timestamp'
  | 'future-timestamp'
  /** No signature among those that came is one of version `v1`, canonical base64 of 32 bytes. */
  | 'malformed-signature'
  /** Only of {@link verifyWebhook}, which compares by itself. */
  | 'wrong-signature'

/** A delivery as it came in. */
export type WebhookRequest = {
  /** By lower-case name. */
  header(name: string): string | null | undefined
  body: string
}

/** A delivery whose form and time are right. */
export type WebhookExpectation = {
  ok: true
  message: WebhookMessage
  text: string
  /** The `v1` signatures that came, base64: one of them must be right. Signatures of other versions are passed over. */
  presented: string[]
}

/** How far a delivery's timestamp may lie from the receiver's clock, in seconds, either way. */
export const webhookToleranceSeconds = 300

const refused = (refusal: WebhookRefusal) => ({ ok: false, refusal }) as const

/** Checks everything about a delivery but its signatures. Pure; `now` in milliseconds. */
export function readWebhook(
  { header, body }: WebhookRequest,
  now: number,
  toleranceSeconds: number = webhookToleranceSeconds,
): { ok: false; refusal: WebhookRefusal } | WebhookExpectation {
  const id = header('webhook-id')
  const time = header('webhook-timestamp')
  const signatures = header('webhook-signature')
  if (!id) return refused('missing-id')
  if (!time) return refused('missing-timestamp')
  if (!signatures) return refused('missing-signature')
  if (!idPattern.test(id)) return refused('malformed-id')
  if (!/^[1-9]\d{0,11}$/.test(time)) return refused('malformed-timestamp')
  const timestamp = Number(time)
  const age = now / 1000 - timestamp
  if (age > toleranceSeconds) return refused('stale-timestamp')
  if (age < -toleranceSeconds) return refused('future-timestamp')
  const presented = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => signature.slice('v1,'.length))
    .filter((signature) => decodeBase64(signature)?.length === 32)
  // Many more than a rotation needs: someone is trying.
  if (presented.length === 0 || presented.length > 16) return refused('malformed-signature')
  const message = { id, timestamp, body }
  return { ok: true, message, text: webhookText(message), presented }
}

/**
 * Verifies a delivery with WebCrypto, which compares in constant time: one of the signatures must be right under one of the keys,
 * of which there are two while a secret is being replaced. A message may be delivered more than once: know it again by its id.
 */
export async function verifyWebhook(
  request: WebhookRequest,
  keys: readonly CryptoKey[],
  now: number = Date.now(),
  toleranceSeconds: number = webhookToleranceSeconds,
): Promise<{ ok: false; refusal: WebhookRefusal } | { ok: true; message: WebhookMessage }> {
  const read = readWebhook(request, now, toleranceSeconds)
  if (!read.ok) return read
  const text = new TextEncoder().encode(read.text)
  for (const key of keys) {
    for (const signature of read.presented) {
      const code = decodeBase64(signature)
      if (code && (await crypto.subtle.verify('HMAC', key, code, text))) return { ok: true, message: read.message }
    }
  }
  return refused('wrong-signature')
}
