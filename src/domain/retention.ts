/** How long things are kept that tell of people, in days, unless the operator says otherwise; and the most that may be said. */
export const RETENTION = {
  sessions: {
    days: 14,
    most: 14,
    what: 'a sign-in in one browser, with device and network address, from its beginning',
  },
  mails: { days: 7, most: 365, what: 'that a mail was sent; its text only until it is sent, in the sandbox as long' },
  deliveries: { days: 90, most: 3_650, what: 'notifications that were delivered or given up, with their attempts' },
  acts: { days: 730, most: 3_650, what: 'the log of acts in the console' },
  calls: { days: 30, most: 365, what: 'the log of calls that partners and merchants made' },
  answers: {
    days: 30,
    most: 365,
    what: 'answers to idempotency keys of the wallet API; a key that is older counts as new',
  },
  recipients: {
    days: 730,
    most: 3_650,
    what: 'who a gift card was for, and who was asked to pay, once the order or purchase is over',
  },
  limits: { days: 30, most: 3_650, what: 'who used how much of a velocity rule, from the end of its period' },
  alerts: { days: 365, most: 3_650, what: 'alerts that have cleared' },
} as const satisfies Record<string, { days: number; most: number; what: string }>

export type RetentionName = keyof typeof RETENTION

/** In days, what differs from the table. */
export type RetentionSettings = Readonly<Partial<Record<RetentionName, number>>>

/**
 * Reads `mails=3,acts=365`.
 * @throws {Error} that says what is wrong
 */
export function parseRetention(text: string): RetentionSettings {
  const pairs = text.split(',').map((part) => {
    const [name = '', days = '', more] = part.trim().split('=')
    if (!Object.hasOwn(RETENTION, name) || more !== undefined)
      throw new Error(
        `${part.trim() || 'nothing'} is not of the form mails=7, with one of ${Object.keys(RETENTION).join(', ')}`,
      )
    const { most } = RETENTION[name as RetentionName]
    if (!/^[1-9]\d{0,4}$/.test(days) || Number(days) > most) throw new Error(`${name} must be 1 to ${most} days`)
    return [name, Number(days)] as const
  })
  return Object.fromEntries(pairs)
}

const DAY = 86_400_000

/** ms */
export const retentionOf = (settings: RetentionSettings | undefined, name: RetentionName): number =>
  (settings?.[name] ?? RETENTION[name].days) * DAY
