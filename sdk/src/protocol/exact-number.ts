const exactDigits = 15

/**
 * Whether a JSON number means the same after a double and RFC 8785 have been at it: the exact decimal value of `source` equals
 * that of the canonical form. `10.00`, `1e2` and `0.1` do; `9007199254740993`, `0.10000000000000000555` and `1e400` don't.
 */
export function isExactNumber(source: string): boolean {
  // Up to 15 significant digits always survive the way to a double and back; an exponent needs the long way.
  if (source.length <= exactDigits && !/[eE]/.test(source)) return true
  const number = Number(source)
  if (!Number.isFinite(number)) return false
  return decimalKey(source) === decimalKey(String(number))
}

/** One text per decimal value: sign, significant digits, power of ten of the last of them. Zero has one form, without a sign. */
function decimalKey(source: string): string {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e')
  const negative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? mantissa.slice(1) : mantissa).split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = trimTrailingZeros(digits)
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + (digits.length - significant.length)
  return `${negative ? '-' : ''}${significant}e${power}`
}

// A regular expression for trailing zeros takes quadratic time on a long run of zeros that ends in another digit.
function trimTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}
