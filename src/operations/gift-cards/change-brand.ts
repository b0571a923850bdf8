import type { Keyring } from '../../credentials/keyring.ts'
import { lockBrand, setBrandCode, updateBrand } from '../../storage/brand-writes.ts'
import { type Brand, type CodeScheme, findBrand } from '../../storage/brands.ts'
import type { Sql } from '../../storage/database.ts'
import { OperationRefusal, requireName } from '../input.ts'
import { queueStoreNotices } from '../jackpot/store-notices.ts'
import { type BrandTerms, readDiscount, readValues } from './brand-input.ts'
import type { UpstreamConfig } from './buy-upstream.ts'
import { requireValues } from './create-brand.ts'
import { noticeLowStock } from './low-stock.ts'
import { requireBrand } from './require-brand.ts'

export type ChangeBrandInput = BrandTerms & {
  /** null: the protocol no longer sells the brand */
  codes?: Partial<Record<CodeScheme, string | null>>
  upstream?: UpstreamConfig
}

type Deps = {
  db: Sql
  keyring: Keyring
  clock: () => number
  log: { warn(fields: object, message: string): void }
}

/**
 * Changes the terms on which a brand is sold from now on; orders that are open keep theirs. A new status without a reason takes
 * the old reason away.
 * @param deps.db a transaction
 */
export async function changeBrand(deps: Deps, slugOrId: string, input: ChangeBrandInput): Promise<Brand> {
  const { id } = await requireBrand(deps.db, slugOrId)
  await lockBrand(deps.db, id)
  const brand = await requireBrand(deps.db, id)
  const { values, discount, codes, upstream, texts, name, ...terms } = input
  if (upstream !== undefined && brand.supply !== 'upstream')
    throw new OperationRefusal('conflict', 'upstream', `the supply of ${brand.slug} is not upstream`)
  const parsed = values && readValues(values, brand.asset.exponent)
  if (parsed) requireValues(parsed)
  const reason = terms.status !== undefined && terms.statusReason === undefined ? { statusReason: null } : {}
  const change = {
    ...terms,
    ...reason,
    ...(name !== undefined && { name: requireName(name) }),
    ...(parsed && { values: parsed }),
    ...(discount !== undefined && { discountBp: readDiscount(discount) }),
    ...(texts && { texts: merged(brand.texts, texts) }),
    ...(upstream && { upstream: deps.keyring.seal(JSON.stringify(upstream), `brand:${brand.id}:upstream`) }),
  }
  await updateBrand(deps.db, brand.id, change, new Date(deps.clock()))
  for (const [scheme, code] of Object.entries(codes ?? {})) {
    if (code !== undefined && !(await setBrandCode(deps.db, scheme as CodeScheme, code, brand.id)))
      throw new OperationRefusal('already_exists', 'codes', `${scheme} has another brand under ${code}`)
  }
  if (terms.lowStock !== undefined) await noticeLowStock(deps, { brandId: brand.id })
  const changed = (await findBrand(deps.db, { id: brand.id })) as Brand
  const opened = changed.status === 'enabled' && (brand.status !== 'enabled' || codes?.jackpot != null)
  await queueStoreNotices(deps, changed, opened ? 'store/enabled' : 'store/update')
  return changed
}

const merged = (before: Brand['texts'], change: Record<string, unknown>) =>
  Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null))
