import type { WebWalletServerCode } from '#sdk/webwallet/error-codes.ts'
import { bodyErrors } from '../../http/body-errors.ts'
import { refusals } from './errors.ts'

type Facts = { readonly http: number; readonly meaning: string }

const row = (http: number, meaning: string): Facts => ({ http, meaning })
const amount = (meaning: string) => row(422, meaning)
const details = (meaning: string) => row(422, `The details do not explain the amount: ${meaning}`)

/** What is refused before an operation is tried. */
const before = {
  'invalid-request': row(400, 'The Authorization header holds no token'),
  'invalid-token': row(
    401,
    'No token, or one that is malformed, expired, revoked, not for this server, or bound to another key',
  ),
  'invalid-dpop-proof': row(401, 'The proof of the token’s key is missing, wrong or used before'),
  'insufficient-scope': row(403, 'The token does not allow this operation'),
  'wallet-not-allowed': row(403, 'The token does not reach the wallet, or there is no such wallet'),
  'endpoint-not-found': row(404, 'A wallet has no such endpoint'),
  'token-not-found': row(404, 'The wallet has no such transaction token'),
  'method-not-allowed': row(405, '`Allow` says what the endpoint takes'),
  ...bodyErrors({ type: 'The body is not `application/json`', size: 'The body is larger than 64 KiB' }),
  'envelope-malformed': row(400, 'The body is no envelope'),
  'envelope-algorithm-refused': row(400, '`header.alg` is not `hs256`'),
  'envelope-header-refused': row(400, 'The header of the envelope asks for what is never done'),
  'envelope-signature-malformed': row(400, 'The signature is not 43 characters of base64url'),
  'envelope-unsigned': row(403, 'The signature is missing'),
  'envelope-signature-wrong': row(403, 'The signature is wrong'),
  'signature-not-expected': row(403, 'A public client signed'),
  'payload-invalid': row(400, 'A member is missing or wrong'),
  'payload-member-unknown': row(400, 'A member is not known'),
  'wallet-id-malformed': row(400, 'A wallet id in the payload is none'),
  'idempotency-key-malformed': row(400, 'The key is not printable'),
  'idempotency-key-mismatch': row(400, 'Header and nonce differ'),
  'query-invalid': row(400, 'A parameter of the query is wrong'),
  'query-unknown': row(400, 'A parameter of the query is not known'),
  'endpoint-mismatch': row(422, 'The payload was signed for another endpoint'),
  'route-mismatch': row(422, 'The payload was signed for another wallet'),
  'circle-mismatch': row(422, 'The wallets are in different circles'),
  'payer-missing': row(422, 'The token reaches no wallet to pay from'),
  'payer-ambiguous': row(422, 'The token reaches several wallets to pay from'),
  'issuer-missing': row(422, 'The token reaches no wallet that an invoice could be paid into'),
  'issuer-ambiguous': row(422, 'The token reaches several wallets that an invoice could be paid into'),
  'token-given-twice': row(422, 'The transaction token is the bearer and in the payload'),
  'token-too-large': row(422, 'The remarks would make the transaction token too large'),
  'presenter-unproven': row(403, 'A transaction token is the bearer, and no client that `header.kid` names has signed'),
  'amount-not-a-number': amount('The amount is neither a number nor a text'),
  'amount-malformed': amount('The text is no amount'),
  'amount-not-positive': amount('The amount is not above zero'),
  'amount-too-large': amount('The amount is larger than any'),
  'amount-too-precise': amount('The currency has fewer decimals'),
  'details-malformed': details('they are no object'),
  'details-unknown-member': details('a member is not known'),
  'details-part-invalid': details('a part is no amount'),
  'details-sum-differs': details('the sum differs'),
  'too-many-requests': row(429, 'Too many requests in a minute; nothing was applied, come back after `Retry-After`'),
  unavailable: row(503, 'Nothing was applied; come back after `Retry-After`'),
  'outcome-unknown': row(503, 'It may have been applied: repeat it with the same key'),
  'internal-error': row(500, 'A fault of the server'),
} satisfies Partial<Record<WebWalletServerCode, Facts>>

type OfOperations = Exclude<WebWalletServerCode, keyof typeof before>

/** Of the books and of the operations; one code may have several causes, of which the first tells the meaning. */
const later: Record<string, Facts> = {}
for (const { code, status, message } of Object.values(refusals)) later[code] ??= row(status, message)

export type WalletErrorCode = keyof typeof before | OfOperations

/** Every code that the wallet routes answer with. Those of acts that only operators have are not among them. */
export const walletErrors = { ...later, ...before } as Record<WalletErrorCode, Facts>
