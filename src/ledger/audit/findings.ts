/** What an audit checks; each has its own limit of listed findings. */
export const checks = [
  'journal',
  'transactions',
  'entries',
  'transfers',
  'accounts',
  'account-changes',
  'holds',
  'conservation',
  'idempotency',
  'directory',
  'invoices',
  'refunds',
  'refills',
  'transaction-tokens',
  'gift-cards',
  'vouchers',
  'purchases',
  'fundings',
  'redactions',
] as const

export type Check = (typeof checks)[number]

/** One row: `row` gives its primary key as `column=value, …`. */
export type RowName = { readonly table: string; readonly row: string }

/** Something that is not as it must be, and where. */
export type Finding = RowName & {
  readonly check: Check
  /** what differs, in plain words */
  readonly message: string
  /** other rows, one of which may be the changed one, when the evidence does not tell which */
  readonly suspects: readonly RowName[]
}

export type Findings = {
  add(check: Check, row: RowName, message: string, suspects?: readonly RowName[]): void
  /** Findings that a query counted without returning them. */
  addUnlisted(check: Check, count: number): void
  readonly listed: readonly Finding[]
  /** how many more there are, by check */
  readonly unlisted: Partial<Record<Check, number>>
}

/** @param limit how many of each check are kept; the others are counted */
export function createFindings(limit: number): Findings {
  const listed: Finding[] = []
  const counts = new Map<Check, number>()
  const unlisted: Partial<Record<Check, number>> = {}
  const addUnlisted = (check: Check, count: number) => {
    if (count > 0) unlisted[check] = (unlisted[check] ?? 0) + count
  }
  return {
    listed,
    unlisted,
    addUnlisted,
    add(check, { table, row }, message, suspects = []) {
      const count = counts.get(check) ?? 0
      counts.set(check, count + 1)
      if (count < limit) listed.push({ check, table, row, message, suspects })
      else addUnlisted(check, 1)
    },
  }
}

/** Names a row by its primary key. */
export function rowName(table: string, key: Record<string, unknown>): RowName {
  const row = Object.entries(key)
    .map(([column, value]) => `${column}=${value}`)
    .join(', ')
  return { table, row }
}
