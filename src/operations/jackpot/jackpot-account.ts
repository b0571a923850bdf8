import { randomBytes } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import { findAsset } from '../../storage/assets.ts'
import type { Sql } from '../../storage/database.ts'
import {
  findJackpotAccount,
  insertJackpotAccount,
  type JackpotAccount,
  updateJackpotAccount,
} from '../../storage/jackpot-accounts.ts'
import { deleteMachineSessions } from '../../storage/jackpot-sessions.ts'
import { findFloat, type PartnerListing } from '../../storage/partners.ts'
import { createCredential } from '../gift-cards/create-partner.ts'
import { requirePartnerListing } from '../gift-cards/require-brand.ts'
import { OperationRefusal } from '../input.ts'
import { DEFAULT_CIRCLE } from '../open-wallet.ts'
import { type AccountInput, checkAccount } from './account-input.ts'

type Deps = { db: Sql; keyring: Keyring; clock: () => number; config: { mode: 'sandbox' | 'production' } }

/** What is shown once. `apiSignature` is text of 64 characters: 32 random bytes in hexadecimal. */
export type NewJackpotSecrets = { credentialId: string; apiKey: string; apiSignature: string; clientSecret: string }

const makeClientSecret = () => `bfjs_${randomBytes(32).toString('base64url')}`

/**
 * Lets a partner sell vouchers out of its float of one currency. Key, signature and client secret are in the answer and nowhere else.
 * @param deps.db a transaction @throws {OperationRefusal}
 */
export async function createJackpotAccount(
  deps: Deps,
  {
    partner: name,
    currency,
    circle = DEFAULT_CIRCLE,
    ...input
  }: AccountInput & { partner: string; currency: string; circle?: string },
): Promise<NewJackpotSecrets & { account: JackpotAccount; partner: PartnerListing }> {
  const partner = await requirePartnerListing(deps.db, name)
  if (partner.disabledAt) throw new OperationRefusal('conflict', 'partner', 'the partner is disabled')
  checkAccount(input, deps.config.mode)
  const asset = await findAsset(deps.db, currency, circle)
  if (!asset || (await findFloat(deps.db, partner.id, asset.id)) === undefined)
    throw new OperationRefusal('conflict', 'currency', 'the partner has no float in this currency: open it first')
  const clientSecret = makeClientSecret()
  const made = await insertJackpotAccount(deps.db, {
    partnerId: partner.id,
    assetId: asset.id,
    clientSecretHash: hashSecret(clientSecret),
    allowedDomains: input.allowedDomains ?? [],
    notificationUrl: input.notificationUrl ?? null,
    confirmation: input.confirmation ?? 'manual',
    callbackUrl: input.callbackUrl ?? null,
  })
  if (!made) throw new OperationRefusal('already_exists', 'partner', 'the partner has a Jackpot account')
  const { id, apiKey, secret } = await createCredential(deps, partner, 'jackpot')
  const account = (await findJackpotAccount(deps.db, partner.id)) as JackpotAccount
  return { credentialId: id, apiKey, apiSignature: secret, clientSecret, account, partner }
}

/** @throws {OperationRefusal} */
export async function requireJackpotAccount(
  sql: Sql,
  name: string,
): Promise<{ partner: PartnerListing; account: JackpotAccount }> {
  const partner = await requirePartnerListing(sql, name)
  const account = await findJackpotAccount(sql, partner.id)
  if (!account) throw new OperationRefusal('not_found', 'partner', 'the partner has no Jackpot account')
  return { partner, account }
}

/** Changes what is named. @throws {OperationRefusal} */
export async function changeJackpotAccount(
  deps: Pick<Deps, 'db' | 'config'>,
  name: string,
  input: AccountInput,
): Promise<JackpotAccount> {
  const { account } = await requireJackpotAccount(deps.db, name)
  checkAccount(input, deps.config.mode)
  await updateJackpotAccount(deps.db, account.partnerId, input)
  return (await findJackpotAccount(deps.db, account.partnerId)) as JackpotAccount
}

/**
 * A new client secret: the old one, and the sessions that were opened with it, end at once. API key and signature rotate as
 * credentials do, with two at a time.
 * @throws {OperationRefusal}
 */
export async function rotateClientSecretOf(deps: Pick<Deps, 'db'>, name: string): Promise<{ clientSecret: string }> {
  const { account } = await requireJackpotAccount(deps.db, name)
  const clientSecret = makeClientSecret()
  await updateJackpotAccount(deps.db, account.partnerId, { clientSecretHash: hashSecret(clientSecret) })
  await deleteMachineSessions(deps.db, account.partnerId)
  return { clientSecret }
}

/** What operators are shown, in JSON. */
export const accountView = (account: JackpotAccount) => ({
  partner_id: account.partnerId,
  currency: account.asset.code,
  circle: account.asset.circle,
  allowed_domains: [...account.allowedDomains],
  notification_url: account.notificationUrl,
  confirmation: account.confirmation,
  callback_url: account.callbackUrl,
  created_at: account.createdAt.toISOString(),
  updated_at: account.updatedAt.toISOString(),
})
