import { type CardSecrets, makeCardCode, makePin } from '../../credentials/card-codes.ts'
import { equalBytes } from '../../credentials/secrets.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Brand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { findPlasticCard, insertPlasticCards } from '../../storage/plastic-cards.ts'
import { OperationRefusal } from '../input.ts'
import type { GiftDeps } from './gift-deps.ts'
import { requireBrand } from './require-brand.ts'

/** Codes are shown once, to be printed; so many at a time. */
export const MOST_PLASTIC_CARDS = 1_000

export type MadePlasticCard = { readonly id: string } & CardSecrets

/**
 * Makes cards without value, to be printed. Each is activated with a value later, once.
 * @param deps.db a transaction
 * @throws {OperationRefusal}
 */
export async function makePlasticCards(
  deps: Pick<GiftDeps, 'keyring' | 'cardHasher' | 'clock'> & { db: Sql },
  actor: string,
  { brand: slug, count }: { brand: string; count: number },
): Promise<MadePlasticCard[]> {
  const brand = await requireBrand(deps.db, slug)
  if (brand.supply !== 'own')
    throw new OperationRefusal('conflict', 'brand', 'only a brand of which Billfold issues the cards has plastic ones')
  const cards = Array.from({ length: count }, () => ({
    id: uuidV7(deps.clock()),
    code: makeCardCode(),
    pin: makePin(),
  }))
  const rows = cards.map(({ id, code, pin }) => ({
    id,
    brand_id: brand.id,
    code_hash: deps.cardHasher.own(code),
    code: deps.keyring.seal(JSON.stringify({ code, pin }), `plastic_card:${id}`),
  }))
  await insertPlasticCards(deps.db, rows, { brandId: brand.id, principal: actor })
  return cards
}

/** A plastic card of the brand, by what is printed on it; undefined when there is none, or its PIN is another. */
export async function openPlasticCard(
  { db, keyring, cardHasher }: GiftDeps,
  brand: Brand,
  { code, pin }: { code: string; pin?: string | undefined },
): Promise<{ id: string; secrets: CardSecrets } | undefined> {
  const found = await findPlasticCard(db, cardHasher.own(code))
  if (!found || found.brand_id !== brand.id) return undefined
  const secrets = JSON.parse(keyring.open(found.code, `plastic_card:${found.id}`)) as CardSecrets
  return pinFits(secrets, pin) ? { id: found.id, secrets } : undefined
}

/** A PIN that is left out proves nothing and is no mistake. Compared in constant time. */
export const pinFits = ({ pin }: CardSecrets, given: string | undefined): boolean =>
  given === undefined || (pin !== null && equalBytes(Buffer.from(pin), Buffer.from(given)))
