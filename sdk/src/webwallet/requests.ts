import type { JsonObject } from '../protocol/exact-json.ts'
import { normaliseWalletId } from '../protocol/wallet-id.ts'
import { WebWalletError } from './error.ts'
import type { CallOptions, Receipt } from './types.ts'

/** The two kinds of request that all methods are made of. */
export type Requests = {
  read(path: string): Promise<JsonObject>
  /** Under the key of the caller, or a random one. */
  write(path: string, payload: object, options?: CallOptions): Promise<Receipt>
}

// Checked before it becomes part of a URL: a text such as `..` would lead elsewhere. Sent in one spelling.
export const pathOf = (walletId: string): string => `/${normaliseWalletId(walletId)}`

/** A reference as one segment of a path. */
export function segment(reference: string): string {
  if (/^\.{0,2}$/.test(reference)) throw new TypeError(`${JSON.stringify(reference)} is no reference`)
  return encodeURIComponent(reference)
}

/** With the question mark; nothing when nothing is given. */
export function queryOf(parameters: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** A list of the answer, and where the next page begins. */
export function pageOf(payload: JsonObject, name: string): { [name: string]: unknown; next: string | null } {
  const { next = null } = payload
  if (!Array.isArray(payload[name]) || (next !== null && typeof next !== 'string')) throw lacks(`page of ${name}`)
  return { [name]: payload[name], next }
}

export function member(payload: JsonObject, name: string): unknown {
  const value = payload[name]
  if (typeof value === 'object' && value !== null) return value
  throw lacks(name)
}

const lacks = (what: string) => new WebWalletError('answer-malformed', `The answer carries no ${what}`, { status: 200 })
