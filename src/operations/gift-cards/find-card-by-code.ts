import {
  type CardListing,
  findCardByHashes,
  findCardListing,
  listForeignBrandIds,
} from '../../storage/card-listings.ts'
import type { Sql } from '../../storage/database.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import type { GiftDeps } from './gift-deps.ts'

/** Finds a card by its code, of whatever brand, through the keyed hashes. @throws {OperationRefusal} */
export async function findCardByCode(deps: Pick<GiftDeps, 'db' | 'cardHasher'>, code: string): Promise<CardListing> {
  const { db, cardHasher } = deps
  const foreign = (await listForeignBrandIds(db)).map((brandId) => cardHasher.ofBrand(brandId, code))
  const card = await findCardByHashes(db, [cardHasher.own(code), ...foreign])
  if (!card) throw new OperationRefusal('not_found', 'code', 'no card that was sold has this code')
  return card
}

/** @throws {OperationRefusal} */
export async function requireCard(sql: Sql, id: string): Promise<CardListing> {
  const card = await findCardListing(sql, { id: requireUuid('card_id', id) })
  if (!card) throw new OperationRefusal('not_found', 'card_id', 'there is no such card')
  return card
}
