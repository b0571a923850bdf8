import { type TransactionTokenClaims, verifyTransactionToken } from '../credentials/transaction-token.ts'
import { findTransactionTokenTerms, TOKEN_STATUS } from '../storage/transaction-tokens.ts'
import type { Wallet } from '../storage/wallets.ts'
import { endToken, type KnownToken } from './end-token.ts'
import type { TokenDeps } from './issue-transaction-token.ts'
import { type Ask, type MoneyResult, type Prepared, type Remarks, submitPrepared } from './money.ts'
import { MoneyRefusal } from './money-refusal.ts'
import { prepareMovement } from './send-payment.ts'

/** A token whose signature and record are right. The wallets are null where the token leaves them to the presenter. */
export type ReadToken = {
  readonly claims: TransactionTokenClaims
  /** whose owner consents */
  readonly subject: Wallet
  /** whose side may use it; null: anyone */
  readonly audience: Wallet | null
  readonly source: Wallet | null
  readonly target: Wallet | null
  /** minor units */
  readonly amount: bigint
  /** ms since the epoch */
  readonly expiresAt: number
  readonly status: 'open' | 'used' | 'revoked' | 'expired'
  readonly known: KnownToken
}

/**
 * Reads a token before it is used. Its time is not judged but told: the ledger decides by its own clock, when it is used.
 * @throws MoneyRefusal `token-invalid`
 */
export async function readTransactionToken(
  deps: Pick<TokenDeps, 'db' | 'directory' | 'clock' | 'keys' | 'issuer'>,
  token: string,
): Promise<ReadToken> {
  const claims = await verifyTransactionToken(deps, token)
  const terms = claims && (await findTransactionTokenTerms(deps.db, claims.jti))
  // Without its record a token could be used for ever.
  if (!claims || !terms) throw new MoneyRefusal('token-invalid')
  const named = async (id: string) => {
    const wallet = id === '*' ? null : await deps.directory.find(id)
    // Null is anyone's: never for a wallet that was named.
    if (wallet === undefined) throw new MoneyRefusal('token-invalid')
    return wallet
  }
  const [subject, audience, source, target] = await Promise.all(
    [claims.sub, claims.aud, claims.source, claims.target].map(named),
  )
  if (!subject || subject.id !== terms.subject || terms.endpoint !== claims.endpoint)
    throw new MoneyRefusal('token-invalid')
  const statuses = Object.keys(TOKEN_STATUS) as (keyof typeof TOKEN_STATUS)[]
  const status = statuses[terms.status] as keyof typeof TOKEN_STATUS
  return {
    claims,
    subject,
    audience: audience ?? null,
    source: source ?? null,
    target: target ?? null,
    amount: terms.amount,
    expiresAt: claims.exp * 1000,
    status: status === 'open' && claims.exp * 1000 <= deps.clock() ? 'expired' : status,
    known: terms,
  }
}

/**
 * The movement that a token consents to, and its using up, in one. The caller has proven to be the audience.
 * @throws MoneyRefusal `token-terms-differ` when another wallet or amount is asked for than the token says
 */
export async function prepareRedemption(
  deps: Pick<TokenDeps, 'db' | 'clock'>,
  read: ReadToken,
  movement: { source: Wallet; target: Wallet; amount: bigint; remarks: Remarks },
): Promise<Prepared> {
  const { claims } = read
  const fits = (named: Wallet | null, wallet: Wallet) => named === null || named.id === wallet.id
  if (movement.amount !== read.amount || !fits(read.source, movement.source) || !fits(read.target, movement.target))
    throw new MoneyRefusal('token-terms-differ')
  return prepareMovement(deps, {
    kind: claims.endpoint,
    ...movement,
    also: { payload: { token: claims.jti }, end: (id) => endToken(deps, read.known, id, 'used') },
  })
}

/**
 * A person uses a token that was handed over: `charges` pay into the presenter's wallet, `payments` are paid from it.
 * @param input.wallet the presenter's own
 * @param input.partyId the presenter
 * @throws MoneyRefusal
 */
export async function redeemTransactionToken(
  deps: TokenDeps,
  input: Ask & { token: string; wallet: Wallet; partyId: string },
): Promise<MoneyResult> {
  const { wallet, partyId } = input
  const read = await readTransactionToken(deps, input.token)
  const { claims, audience, amount } = read
  if (wallet.partyId !== partyId || (audience && audience.partyId !== partyId))
    throw new MoneyRefusal('token-audience-differs')
  const source = claims.endpoint === 'charges' ? read.source : wallet
  const target = claims.endpoint === 'charges' ? (read.target ?? wallet) : read.target
  if (!source || !target) throw new MoneyRefusal('token-invalid')
  const { description, details, metadata } = claims
  const prepared = await prepareRedemption(deps, read, {
    source,
    target,
    amount,
    remarks: { description, details, metadata },
  })
  return submitPrepared(deps, input, prepared, { token: claims.jti, wallet: wallet.explicitId })
}
