import type { SigningKeys } from '../credentials/signing-keys.ts'
import {
  signTransactionToken,
  TRANSACTION_TOKEN_MAX_MS,
  type TransactionTokenClaims,
} from '../credentials/transaction-token.ts'
import { amountToJson } from '../domain/money.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { findTransactionTokenOf, transactionTokenIssued } from '../storage/transaction-tokens.ts'
import type { Wallet } from '../storage/wallets.ts'
import { type Ask, isLongOver, type MoneyDeps, type Prepared, type Remarks, record, submitPrepared } from './money.ts'
import { MoneyRefusal } from './money-refusal.ts'

export type TokenDeps = MoneyDeps & {
  keys: Pick<SigningKeys, 'signer' | 'find'>
  /** public URL of this server */
  issuer: string
}

export type TokenTerms = {
  /** `charges`: the owner of `source` consents; `payments`: the owner of `target` does */
  readonly endpoint: 'charges' | 'payments'
  /** null, for payments: whoever presents the token */
  readonly source: Wallet | null
  /** null, for charges: whoever presents the token */
  readonly target: Wallet | null
  /** whose side may use it; null: anyone. The other party's wallet when left out */
  readonly audience?: Wallet | null
  /** minor units */
  readonly amount: bigint
  /** the amount as the token is to say it */
  readonly amountText?: number | string
  readonly remarks: Remarks
  /** ms since the epoch; cut to whole seconds */
  readonly activeAt?: number | null
  readonly expiresAt: number
}

export type IssuedToken = { readonly token: string; readonly id: string; readonly expiresAt: number }

const seconds = (ms: number) => Math.floor(ms / 1000)
const iso = (s: number) => new Date(s * 1000).toISOString()

/** A token and the record that makes it good. Who may consent is the caller's to check. @throws MoneyRefusal */
export function prepareTransactionToken(
  deps: Pick<TokenDeps, 'clock' | 'keys' | 'issuer'>,
  terms: TokenTerms,
): Prepared & IssuedToken {
  const { endpoint, source, target, amount, remarks } = terms
  const [subject, other] = endpoint === 'charges' ? [source, target] : [target, source]
  if (!subject) throw new Error('a transaction token needs the wallet of who consents')
  const audience = terms.audience === undefined ? other : terms.audience
  const now = deps.clock()
  if (terms.expiresAt > now + TRANSACTION_TOKEN_MAX_MS) throw new MoneyRefusal('token-lifetime-invalid')
  const id = uuidV7(now)
  const { asset } = subject
  const { description, details, metadata } = remarks
  const nbf = terms.activeAt ? seconds(terms.activeAt) : null
  const claims: TransactionTokenClaims = {
    iss: deps.issuer,
    sub: subject.explicitId,
    aud: audience?.explicitId ?? '*',
    endpoint,
    source: source?.explicitId ?? '*',
    target: target?.explicitId ?? '*',
    amount: terms.amountText ?? amountToJson(amount, asset.exponent),
    currency: asset.code,
    ...(details !== undefined && { details }),
    ...(description !== undefined && { description }),
    ...(metadata !== undefined && { metadata }),
    iat: seconds(now),
    ...(nbf !== null && { nbf }),
    exp: seconds(terms.expiresAt),
    jti: id,
  }
  const row = {
    endpoint,
    subject: String(subject.id),
    audience: audience ? String(audience.id) : null,
    counterparty: other ? String(other.id) : null,
    amount: String(amount),
    active: nbf === null ? null : iso(nbf),
    expiry: iso(claims.exp),
  }
  const prepared = record(id, 'transactions', { claims, terms: row }, [
    { effect: transactionTokenIssued, row: [id, ...Object.values(row)] },
  ])
  const expiresAt = claims.exp * 1000
  const over = isLongOver(expiresAt, now) || (nbf !== null && nbf >= claims.exp)
  return { ...prepared, doomed: over ? 'expiry-passed' : undefined, token: sign(deps, claims), id, expiresAt }
}

const sign = (deps: Pick<TokenDeps, 'keys'>, claims: TransactionTokenClaims) =>
  signTransactionToken(deps.keys.signer(), claims)

/**
 * A token of a person: for `charges` its wallet is `source`, for `payments` it is `target`.
 * @param input.expiresAt ms since the epoch
 * @throws MoneyRefusal
 */
export async function issueTransactionToken(
  deps: TokenDeps,
  input: Omit<Ask, 'key'> & {
    /** the form's own; a fresh one when left out, and then every call makes a token */
    key?: string
    partyId: string
    description?: string
  } & Omit<TokenTerms, 'remarks'>,
): Promise<IssuedToken> {
  const { actor, partyId, description, ...terms } = input
  const subject = terms.endpoint === 'charges' ? terms.source : terms.target
  if (subject?.partyId !== partyId) throw new MoneyRefusal('token-invalid', 'the wallet is not that of the party')
  const { token, id, expiresAt, ...prepared } = prepareTransactionToken(deps, { ...terms, remarks: { description } })
  const result = await submitPrepared(deps, { actor, key: input.key ?? id }, prepared, {
    endpoint: terms.endpoint,
    source: terms.source?.explicitId ?? null,
    target: terms.target?.explicitId ?? null,
    audience: terms.audience?.explicitId ?? null,
    amount: String(terms.amount),
    description,
  })
  if (!result.accepted) {
    throw new MoneyRefusal(result.code === 'idempotency-conflict' ? 'token-terms-differ' : 'expiry-passed')
  }
  if (result.reference === id) return { token, id, expiresAt }
  // A repeat: the token of its first time, signed anew.
  const first = await showTransactionToken(deps, { partyId, id: result.reference })
  if (!first) throw new Error(`transaction token ${result.reference} is gone`)
  return first
}

/** The token again, for its owner to hand over: the same claims, signed anew. */
export async function showTransactionToken(
  deps: Pick<TokenDeps, 'db' | 'keys'>,
  { partyId, id }: { partyId: string; id: string },
): Promise<IssuedToken | undefined> {
  const row = await findTransactionTokenOf(deps.db, partyId, id)
  if (!row) return undefined
  const { claims } = JSON.parse(row.payload) as { claims: TransactionTokenClaims }
  return { token: sign(deps, claims), id: row.id, expiresAt: row.expiresAt.getTime() }
}
