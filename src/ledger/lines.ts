import { hash } from 'node:crypto'
import type { Asset } from '../domain/asset.ts'
import type { AccountState, HoldState } from '../domain/posting.ts'

/**
 * A transaction as text: what its digest is taken over and what the journal chains. `audit` makes the same lines from the
 * tables. Fields are separated by the unit separator and lines by the record separator; no field can hold either.
 */
export const FIELD = '\u001f'
export const LINE = '\u001e'

export const HOLD_STATUS = { open: 0, captured: 1, released: 2, expired: 3 } as const
export const ACCOUNT_STATUS = { open: 0, frozen: 1, closed: 2 } as const

export function transactionLine(id: string, kind: string, principal: string, at: number, payload: string): string {
  return `t${FIELD}${id}${FIELD}${kind}${FIELD}${principal}${FIELD}${at}${FIELD}${payload}`
}

export function transferLine(leg: number, source: bigint, target: bigint, assetId: number, amount: bigint): string {
  return `x${FIELD}${leg}${FIELD}${source}${FIELD}${target}${FIELD}${assetId}${FIELD}${amount}`
}

export function holdOpenedLine(hold: Omit<HoldState, 'status'>): string {
  return `h${FIELD}${hold.id}${FIELD}${hold.source}${FIELD}${hold.target}${FIELD}${hold.assetId}${FIELD}${hold.amount}${FIELD}${hold.expiresAt}`
}

export function holdEndedLine(id: string, status: number, captured: bigint): string {
  return `e${FIELD}${id}${FIELD}${status}${FIELD}${captured}`
}

/** What the unit of an account means stands in the account's own lines, so that an asset that is changed later shows. */
export function accountChangeLine(
  account: Pick<AccountState, 'id' | 'version' | 'assetId' | 'lower' | 'upper'>,
  status: number,
  asset: Omit<Asset, 'id'>,
): string {
  const { id, version, assetId, lower, upper } = account
  const { code, circle, exponent } = asset
  return ['a', id, version, assetId, code, circle, exponent, lower ?? '', upper ?? '', status].join(FIELD)
}

/** First 16 bytes of SHA-256, as 32 hex digits: fits a uuid column, and 128 bits are enough against a chosen twin. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}

/** What a key is kept under: a principal's keys are its own. Neither part can hold the separator: both are printable. */
export function keyId(principal: string, key: string): string {
  return digestOf(principal + FIELD + key)
}

/** Covers the whole row, so that a changed byte of a stored answer shows. */
export function idempotencyDigest(row: {
  id: string
  hash: string
  transaction: string | null
  /** ms since the epoch */
  at: number
  status: number
  answer: string
}): string {
  return digestOf([row.id, row.hash, row.transaction ?? '', row.at, row.status, row.answer].join(FIELD))
}
