import { createHmac, randomBytes } from 'node:crypto'
import { uuidV7 } from '../domain/uuid.ts'
import type { Sql } from '../storage/database.ts'
import { findSignedIn, insertWebSession, type SignedIn, touchWebSession } from '../storage/web-sessions.ts'
import { equalBytes, hashSecret } from './secrets.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** 256 random bits in base64url: what a browser's cookie holds. */
export const makeCookieToken = (): string => randomBytes(32).toString('base64url')

/** Whether a cookie's value could be one of ours; what could not is looked up nowhere. */
export const isCookieToken = (value: string | undefined): value is string => value !== undefined && TOKEN.test(value)

/** Where a session was begun, for its owner to recognise. */
export type Visitor = { device: string; address: string }

/** Begins a session under a new token, which is in this answer and nowhere else. */
export async function beginWebSession(
  deps: { clock: () => number },
  sql: Sql,
  email: string,
  { device, address }: Visitor,
): Promise<{ id: string; token: string }> {
  const id = uuidV7(deps.clock())
  const token = makeCookieToken()
  await insertWebSession(sql, { id, token_hash: hashSecret(token), email, device, address })
  return { id, token }
}

/**
 * Who is signed in by this token. Reads the database each time, so that a session ended anywhere ends everywhere at once; found by
 * hash, so that timing tells nothing of the token.
 */
export async function readWebSession(
  deps: { db: Sql },
  token: string | undefined,
  address: string,
): Promise<SignedIn | null> {
  if (!isCookieToken(token)) return null
  const row = await findSignedIn(deps.db, hashSecret(token))
  if (!row) return null
  if (row.stale || row.address !== address) await touchWebSession(deps.db, row.id, address)
  return row
}

/** The token that a form must carry beside its cookie: a MAC, so that a cookie planted by a stranger has none. */
export const formToken = (key: Uint8Array, cookie: string): string =>
  createHmac('sha256', key).update(`form:${cookie}`).digest('base64url')

export const formTokenMatches = (key: Uint8Array, cookie: string, given: string): boolean =>
  equalBytes(Buffer.from(formToken(key, cookie)), Buffer.from(given))
