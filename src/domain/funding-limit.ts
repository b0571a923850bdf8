/** How much one operator may move by hand on a day without a second person: decimal texts, in the unit of the money. */
export type FundingLimit = { readonly standard: string; readonly byCurrency: Readonly<Record<string, string>> }

export const STANDARD_FUNDING_LIMIT: FundingLimit = { standard: '1000', byCurrency: {} }

const AMOUNT = /^\d{1,12}(\.\d{1,8})?$/

/**
 * Reads `1000`, or `1000,JPY=150000,COP=4000000`: the limit of every currency, and those of some.
 * @throws {Error} that says what is wrong
 */
export function parseFundingLimit(text: string): FundingLimit {
  const [standard = '', ...others] = text.split(',').map((part) => part.trim())
  if (!AMOUNT.test(standard)) throw new Error('must begin with an amount such as 1000 or 250.50')
  const byCurrency = others.map((part) => {
    const [code = '', amount = '', more] = part.split('=')
    if (!/^[A-Z0-9]{2,12}$/.test(code) || !AMOUNT.test(amount) || more !== undefined)
      throw new Error(`${part} is not of the form EUR=1000`)
    return [code, amount] as const
  })
  return { standard, byCurrency: Object.fromEntries(byCurrency) }
}

/** Minor units; what is finer than the asset is cut off. */
export function fundingLimitOf(
  { standard, byCurrency }: FundingLimit,
  { code, exponent }: { code: string; exponent: number },
): bigint {
  const [whole = '0', fraction = ''] = (Object.hasOwn(byCurrency, code) ? byCurrency[code] : standard)?.split('.') ?? []
  return BigInt(whole + fraction.padEnd(exponent, '0').slice(0, exponent))
}
