import { createHash, randomBytes } from 'node:crypto'
import type { JackpotClaims, JackpotClaimsV1 } from '#sdk/jackpot/signing.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import { AmountError, parseAmount } from '../../domain/money.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { findJackpotAccount, type JackpotAccount } from '../../storage/jackpot-accounts.ts'
import { insertJackpotSession, type NewJackpotSession, openJackpotSession } from '../../storage/jackpot-sessions.ts'
import type { Partner } from '../../storage/partners.ts'
import type { GiftDeps } from '../gift-cards/gift-deps.ts'
import { readings } from './readings.ts'

type Deps = Pick<GiftDeps, 'db' | 'keyring' | 'clock'>

/** Whose API key it is; `credentialId` is the key's. */
export type JackpotCaller = {
  readonly partner: Partner
  readonly credentialId: string
  readonly account: JackpotAccount
}

/** A session's token, told once: the database has its hash. */
export type OpenedSession = { readonly token: string; readonly id: string; readonly expiresAt: number }

const PREFIX = 'bfj_'
const TOKEN = /^bfj_[A-Za-z0-9_-]{43}$/

/** Whether the text may be the token of a session. */
export const isSessionToken = (text: string): boolean => TOKEN.test(text)

/** The partner of an API key with its account; null when it has none. */
export async function findJackpotCaller(
  deps: Pick<Deps, 'db'>,
  key: { readonly partner: Partner; readonly credentialId: string },
): Promise<JackpotCaller | null> {
  const account = await findJackpotAccount(deps.db, key.partner.id)
  return account ? { partner: key.partner, credentialId: key.credentialId, account } : null
}

function prepare(deps: Deps, { partner, credentialId, account }: JackpotCaller) {
  const now = deps.clock()
  const token = PREFIX + randomBytes(32).toString('base64url')
  const session: NewJackpotSession = {
    id: uuidV7(now),
    tokenHash: hashSecret(token),
    partnerId: partner.id,
    credentialId,
    assetId: account.asset.id,
    amount: null,
    notificationKey: null,
    userId: null,
    manual: false,
    createdAt: new Date(now),
    expiresAt: new Date(now + readings.session),
  }
  return { token, session, opened: { token, id: session.id, expiresAt: now + readings.session } }
}

export type OpenRefusal = 'token-used' | 'amount-invalid' | 'user-too-long'

const LONGEST_USER = 255

/**
 * Opens the session of an initialization token, whose signature and claims are proven. The token is used up by it, and so is its
 * `notificationKey`, for ever. Of the person nothing is kept but the partner's own name for it, sealed.
 * @param input.signed the token's `header.payload`, canonical base64url
 */
export async function openSession(
  deps: Deps,
  { caller, claims, signed }: { caller: JackpotCaller; claims: JackpotClaims | JackpotClaimsV1; signed: string },
): Promise<OpenedSession | { refusal: OpenRefusal }> {
  const amount = amountOf(claims.amount, caller.account.asset.exponent)
  if (amount === null) return { refusal: 'amount-invalid' }
  const { session, opened } = prepare(deps, caller)
  const { userId } = claims
  if (userId !== undefined && userId.length > LONGEST_USER) return { refusal: 'user-too-long' }
  const whole: NewJackpotSession = {
    ...session,
    amount,
    notificationKey: claims.notificationKey,
    userId: userId === undefined ? null : deps.keyring.seal(userId, `jackpot_session:${session.id}:user`),
    manual: 'forceManualConfirm' in claims && claims.forceManualConfirm === true,
  }
  return (await openJackpotSession(deps.db, whole, digestOf(caller.partner.id, signed)))
    ? opened
    : { refusal: 'token-used' }
}

/** Opens a session of the partner's own machine, whose client secret is proven. */
export async function openMachineSession(deps: Deps, caller: JackpotCaller): Promise<OpenedSession> {
  const { session, opened } = prepare(deps, caller)
  await insertJackpotSession(deps.db, session)
  return opened
}

function amountOf(value: number, exponent: number): bigint | null {
  try {
    return parseAmount(value, exponent)
  } catch (error) {
    if (error instanceof AmountError) return null
    throw error
  }
}

/** Over the decoded parts with their lengths, so that no other spelling of a partner's token is another token. */
function digestOf(partnerId: string, signed: string): Buffer {
  const digest = createHash('sha256').update(partnerId)
  for (const part of signed.split('.')) {
    const bytes = Buffer.from(part, 'base64url')
    digest.update(`${bytes.length}:`).update(bytes)
  }
  return digest.digest()
}
