import { defineAsset } from '../../domain/asset.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { ensureAsset, findAsset } from '../../storage/assets.ts'
import type { Sql } from '../../storage/database.ts'
import {
  findVelocityRule,
  insertVelocityRule,
  type VelocityListing,
  type VelocitySubject,
} from '../../storage/velocity-rules.ts'
import { OperationRefusal } from '../input.ts'
import { DEFAULT_CIRCLE } from '../open-wallet.ts'
import { readAmount, readExponent } from './brand-input.ts'
import { requireBrand, requirePartnerListing } from './require-brand.ts'

export type VelocityInput = {
  /** slugs or ids; absent: of all */
  partner?: string
  brand?: string
  subject: VelocitySubject
  periodSeconds: number
  maxCount?: number
  /** in `currency` */
  maxAmount?: number | string
  currency?: string
  circle?: string
}

/** Limits what may be bought in a period; every server knows of it within five seconds. @throws {OperationRefusal} */
export async function addVelocityRule(
  deps: { db: Sql; clock: () => number },
  input: VelocityInput,
): Promise<VelocityListing> {
  const { subject, periodSeconds, maxCount, maxAmount, currency, circle = DEFAULT_CIRCLE } = input
  if (maxCount === undefined && maxAmount === undefined)
    throw new OperationRefusal('invalid_input', 'max_count', 'a rule limits the count, the amount or both')
  if ((maxAmount === undefined) !== (currency === undefined))
    throw new OperationRefusal('invalid_input', 'currency', 'an amount has a currency, and nothing else here has')
  const partner = input.partner === undefined ? null : await requirePartnerListing(deps.db, input.partner)
  const brand = input.brand === undefined ? null : await requireBrand(deps.db, input.brand)
  const exponent = currency === undefined ? 0 : await readExponent(deps.db, currency, circle)
  const amount = maxAmount === undefined ? null : readAmount('max_amount', maxAmount, exponent)
  const asset =
    currency === undefined
      ? null
      : ((await findAsset(deps.db, currency, circle)) ?? (await ensureAsset(deps.db, defineAsset(currency, circle))))
  if (asset && brand && brand.asset.id !== asset.id)
    throw new OperationRefusal('invalid_input', 'currency', `${brand.slug} is not sold in ${asset.code}`)
  const id = uuidV7(deps.clock())
  await insertVelocityRule(deps.db, {
    id,
    partnerId: partner?.id ?? null,
    brandId: brand?.id ?? null,
    subject,
    periodSeconds,
    maxCount: maxCount === undefined ? null : BigInt(maxCount),
    maxAmount: amount,
    assetId: asset?.id ?? null,
  })
  return (await findVelocityRule(deps.db, id)) as VelocityListing
}
