import { bodyErrors } from '../../http/body-errors.ts'
import type { ErrorFacts } from '../../openapi/api.ts'
import type { ProblemCode } from './problem.ts'

const row = (http: number, meaning: string): ErrorFacts => ({ http, meaning })

/** What each code says. Total: a code without words does not compile. */
export const problems: Record<ProblemCode, ErrorFacts> = {
  'invalid-token': row(401, 'No API key, or one that is unknown or revoked'),
  'invalid-request': row(400, 'The Authorization header holds no key'),
  'insufficient-scope': row(403, 'The API key does not allow this'),
  'operator-required': row(403, 'The party of the API key is no operator'),
  'route-not-found': row(404, 'The admin API has no such route'),
  'method-not-allowed': row(405, '`Allow` says what the route takes'),
  ...bodyErrors({ type: 'The body is not of the type that the route takes', size: 'The body is too large' }),
  'idempotency-key-malformed': row(400, '`Idempotency-Key` is not 1 to 200 printable characters'),
  'idempotency-key-missing': row(400, 'The route needs an `Idempotency-Key`'),
  'idempotency-conflict': row(409, 'The key was used for another request'),
  'invalid-input': row(422, 'A member or parameter is wrong; `field` and `errors` say which'),
  'not-found': row(404, 'What the request is about, or names, is not there'),
  'already-exists': row(409, 'What it would create is there'),
  conflict: row(409, 'The state does not allow it'),
  'card-ended': row(409, 'The card was cancelled or cashed out'),
  'card-expired': row(409, 'The card has expired'),
  'card-blocked': row(409, 'The card is blocked'),
  'card-full': row(409, 'The card would hold too much'),
  'brand-not-accepted': row(409, 'The merchant does not take cards of the brand'),
  'wallet-not-usable': row(409, 'The wallet is frozen or closed'),
  'wallet-full': row(409, 'The wallet would hold too much'),
  'currency-differs': row(409, 'The currencies differ'),
  'insufficient-balance': row(409, 'The card has not that much left'),
  'insufficient-funds': row(409, 'The wallet has not that much'),
  'refund-exceeds-redemption': row(409, 'The refunds would exceed what was redeemed'),
  'hold-ended': row(409, 'The hold was captured or released'),
  'hold-expired': row(409, 'The hold has expired'),
  'capture-exceeds-hold': row(409, 'It is more than what is held'),
  'too-many-attempts': row(429, 'Too many codes that are not known'),
  'too-many-requests': row(429, 'Too many requests in a minute; nothing was done, come back after `Retry-After`'),
  unavailable: row(503, 'Nothing was done; come back after `Retry-After`'),
  'outcome-unknown': row(503, 'It may have been done: send it again with the same key'),
  'internal-error': row(500, 'A fault of the server'),
}
