import type { Sql } from '../../storage/database.ts'
import { type Company, findCompany, findMerchant, type Merchant } from '../../storage/merchants.ts'
import { OperationRefusal } from '../input.ts'

/** Also one that was disabled. @param id `mer_…` or a UUID @throws {OperationRefusal} when there is no such merchant */
export async function requireMerchant(sql: Sql, id: string): Promise<Merchant> {
  const merchant = await findMerchant(sql, id.startsWith('mer_') ? { uid: id } : { id })
  if (!merchant) throw new OperationRefusal('not_found', 'merchant', 'there is no such merchant')
  return merchant
}

/** @param id `cmp_…` or a UUID @throws {OperationRefusal} when there is no such company */
export async function requireCompany(sql: Sql, id: string): Promise<Company> {
  const company = await findCompany(sql, id.startsWith('cmp_') ? { uid: id } : { id })
  if (!company) throw new OperationRefusal('not_found', 'company', 'there is no such company')
  return company
}
