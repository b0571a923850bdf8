import { type Brand, findBrand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { findPartnerListing, type PartnerListing } from '../../storage/partners.ts'
import { OperationRefusal } from '../input.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/

/** @throws {OperationRefusal} when there is no such brand */
export async function requireBrand(sql: Sql, slugOrId: string): Promise<Brand> {
  const by = UUID.test(slugOrId) ? { id: slugOrId } : { slug: slugOrId }
  const brand = 'id' in by || SLUG.test(slugOrId) ? await findBrand(sql, by) : undefined
  if (!brand) throw new OperationRefusal('not_found', 'brand', 'there is no such brand')
  return brand
}

/** Also one that was disabled. @throws {OperationRefusal} when there is no such partner */
export async function requirePartnerListing(sql: Sql, slugOrId: string): Promise<PartnerListing> {
  const known = UUID.test(slugOrId) || SLUG.test(slugOrId)
  const partner = known ? await findPartnerListing(sql, slugOrId) : undefined
  if (!partner) throw new OperationRefusal('not_found', 'partner', 'there is no such partner')
  return partner
}
