import { AmountError, parseAmountOrZero } from './money.ts'

/** What an amount is made of, in minor units; none is negative. A discount is a smaller subtotal. */
export type Details = { subtotal: bigint; taxes: bigint; fees: bigint; other: bigint }

export type DetailsErrorCode =
  | 'details-malformed'
  /** A member other than subtotal, taxes, fees and other. */
  | 'details-unknown-member'
  /** A part that is no amount of the currency; the message says why. */
  | 'details-part-invalid'
  | 'details-sum-differs'

/** Details that don't explain their amount. */
export class DetailsError extends Error {
  readonly code: DetailsErrorCode

  constructor(code: DetailsErrorCode, message: string) {
    super(message)
    this.name = 'DetailsError'
    this.code = code
  }
}

/**
 * Reads the `details` of a request: amount = subtotal + taxes + fees + other, exactly; a part left out is zero. The parts are
 * informative, nothing is moved for them. Throws a {@link DetailsError}.
 */
export function parseDetails(value: unknown, amount: bigint, exponent: number): Details {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DetailsError('details-malformed', 'The details are not an object')
  }
  const details: Details = { subtotal: 0n, taxes: 0n, fees: 0n, other: 0n }
  for (const [name, part] of Object.entries(value)) {
    if (!Object.hasOwn(details, name)) {
      throw new DetailsError('details-unknown-member', 'The details are subtotal, taxes, fees and other')
    }
    details[name as keyof Details] = parsePart(name, part, exponent)
  }
  const { subtotal, taxes, fees, other } = details
  if (subtotal + taxes + fees + other !== amount) {
    throw new DetailsError('details-sum-differs', 'The details do not add up to the amount')
  }
  return details
}

function parsePart(name: string, part: number | string, exponent: number): bigint {
  try {
    return parseAmountOrZero(part, exponent)
  } catch (error) {
    if (error instanceof AmountError) throw new DetailsError('details-part-invalid', `${name}: ${error.message}`)
    throw error
  }
}
