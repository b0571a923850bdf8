import { randomBytes } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Sql } from '../../storage/database.ts'
import { insertMerchantKey, type MerchantKey, revokeMerchantKey } from '../../storage/merchant-keys.ts'
import {
  deletePlan,
  type Merchant,
  type MerchantChange,
  putPlan,
  updateMerchant,
  updateMerchantSecret,
} from '../../storage/merchants.ts'
import { OperationRefusal, requireName, requireUuid } from '../input.ts'
import { makeMerchantSecret, sealMerchantSecret } from './create-merchant.ts'
import { type PlanInput, readHosts, readLinkSeconds, readPlan, readUrl } from './merchant-input.ts'

/** Changes what is named, and nothing else. @throws {OperationRefusal} */
export async function changeMerchant(sql: Sql, merchant: Merchant, change: MerchantChange): Promise<void> {
  const { name, linkSeconds, paymentNotificationUrl, errorNotificationUrl, redirectHosts } = change
  await updateMerchant(sql, merchant.id, {
    ...change,
    ...(name !== undefined && { name: requireName(name) }),
    ...(linkSeconds !== undefined && { linkSeconds: readLinkSeconds(linkSeconds) }),
    ...(paymentNotificationUrl !== undefined && {
      paymentNotificationUrl: readUrl('payment_notification_url', paymentNotificationUrl),
    }),
    ...(errorNotificationUrl !== undefined && {
      errorNotificationUrl: readUrl('error_notification_url', errorNotificationUrl),
    }),
    ...(redirectHosts !== undefined && { redirectHosts: readHosts(redirectHosts) }),
  })
}

/** Adds a plan or changes the one of its name; purchases keep the terms that were accepted. */
export async function setPlan(sql: Sql, merchant: Merchant, plan: PlanInput): Promise<void> {
  await putPlan(sql, merchant.id, readPlan(plan, merchant))
}

/** @throws {OperationRefusal} when there is none of that name */
export async function endPlan(sql: Sql, merchant: Merchant, name: string): Promise<void> {
  if (!(await deletePlan(sql, merchant.id, name)))
    throw new OperationRefusal('not_found', 'plan', 'the merchant has no such plan')
}

/** A new secret for requests and notifications, shown this once; the one before ends at once. */
export async function rotateMerchantSecret(
  { db, keyring }: { db: Sql; keyring: Keyring },
  { id }: Pick<Merchant, 'id'>,
): Promise<string> {
  const secret = makeMerchantSecret()
  await updateMerchantSecret(db, id, sealMerchantSecret(keyring, id, secret))
  return secret
}

/** `secret` is shown this once. */
export type CreatedMerchantKey = MerchantKey & { readonly secret: string }

/** A key for access tokens, of one merchant or of all merchants of a company. */
export async function createMerchantKey(
  { db, clock }: { db: Sql; clock: () => number },
  of: { merchantId: string } | { companyId: string },
): Promise<CreatedMerchantKey> {
  const key = `pledg_${randomBytes(16).toString('hex')}`
  const secret = randomBytes(32).toString('base64url')
  const row = { id: uuidV7(clock()), key, merchantId: null, companyId: null, ...of }
  await insertMerchantKey(db, { ...row, secretHash: hashSecret(secret) })
  return { ...row, secret }
}

/** Ends a key of the merchant or of its company; its tokens end within 5 seconds. @throws {OperationRefusal} */
export async function endMerchantKey(sql: Sql, merchant: Merchant, keyId: string): Promise<void> {
  const of = { merchantId: merchant.id, companyId: merchant.companyId }
  if (!(await revokeMerchantKey(sql, requireUuid('key_id', keyId), of)))
    throw new OperationRefusal('not_found', 'key_id', 'the merchant has no such key')
}
