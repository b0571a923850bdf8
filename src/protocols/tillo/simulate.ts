import { type TilloErrorCode, tilloErrors } from '#sdk/tillo/error-codes.ts'
import type { Brand } from '../../storage/brands.ts'
import type { Partner } from '../../storage/partners.ts'
import { TilloProblem } from './errors.ts'
import { tilloTexts } from './texts.ts'

/**
 * For test partners only, and brands that say so (the sandbox's `mock-brand`): a value whose digits are an error's code is refused
 * with that error, 7.25 with 725 and 0.72 with 072, so that an integrator sees every error there is.
 * @throws {TilloProblem}
 */
export function simulateError(partner: Partner, brand: Brand, face: bigint): void {
  if (partner.live || !tilloTexts(brand).errors) return
  const code = String(face).padStart(3, '0')
  if (!Object.hasOwn(tilloErrors, code)) return
  const { meaning } = tilloErrors[code as TilloErrorCode]
  throw new TilloProblem(code as TilloErrorCode, `${meaning} (asked for by the value)`)
}
