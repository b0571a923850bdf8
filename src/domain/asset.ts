import { isoExponent } from './iso-4217.ts'

/** A unit of account: COP of one circle and COP of another never mix. */
export type Asset = {
  id: number
  /** An ISO 4217 code, or the operator's own, such as `PTS`. */
  code: string
  /** The community inside which the code is money. */
  circle: string
  /** Decimals of the unit: amounts are counted in 10^-exponent of it. */
  exponent: number
}

export const maxExponent = 8

const codePattern = /^[A-Z0-9]{2,12}$/
const circlePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/

export type AssetErrorCode = 'asset-code-malformed' | 'asset-circle-malformed' | 'asset-exponent-invalid'

/** An asset that can't be defined. */
export class AssetError extends Error {
  readonly code: AssetErrorCode

  constructor(code: AssetErrorCode, message: string) {
    super(message)
    this.name = 'AssetError'
    this.code = code
  }
}

/**
 * What a new asset is made of. An ISO 4217 code has the standard's decimals, and no others may be asked for; any other code
 * needs its own (0 to 8). Throws an {@link AssetError}.
 */
export function defineAsset(code: string, circle: string, exponent?: number): Omit<Asset, 'id'> {
  if (!codePattern.test(code)) {
    throw new AssetError('asset-code-malformed', 'A currency code is 2 to 12 upper-case letters or digits')
  }
  if (!circlePattern.test(circle)) {
    throw new AssetError(
      'asset-circle-malformed',
      'A circle is 1 to 64 lower-case letters, digits, dots, dashes or underscores',
    )
  }
  const standard = isoExponent(code)
  const chosen = exponent ?? standard
  if (chosen === undefined || !Number.isInteger(chosen) || chosen < 0 || chosen > maxExponent) {
    throw new AssetError(
      'asset-exponent-invalid',
      `A currency outside ISO 4217 needs a number of decimals, 0 to ${maxExponent}`,
    )
  }
  if (standard !== undefined && chosen !== standard) {
    throw new AssetError('asset-exponent-invalid', `ISO 4217 gives ${code} ${standard} decimals`)
  }
  return { code, circle, exponent: chosen }
}
