import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Ledger } from '../../ledger/command.ts'
import { BRAND_CODE, BRAND_SLUG, brandCoded, brandCreated, brandRow } from '../../storage/brand-writes.ts'
import { type Brand, type CodeScheme, findBrand } from '../../storage/brands.ts'
import type { Database } from '../../storage/database.ts'
import { OperationRefusal, requireName } from '../input.ts'
import { storeEnabledEffects } from '../jackpot/store-notices.ts'
import { type OpenedWallet, prepareKeptWallets } from '../open-wallet.ts'
import { NO_ANSWER } from './gift-deps.ts'

export type CreateBrandInput = Pick<Brand, 'slug' | 'name' | 'values' | 'supply'> & {
  /** of the business that the money of sold cards is owed to */
  partyId: string
  currency: string
  circle?: string
  /** what the protocols call it */
  codes?: Partial<Record<CodeScheme, string>>
  /** where and with which credentials an upstream brand is bought; kept sealed */
  upstream?: object
} & Partial<
    Pick<
      Brand,
      | 'countries'
      | 'categories'
      | 'discountBp'
      | 'discountKeeper'
      | 'validityDays'
      | 'delivery'
      | 'barcode'
      | 'asynchronous'
      | 'cancellable'
      | 'status'
      | 'statusReason'
      | 'lowStock'
      | 'texts'
    >
  >

type Deps = { db: Database; ledger: Ledger; keyring: Keyring; clock: () => number }

type Effects = NonNullable<Command['effects']>

/**
 * Makes a brand with the accounts that its sales are booked on: settlement, revenue and breakage; all in one transaction.
 * @param also what else is written in it
 */
export async function createBrand(
  deps: Deps,
  actor: string,
  input: CreateBrandInput,
  also: (brand: Brand) => Effects = () => [],
): Promise<Brand> {
  const name = requireName(input.name)
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(input.slug))
    throw new OperationRefusal('invalid_input', 'slug', 'a slug has 1 to 64 lower-case letters, digits and dashes')
  requireValues(input.values)
  if ((input.supply === 'upstream') !== (input.upstream !== undefined))
    throw new OperationRefusal('invalid_input', 'upstream', 'an upstream brand, and no other, says where it is bought')
  if (await findBrand(deps.db, { slug: input.slug })) throw taken(input.slug)
  const id = (namespace: string) => `${namespace}:${input.slug}:${input.currency}`
  const accounts = await prepareKeptWallets(deps, {
    ids: [
      // What is owed to a brand falls below zero by the discounts that it gives on its own cards.
      { id: id('settlement'), lower: null },
      { id: id('revenue'), lower: 0n },
      { id: id('breakage'), lower: 0n },
    ],
    partyId: input.partyId,
    ...(input.circle !== undefined && { circle: input.circle }),
  })
  const [settlement, revenue, breakage] = accounts.map(({ wallet }) => wallet) as [
    OpenedWallet,
    OpenedWallet,
    OpenedWallet,
  ]
  const now = deps.clock()
  const brandId = uuidV7(now)
  const brand: Brand = {
    id: brandId,
    slug: input.slug,
    name,
    asset: settlement.asset,
    countries: input.countries ?? [],
    categories: input.categories ?? [],
    values: input.values,
    discountBp: input.discountBp ?? 0,
    discountKeeper: input.discountKeeper ?? 'partner',
    validityDays: input.validityDays ?? null,
    delivery: input.delivery ?? ['code'],
    barcode: input.barcode ?? 'code128',
    supply: input.supply,
    upstream: input.upstream ? deps.keyring.seal(JSON.stringify(input.upstream), `brand:${brandId}:upstream`) : null,
    asynchronous: input.asynchronous ?? false,
    cancellable: input.cancellable ?? false,
    status: input.status ?? 'enabled',
    statusReason: input.statusReason ?? null,
    lowStock: input.lowStock ?? 0,
    texts: input.texts ?? {},
    settlement: settlement.id,
    revenue: revenue.id,
    breakage: breakage.id,
    updatedAt: new Date(now),
  }
  const codes = Object.entries(input.codes ?? {})
  const { outcome } = await deps.ledger.submit({
    principal: actor,
    transaction: uuidV7(now),
    kind: 'brand-opening',
    payload: JSON.stringify({ brand: brand.slug }),
    legs: accounts.map(({ leg }) => leg),
    effects: [
      ...accounts.map(({ effect }) => effect),
      { effect: brandCreated, row: brandRow(brand) },
      ...codes.map(([scheme, code]) => ({ effect: brandCoded, row: [scheme, code, brandId] })),
      ...also(brand),
      ...(input.codes?.jackpot === undefined ? [] : await storeEnabledEffects(deps, brand, input.codes.jackpot)),
    ],
    answer: NO_ANSWER,
  })
  if (outcome?.accepted) return brand
  switch (outcome?.refusal.constraint) {
    case BRAND_SLUG:
      throw taken(brand.slug)
    case BRAND_CODE:
      throw new OperationRefusal('already_exists', 'codes', 'another brand has one of these codes')
    default:
      throw new OperationRefusal('already_exists', 'slug', `the accounts of the brand ${brand.slug} exist`)
  }
}

export function requireValues(values: Brand['values']): void {
  const wrong = (message: string) => new OperationRefusal('invalid_input', 'values', message)
  if (values.type === 'fixed') {
    const ascending = values.values.every((value, i) => value > (i === 0 ? 0n : (values.values[i - 1] as bigint)))
    if (values.values.length === 0 || !ascending) throw wrong('values are a list, each greater than the one before')
  } else if (values.min <= 0n || values.max < values.min || values.step <= 0n) {
    throw wrong('a range needs 0 < min <= max and a step above 0')
  }
}

const taken = (slug: string) => new OperationRefusal('already_exists', 'slug', `the brand ${slug} exists`)
