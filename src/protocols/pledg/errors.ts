import { PasswordsBusy } from '../../credentials/password.ts'
import { BodyError } from '../../http/node.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'

/** What can be wrong with a request, with the status that goes with it. The first four are of Pledg's documents. */
export const problemTypes = {
  invalid_request_error: 400,
  not_eligible: 422,
  maintenance: 503,
  internal_error: 500,
  authentication_error: 401,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  rate_limited: 429,
} as const

export type ProblemType = keyof typeof problemTypes

/** RFC 6749 section 5.2 and RFC 6750 section 3.1. */
export type OauthError = 'invalid_client' | 'invalid_request' | 'unsupported_grant_type' | 'invalid_token'

type Facts = {
  http?: number
  headers?: Record<string, string>
  /** what is wrong with which parameter */
  fields?: Record<string, string>
  /** answers in OAuth's form instead */
  oauth?: OauthError
}

/** A refusal in Pledg's form. */
export class PledgProblem extends Error {
  override name = 'PledgProblem'
  readonly type: ProblemType
  readonly http: number
  readonly headers: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, string>> | undefined
  readonly oauth: OauthError | undefined

  constructor(type: ProblemType, message: string, { http, headers = {}, fields, oauth }: Facts = {}) {
    super(message)
    this.type = type
    this.http = http ?? problemTypes[type]
    this.headers = headers
    this.fields = fields
    this.oauth = oauth
  }

  /** JSON text. */
  get body(): string {
    const { type, message, fields } = this
    if (this.oauth) return JSON.stringify({ error: this.oauth, error_description: message })
    return JSON.stringify({ error: { type, message, ...(fields && { fields }) } })
  }
}

/** A parameter that is not what it should be. */
export const invalid = (field: string, message: string): PledgProblem =>
  new PledgProblem('invalid_request_error', `${field}: ${message}`, { fields: { [field]: message } })

export const notFound = (what: string): PledgProblem => new PledgProblem('not_found', `There is no such ${what}`)

/** @param seconds until another try is taken */
export const tooMany = (seconds: number): PledgProblem =>
  new PledgProblem('rate_limited', `Too many attempts: wait ${seconds} seconds`, {
    headers: { 'retry-after': String(seconds) },
  })

/** What any error is to the caller; `onFault` hears of those that are ours. */
export function explain(error: unknown, onFault: (error: unknown) => void): PledgProblem {
  if (error instanceof PledgProblem) return error
  if (error instanceof BodyError)
    return new PledgProblem('invalid_request_error', error.message, { http: error.status })
  const later = { headers: { 'retry-after': '1' } }
  if (error instanceof PasswordsBusy) return new PledgProblem('maintenance', 'The server is busy', later)
  onFault(error)
  if (error instanceof LedgerUnavailable && error.unknown)
    return new PledgProblem('internal_error', 'Whether this was carried out is not known: read the purchase', later)
  if (error instanceof LedgerUnavailable || isDatabaseAway(error))
    return new PledgProblem('maintenance', 'The server cannot do its work at present; nothing was done', later)
  return new PledgProblem('internal_error', 'The request failed here')
}
