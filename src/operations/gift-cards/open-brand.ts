import type { Brand, CodeScheme, Supply } from '../../storage/brands.ts'
import { type BrandTerms, readDiscount, readExponent, readValues, type ValuesInput } from './brand-input.ts'
import type { UpstreamConfig } from './buy-upstream.ts'
import { createBrand } from './create-brand.ts'

export type OpenBrandInput = Omit<BrandTerms, 'values'> & {
  slug: string
  name: string
  partyId: string
  currency: string
  circle?: string
  supply: Supply
  values: ValuesInput
  codes?: Partial<Record<CodeScheme, string>>
  upstream?: UpstreamConfig
}

/** Makes a brand from what an operator says of it. @throws {OperationRefusal} */
export async function openBrand(
  deps: Parameters<typeof createBrand>[0],
  actor: string,
  { values, discount, ...input }: OpenBrandInput,
  also?: Parameters<typeof createBrand>[3],
): Promise<Brand> {
  const exponent = await readExponent(deps.db, input.currency, input.circle)
  const terms = {
    ...input,
    values: readValues(values, exponent),
    ...(discount !== undefined && { discountBp: readDiscount(discount) }),
  }
  return createBrand(deps, actor, terms, also)
}
