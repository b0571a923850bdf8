import { type Account, account, type Books, type SeenRow, showAccount, showAccountRow } from './books.ts'
import type { Seen, Stage } from './life.ts'

/** Plans as a merchant of a life offers them. `bp`: fee, hundredths of a percent. */
export const PLANS = {
  now: { kind: 'now', parts: 1, bp: 0 },
  later: { kind: 'deferred', parts: 1, bp: 0 },
  three: { kind: 'instalments', parts: 3, bp: 0 },
  four: { kind: 'instalments', parts: 4, bp: 150 },
} as const
export type Plan = keyof typeof PLANS

export const DAY = 86_400_000
export const LINK_DAYS = 2
export const AUTHORIZED_DAYS = 7

export type Part = {
  readonly amount: number
  readonly fee: number
  readonly paid: number
  readonly feePaid: number
  readonly reduced: number
  /** when it is collected, ms since the epoch by this life's clock; null: it is not any more */
  readonly next: number | null
  readonly attempts: number
  readonly state: 'scheduled' | 'late' | 'paid' | 'cancelled' | 'failed'
  /** by which request of the person it was paid */
  readonly paidBy: string | null
}

export type Purchase = {
  readonly reference: string
  readonly amount: number
  readonly captures: boolean
  readonly state: 'created' | 'authorized' | 'completed' | 'cancelled' | 'expired' | 'voided'
  readonly expires: number
  readonly plan: Plan | null
  readonly key: string | null
  readonly authorizedUntil: number
  /** the day, ms, that schedules count from */
  readonly day: number
  readonly held: { readonly amount: number; readonly first: number; readonly fee: number }
  readonly captured: number
  readonly credits: Readonly<Record<string, number>>
  readonly credited: number
  readonly parts: readonly Part[]
}

/** The model of a life of purchases. */
export type PurchaseState = Books & {
  readonly purchases: Readonly<Record<string, Purchase>>
  /** by which purchase a reference was used up */
  readonly references: Readonly<Record<string, string>>
}

export const LIMITS: Readonly<Record<string, Pick<Account, 'lower' | 'upper'>>> = {
  mint: { lower: null, upper: 0 },
  wallet: { lower: 0, upper: null },
  shop: { lower: 0, upper: 9000 },
  financing: { lower: -6000, upper: null },
  fees: { lower: 0, upper: null },
}

export const emptyPurchases = (): PurchaseState => ({
  accounts: Object.fromEntries(Object.entries(LIMITS).map(([name, limits]) => [name, account(limits)])),
  keys: {},
  purchases: {},
  references: {},
})

export const openOf = ({ amount, paid, reduced }: Part): number => amount - paid - reduced

export const showPurchases = (state: PurchaseState): Seen =>
  Object.fromEntries([
    ...Object.entries(state.accounts).map(([name, it]): [string, string] => [`account ${name}`, showAccount(it)]),
    ...Object.entries(state.purchases).map(([name, it]): [string, string] => [
      `purchase ${name}`,
      `${it.state} captured ${it.captured} credited ${it.credited} ${it.parts.map(showPart).join(' ')}`.trim(),
    ]),
    ['references', String(Object.keys(state.references).length)],
    ['sum', '0'],
  ])

const showPart = ({ amount, fee, paid, feePaid, reduced, state }: Part) =>
  `${amount}+${fee}:${paid}+${feePaid}-${reduced}:${state}`

type Row = SeenRow & { text: string | null }

/** Reads all that a life has in the database, in one statement. */
export async function readPurchases(
  { installation: { db } }: Stage,
  accounts: ReadonlyMap<bigint, string>,
  merchants: readonly string[],
  known: ReadonlySet<string>,
): Promise<Seen> {
  const rows = await db.query<Row>(
    `select 'account' as kind, a.id::text as id, null as text, a.balance as a, a.held as b, a.incoming as c, a.status::int as d,
       a.entries as e
     from account a where a.id = any($1::bigint[])
     union all select 'purchase', p.title, concat_ws(' ', p.state, 'captured', coalesce(p.captured, 0), 'credited', p.credited,
       (select string_agg(x.amount || '+' || x.fee || ':' || x.paid || '+' || x.fee_paid || '-' || x.reduced || ':' || x.state, ' '
         order by x.number) from purchase_part x where x.purchase_id = p.id)), 0, 0, 0, 0, 0
     from purchase p where p.merchant_id = any($2::uuid[])
       and (p.id = any($3::uuid[]) or p.state not in ('created', 'expired'))
     union all select 'references', '', (select count(*) from purchase_reference r where r.merchant_id = any($2::uuid[]))::text,
       0, 0, 0, 0, 0
     union all select 'sum', '', (select sum(a.balance) from account a where a.id = any($1::bigint[]))::text, 0, 0, 0, 0, 0`,
    // One that was made while its answer was lost nobody knows of.
    [[...accounts.keys()], merchants, [...known]],
  )
  return Object.fromEntries(
    rows.map((row): [string, string] => {
      const { kind, id, text } = row
      if (kind === 'account') return [`account ${accounts.get(BigInt(id))}`, showAccountRow(row)]
      return kind === 'purchase' ? [`purchase ${id}`, String(text)] : [kind, String(text)]
    }),
  )
}
