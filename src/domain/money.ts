import { isExactNumber } from '#sdk/protocol/exact-number.ts'

/** Why an amount is refused. When several apply, the first of this list does. */
export type AmountErrorCode =
  /** Neither a JSON number nor a string. */
  | 'amount-not-a-number'
  /** A string that is no plain decimal: signs, blanks, exponents, leading zeros, digits of other scripts, more than 64 characters. */
  | 'amount-malformed'
  /** Zero or less where more is needed, or less than zero where zero will do. */
  | 'amount-not-positive'
  /** More than 10^15 minor units. */
  | 'amount-too-large'
  /** A part of a minor unit is left over. */
  | 'amount-too-precise'

/** An amount that can't be moved. */
export class AmountError extends Error {
  readonly code: AmountErrorCode

  constructor(code: AmountErrorCode, message: string) {
    super(message)
    this.name = 'AmountError'
    this.code = code
  }
}

/** The largest amount of one transaction, in minor units: every amount up to here is exact as a double, too. */
export const maxMinorUnits = 1_000_000_000_000_000

const powersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]

/**
 * Minor units of an amount above zero, from a JSON number (as `parseExactJson` lets through) or a decimal string.
 *
 * What counts is the exact decimal value, not how it is written: `10`, `10.00` and `1e1` are 1000 cents, and 10 yen, and so are
 * the strings "10" and "10.000". A string is digits with at most one point between them: no sign, blank, exponent or leading
 * zero. Throws an {@link AmountError}.
 */
export function parseAmount(value: number | string, exponent: number): bigint {
  return BigInt(positive(minorUnits(value, exponent)))
}

/** {@link parseAmount} for amounts that may be zero, such as the parts of an invoice. */
export function parseAmountOrZero(value: number | string, exponent: number): bigint {
  return BigInt(minorUnits(value, exponent))
}

/** {@link parseAmount} for limits, which may be zero or below; a string may begin with one minus sign. */
export function parseSignedAmount(value: number | string, exponent: number): bigint {
  if (typeof value === 'number' && value < 0) return -BigInt(minorUnits(-value, exponent))
  if (typeof value === 'string' && value.startsWith('-')) return -BigInt(minorUnits(value.slice(1), exponent))
  return BigInt(minorUnits(value, exponent))
}

/** The exact decimal text, with all decimals of the currency: `15.00`, `-0.005`, `7`. */
export function formatAmount(minor: bigint, exponent: number): string {
  if (exponent === 0) return minor.toString()
  const negative = minor < 0n
  const digits = (negative ? -minor : minor).toString().padStart(exponent + 1, '0')
  const point = digits.length - exponent
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}

/**
 * The amount for a signed payload: a JSON number where RFC 8785 prints that number's exact value, otherwise (sums that need more
 * than 15 digits) the decimal string.
 */
export function amountToJson(minor: bigint, exponent: number): number | string {
  if (minor <= maxMinorUnits && minor >= -maxMinorUnits) return Number(minor) / powerOfTen(exponent)
  const text = formatAmount(minor, exponent)
  return isExactNumber(text) ? Number(text) : text
}

// Minor units as a double: whole, 0 to 10^15, therefore exact.
function minorUnits(value: number | string, exponent: number): number {
  if (typeof value === 'number') return minorUnitsOfNumber(value, powerOfTen(exponent))
  if (typeof value === 'string') return minorUnitsOfText(value, exponent)
  throw new AmountError('amount-not-a-number', 'An amount is a number or a decimal string')
}

/*
 * Exact without decimal arithmetic. Decimals of up to 15 digits have each a double of their own, so if the whole number `units`
 * divided by the power of ten gives back `value`, then `value` stands for just that decimal. If it does not, then no whole number
 * of units would: the product is wrong by far less than a half.
 */
function minorUnitsOfNumber(value: number, power: number): number {
  if (!Number.isFinite(value)) throw new AmountError('amount-not-a-number', 'The amount is no finite number')
  if (value < 0) throw new AmountError('amount-not-positive', 'The amount is negative')
  const scaled = value * power
  if (scaled > maxMinorUnits) throw tooLarge()
  const units = Math.round(scaled)
  if (units / power !== value) throw tooPrecise()
  return units
}

const point = 46

function minorUnitsOfText(text: string, exponent: number): number {
  if (text.length > 64) throw malformed(text)
  let units = 0
  let decimals = -1
  let leftOver = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === point && decimals < 0 && i > 0) {
      decimals = 0
      continue
    }
    const digit = c - 48
    if (digit < 0 || digit > 9) throw malformed(text)
    if (decimals >= exponent) leftOver ||= digit !== 0
    // Beyond 2^53 this rounds, but by then it is too large whatever follows.
    else units = units * 10 + digit
    if (decimals >= 0) decimals++
  }
  const leadingZero = text.length > 1 && text.charCodeAt(0) === 48 && text.charCodeAt(1) !== point
  if (text === '' || decimals === 0 || leadingZero) throw malformed(text)
  if (decimals < exponent) units *= powerOfTen(exponent - Math.max(decimals, 0))
  if (units > maxMinorUnits || (units === maxMinorUnits && leftOver)) throw tooLarge()
  if (leftOver) throw tooPrecise()
  return units
}

function positive(units: number): number {
  if (units === 0) throw new AmountError('amount-not-positive', 'The amount is zero')
  return units
}

function powerOfTen(exponent: number): number {
  const power = powersOfTen[exponent]
  if (power === undefined) throw new RangeError(`${exponent} is no number of decimals`)
  return power
}

function malformed(text: string): AmountError {
  return /^-(0|[1-9]\d*)(\.\d+)?$/.test(text)
    ? new AmountError('amount-not-positive', 'The amount is negative')
    : new AmountError('amount-malformed', 'The amount is no plain decimal, such as "12.50"')
}

const tooLarge = () => new AmountError('amount-too-large', 'The amount is more than 10^15 minor units')
const tooPrecise = () => new AmountError('amount-too-precise', 'The amount has more decimals than the currency')
