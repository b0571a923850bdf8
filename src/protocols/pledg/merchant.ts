import { findCompany, findMerchant, listCompanyMerchants, type Merchant } from '../../storage/merchants.ts'
import type { PledgDeps } from './call.ts'
import { invalid } from './errors.ts'
import { isUid } from './schema.ts'

/**
 * The merchant that parameters name: itself, or a company and one of its currencies.
 * @param data as it was sent, of any form
 * @returns null where there is none that takes purchases
 */
export async function findNamed(
  { db }: Pick<PledgDeps, 'db'>,
  { merchantUid, companyUid, currency }: Record<string, unknown>,
): Promise<Merchant | null> {
  if (isUid('mer', merchantUid)) {
    const merchant = await findMerchant(db, { uid: merchantUid })
    return merchant && merchant.disabledAt === null ? merchant : null
  }
  const company = isUid('cmp', companyUid) ? await findCompany(db, { uid: companyUid }) : undefined
  const merchants = company ? await listCompanyMerchants(db, company.id) : []
  return merchants.find(({ wallet }) => wallet.asset.code === currency) ?? null
}

/** The same for who has to be told what is wrong. @throws {PledgProblem} */
export async function requireNamed(
  deps: Pick<PledgDeps, 'db'>,
  data: { merchantUid?: string | undefined; companyUid?: string | undefined; currency?: string | undefined },
): Promise<Merchant> {
  const merchant = await findNamed(deps, data)
  if (merchant) return merchant
  throw data.merchantUid === undefined
    ? invalid('companyUid', 'is no company here with a merchant in that currency')
    : invalid('merchantUid', 'is no merchant here')
}
