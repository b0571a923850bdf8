import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Ledger } from '../../ledger/command.ts'
import { type Brand, type CodeScheme, findBrand, insertBrand, insertBrandCode } from '../../storage/brands.ts'
import type { Database } from '../../storage/database.ts'
import { OperationRefusal, requireName } from '../input.ts'
import { openWallet } from '../open-wallet.ts'

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

/** Makes a brand with the accounts that its sales are booked on: settlement, revenue and breakage. */
export async function createBrand(deps: Deps, actor: string, input: CreateBrandInput): Promise<Brand> {
  const name = requireName(input.name)
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(input.slug))
    throw new OperationRefusal('invalid_input', 'slug', 'a slug has 1 to 64 lower-case letters, digits and dashes')
  requireValues(input.values)
  if ((input.supply === 'upstream') !== (input.upstream !== undefined))
    throw new OperationRefusal('invalid_input', 'upstream', 'an upstream brand, and no other, says where it is bought')
  if (await findBrand(deps.db, { slug: input.slug })) throw taken(input.slug)
  const account = async (namespace: string) => {
    const opened = await openWallet(deps, actor, {
      id: `${namespace}:${input.slug}:${input.currency}`,
      partyId: input.partyId,
      // What is owed to a brand falls below zero by the discounts that it gives on its own cards.
      lower: namespace === 'settlement' ? null : '0',
      ...(input.circle !== undefined && { circle: input.circle }),
    })
    return opened
  }
  const settlement = await account('settlement')
  const [revenue, breakage] = [await account('revenue'), await account('breakage')]
  const id = uuidV7(deps.clock())
  const made = await insertBrand(deps.db, {
    id,
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
    upstream: input.upstream ? deps.keyring.seal(JSON.stringify(input.upstream), `brand:${id}:upstream`) : null,
    asynchronous: input.asynchronous ?? false,
    cancellable: input.cancellable ?? false,
    status: input.status ?? 'enabled',
    statusReason: input.statusReason ?? null,
    lowStock: input.lowStock ?? 0,
    texts: input.texts ?? {},
    settlement: settlement.id,
    revenue: revenue.id,
    breakage: breakage.id,
  })
  if (!made) throw taken(input.slug)
  for (const [scheme, code] of Object.entries(input.codes ?? {})) {
    if (!(await insertBrandCode(deps.db, scheme as CodeScheme, code, id)))
      throw new OperationRefusal('already_exists', 'codes', `${scheme} has another brand under ${code}`)
  }
  return (await findBrand(deps.db, { id })) as Brand
}

function requireValues(values: Brand['values']): void {
  const wrong = (message: string) => new OperationRefusal('invalid_input', 'values', message)
  if (values.type === 'fixed') {
    const ascending = values.values.every((value, i) => value > (i === 0 ? 0n : (values.values[i - 1] as bigint)))
    if (values.values.length === 0 || !ascending) throw wrong('values are a list, each greater than the one before')
  } else if (values.min <= 0n || values.max < values.min || values.step <= 0n) {
    throw wrong('a range needs 0 < min <= max and a step above 0')
  }
}

const taken = (slug: string) => new OperationRefusal('already_exists', 'slug', `the brand ${slug} exists`)
