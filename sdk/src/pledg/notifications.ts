import type { JsonObject } from '../protocol/exact-json.ts'
import { encodeHex } from '../protocol/hmac.ts'
import { type JwtMac, type JwtRefusal, readJwt } from '../protocol/hs256-jwt.ts'
import { readJsonObject } from '../protocol/json-object.ts'

/** The members of a back-mode notification that its hash covers; `metadata`, `additional_data` and all others are not covered. */
export const pledgHashedFields = ['created_at', 'error', 'id', 'reference', 'sandbox', 'status'] as const

/** The values of those members. */
export type PledgHashed = Record<(typeof pledgHashedFields)[number], string | number | boolean | null>

/** One `name=value` of the text that is hashed. */
export type PledgPart = { name: string; value: string }

/** The pairs of a notification's hash, sorted by name; null is nothing, true and false are words. */
export const pledgNotificationParts = (fields: PledgHashed): PledgPart[] =>
  pledgHashedFields.map((name) => ({ name, value: fields[name] === null ? '' : String(fields[name]) }))

/**
 * The text that is hashed with plain SHA-256: the secret stands between the pairs, neither before the first nor after the last.
 *
 * Where the protocol itself is ambiguous: null signs like an empty text, true like the word, and a value that contains the secret
 * like several pairs. Nothing outside the six pairs is covered.
 */
export const pledgNotificationText = (fields: PledgHashed, secret: string): string =>
  pledgNotificationParts(fields)
    .map(({ name, value }) => `${name}=${value}`)
    .join(secret)

/** The hash, by WebCrypto: 64 upper-case hexadecimal digits. */
export async function pledgNotificationHash(fields: PledgHashed, secret: string): Promise<string> {
  const bytes = new TextEncoder().encode(pledgNotificationText(fields, secret))
  return encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).toUpperCase()
}

/** Why a notification must not be acted upon. */
export type PledgNotificationRefusal =
  | JwtRefusal
  /** The body is no exact JSON object. */
  | 'malformed-body'
  /** Neither a hash nor a token: a receiver with a secret never takes those. */
  | 'unsigned'
  /** Not 64 upper-case hexadecimal digits. */
  | 'malformed-hash'
  /** A covered member is missing, of another type, or holds control characters. */
  | 'malformed-field'

/** A signed notification. Whether its signature is right, the caller's comparison tells. */
export type PledgNotificationExpectation = {
  ok: true
  /** `hash`: back mode. `token`: transfers and errors. */
  kind: 'hash' | 'token'
  /** Compare in constant time. */
  presented: string
  expected: string
  /** What it says: the body, or the token's payload. Of a hash, only the covered members are proven. */
  content: JsonObject
}

/** A notification in one of the signed forms; nothing about its signature is known yet. */
export type PledgNotificationForm =
  | { ok: true; kind: 'token'; presented: string; signingInput: string; content: JsonObject }
  | { ok: true; kind: 'hash'; presented: string; hashed: PledgHashed; content: JsonObject }

/**
 * Reads a notification without believing it: a body whose only member is `signature` is a token, one with further members is
 * hashed, one without is refused.
 */
export function readPledgNotification(
  body: string,
): { ok: false; refusal: PledgNotificationRefusal } | PledgNotificationForm {
  const content = readJsonObject(body)
  if (content === null) return refused('malformed-body')
  const { signature } = content
  if (signature === undefined) return refused('unsigned')
  if (typeof signature !== 'string') return refused('malformed-hash')
  if (Object.keys(content).length === 1) {
    const read = readJwt(signature)
    if (!read.ok) return read
    const { signingInput, signature: presented, payload } = read.jwt
    return { ok: true, kind: 'token', presented, signingInput, content: payload }
  }
  if (!/^[0-9A-F]{64}$/.test(signature)) return refused('malformed-hash')
  if (!pledgHashedFields.every((name) => isHashable(content[name]))) return refused('malformed-field')
  return { ok: true, kind: 'hash', presented: signature, hashed: content as PledgHashed, content }
}

/** Checks everything about a notification but the equality of two signatures. `sha256` answers in upper-case hexadecimal. Pure. */
export function checkPledgNotification(
  body: string,
  merchant: { secret: string; sha256: (text: string) => string; mac: JwtMac },
): { ok: false; refusal: PledgNotificationRefusal } | PledgNotificationExpectation {
  const form = readPledgNotification(body)
  if (!form.ok) return form
  const { kind, presented, content } = form
  const expected =
    kind === 'token'
      ? merchant.mac(form.signingInput)
      : merchant.sha256(pledgNotificationText(form.hashed, merchant.secret))
  return { ok: true, kind, presented, expected, content }
}

const refused = (refusal: PledgNotificationRefusal) => ({ ok: false, refusal }) as const

/**
 * The `reference` that an unproven notification names, hashed or in a token: good to choose the merchant's secret by, and for
 * nothing else. Null where there is none.
 */
export function peekPledgReference(body: string): string | null {
  const content = readJsonObject(body)
  if (content === null) return null
  const { signature, reference } = content
  if (Object.keys(content).length !== 1 || typeof signature !== 'string') return asText(reference)
  const read = readJwt(signature)
  return read.ok ? asText(read.jwt.payload.reference) : null
}

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null)

// A plain hash can be continued by someone who does not know the secret; what is appended begins with control characters.
const isHashable = (value: unknown): boolean =>
  value === null ||
  typeof value === 'boolean' ||
  typeof value === 'number' ||
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  (typeof value === 'string' && !/[\u0000-\u001f\u007f-\u009f]/.test(value))
