import type { JsonObject } from '../protocol/exact-json.ts'
import { readJwt } from '../protocol/hs256-jwt.ts'
import { isJsonObject, readJsonObject } from '../protocol/json-object.ts'
import { isSignedBy } from './verification.ts'

/** What the vendor's documents name; others may come. */
export const pledgRedirectErrors = [
  'invalid_request_error',
  'maintenance',
  'internal_error',
  'payment_refused',
  'bad_gateway',
  '3DS_confirmation_timeout',
  'direct_confirmation_timeout',
  'not_eligible',
] as const

/** What an address says that a person came back to. */
export type PledgRedirect =
  /** Anyone can write it into an address bar: the notification, or the purchase, says whether money moves. */
  | { result: 'success' }
  | {
      result: 'failure'
      type: (typeof pledgRedirectErrors)[number] | (string & {})
      message: string
      /** Whether it is signed with the merchant's secret. */
      proven: boolean
    }
  /** Neither, or with a signature that is wrong. */
  | { result: 'unknown' }

/**
 * Reads `pledg_result` or `pledg_error` of an address. With a secret, a failure counts when it is signed by it and not otherwise;
 * without one, it is read as it stands.
 */
export async function readPledgRedirect(url: string, secret: string | null): Promise<PledgRedirect> {
  const { searchParams: query } = new URL(url)
  const error = query.get('pledg_error')
  if (error === null) return { result: query.has('pledg_result') ? 'success' : 'unknown' }
  const told = secret === null ? readJsonObject(error) : await readSigned(error, secret)
  const facts = isJsonObject(told?.error) ? told.error : told
  if (typeof facts?.type !== 'string') return { result: 'unknown' }
  const { type, message } = facts
  return { result: 'failure', type, message: typeof message === 'string' ? message : '', proven: secret !== null }
}

async function readSigned(token: string, secret: string): Promise<JsonObject | null> {
  const read = readJwt(token)
  if (!read.ok || !(await isSignedBy(secret, read.jwt.signingInput, read.jwt.signature))) return null
  return read.jwt.payload
}
