/** Requests a minute that are answered, unless the operator says otherwise; null: as many as come. */
export const RATE_LIMITS = {
  webwallet: { most: null, what: 'requests of one client to the wallet API' },
  walleo: { most: 60_000, what: 'requests with one API key to the Walleo API' },
  jackpot: { most: 60_000, what: 'requests with one API key, or of one partner’s sessions, to the Jackpot API' },
  admin: { most: 60_000, what: 'requests with one API key to the admin API' },
  failures: {
    most: 300,
    what: 'requests from one network to these four, and to Tillo’s and Pledg’s, that prove nothing',
  },
} as const satisfies Record<string, { most: number | null; what: string }>

export type RateLimitName = keyof typeof RATE_LIMITS

/** What differs from the table. */
export type RateLimitSettings = Readonly<Partial<Record<RateLimitName, number | null>>>

/**
 * Reads `webwallet=120000,failures=off`.
 * @throws {Error} that says what is wrong
 */
export function parseRateLimits(text: string): RateLimitSettings {
  const pairs = text.split(',').map((part) => {
    const [name = '', most = '', more] = part.trim().split('=')
    if (!Object.hasOwn(RATE_LIMITS, name) || more !== undefined)
      throw new Error(
        `${part.trim() || 'nothing'} is not of the form walleo=6000, with one of ${Object.keys(RATE_LIMITS).join(', ')}`,
      )
    if (most !== 'off' && !/^[1-9]\d{0,8}$/.test(most))
      throw new Error(`${name} must be a whole number above 0, or off`)
    return [name, most === 'off' ? null : Number(most)] as const
  })
  return Object.fromEntries(pairs)
}

/** @returns requests a minute, or null where there is no limit */
export const rateLimitOf = (settings: RateLimitSettings | undefined, name: RateLimitName): number | null => {
  const said = settings?.[name]
  return said === undefined ? RATE_LIMITS[name].most : said
}
