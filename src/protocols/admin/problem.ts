import { STATUS_CODES } from 'node:http'
import type { ExactJsonErrorCode } from '#sdk/protocol/errors.ts'
import { TokenRefusal } from '../../credentials/token-refusal.ts'
import { BODY_CODES } from '../../http/body-errors.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { OperationRefusal, type OperationRefusalCode } from '../../operations/input.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

/** Every `code` of a problem; a closed union that callers may switch on. */
export const PROBLEM_CODES = [
  'invalid-token',
  'invalid-request',
  'insufficient-scope',
  'operator-required',
  'route-not-found',
  'method-not-allowed',
  ...BODY_CODES,
  'idempotency-key-malformed',
  'idempotency-key-missing',
  'idempotency-conflict',
  'invalid-input',
  'not-found',
  'already-exists',
  'conflict',
  'card-ended',
  'card-expired',
  'card-blocked',
  'card-full',
  'brand-not-accepted',
  'wallet-not-usable',
  'wallet-full',
  'currency-differs',
  'insufficient-balance',
  'insufficient-funds',
  'refund-exceeds-redemption',
  'hold-ended',
  'hold-expired',
  'capture-exceeds-hold',
  'too-many-attempts',
  'too-many-requests',
  'unavailable',
  'outcome-unknown',
  'internal-error',
] as const satisfies readonly (string | ExactJsonErrorCode)[]

export type ProblemCode = (typeof PROBLEM_CODES)[number]

/** @param seconds to wait */
export const tooMany = (seconds: number) =>
  new AdminProblem(429, 'too-many-requests', 'too many requests in a minute', {
    headers: { 'retry-after': String(seconds) },
  })

type Extra = {
  field?: string | undefined
  errors?: { field: string; detail: string }[]
  headers?: Record<string, string>
}

/** A refusal in the form of RFC 9457, `application/problem+json`. */
export class AdminProblem extends Error {
  override name = 'AdminProblem'
  readonly status: number
  readonly code: ProblemCode
  readonly extra: Extra

  constructor(status: number, code: ProblemCode, detail: string, extra: Extra = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.extra = extra
  }
}

const refusals: Record<OperationRefusalCode, { status: number; code: ProblemCode }> = {
  invalid_input: { status: 422, code: 'invalid-input' },
  not_found: { status: 404, code: 'not-found' },
  already_exists: { status: 409, code: 'already-exists' },
  conflict: { status: 409, code: 'conflict' },
}

const tokenCodes: Record<TokenRefusal['code'], ProblemCode> = {
  invalid_request: 'invalid-request',
  invalid_token: 'invalid-token',
  insufficient_scope: 'insufficient-scope',
  // API keys are never bound to a key.
  invalid_dpop_proof: 'invalid-token',
}

/** What any error is to the caller; `onFault` hears of those that are ours. @param writes whether it may have changed something */
export function explain(error: unknown, onFault: (error: unknown) => void, writes: boolean): AdminProblem {
  if (error instanceof AdminProblem) return error
  if (error instanceof OperationRefusal) {
    const { status, code } = refusals[error.code]
    return new AdminProblem(status, code, error.message, { field: error.field })
  }
  if (error instanceof TokenRefusal) {
    const headers = { 'www-authenticate': error.challenge('admin') }
    return new AdminProblem(error.status, tokenCodes[error.code], error.message, { headers })
  }
  onFault(error)
  const again = (unknown: boolean, reason: string) =>
    new AdminProblem(503, unknown ? 'outcome-unknown' : 'unavailable', reason, { headers: { 'retry-after': '1' } })
  if (error instanceof LedgerUnavailable) return again(error.unknown, error.message)
  // The answer to a commit may be what was lost.
  if (isDatabaseAway(error)) return again(writes, 'the database could not be reached')
  return new AdminProblem(500, 'internal-error', 'the request failed here')
}

/** `type` is left out, which says `about:blank`: `title` is the status in words, and `code` tells problems apart. */
export function problemResponse({ status, code, message, extra }: AdminProblem): Response {
  const body = {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
    ...(extra.field === undefined ? {} : { field: extra.field }),
    ...(extra.errors === undefined ? {} : { errors: extra.errors }),
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...HEADERS, ...extra.headers },
  })
}

/** On every answer: nothing here is the same for two callers. */
export const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
