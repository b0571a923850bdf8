import { type Account, account, type Books, type SeenRow, showAccount, showAccountRow } from './books.ts'
import type { Seen, Stage } from './life.ts'

export type Moment = { readonly least: number; readonly most: number }

export type Invoice = {
  readonly issuer: string
  readonly debtor: string
  readonly amount: number
  readonly expires: Moment | null
  readonly status: 'open' | 'paid' | 'declined' | 'cancelled'
}

export type Token = {
  readonly endpoint: 'charges' | 'payments'
  readonly subject: string
  readonly other: string
  readonly amount: number
  readonly expires: Moment
  readonly status: 'open' | 'used' | 'revoked'
}

export type Paid = {
  readonly source: string
  readonly target: string
  readonly amount: number
  readonly refunded: number
}

export type Funding = {
  readonly direction: 'in' | 'out'
  readonly wallet: string
  readonly amount: number
  readonly by: string
  readonly status: 'waiting' | 'made' | 'refused'
}

/** What a wallet may draw from this parent. */
export type Policy = { readonly parent: string | null; readonly most: number; readonly period: number }

/** The model of a life of wallets: plain maps by names. */
export type WalletState = Books & {
  readonly paid: Readonly<Record<string, Paid>>
  readonly invoices: Readonly<Record<string, Invoice>>
  readonly tokens: Readonly<Record<string, Token>>
  readonly fundings: Readonly<Record<string, Funding>>
  /** whose refills the last wallet gets */
  readonly parent: string | null
  readonly policy: Policy | null
  /** what refills have drawn in the period */
  readonly drawn: number
  /** what operators of one party have moved alone, by day */
  readonly alone: Readonly<Record<string, number>>
}

/** What one refill, and all of a period, may be. */
export const REFILL = { most: 200, period: 450 } as const
/** What one party's operators may move alone on a day. */
export const ALONE = 500

export const LIMITS: Readonly<Record<string, Pick<Account, 'lower' | 'upper'>>> = {
  mint: { lower: null, upper: 0 },
  ann: { lower: 0, upper: 1500 },
  kid: { lower: 0, upper: 600 },
  bob: { lower: -300, upper: null },
  shop: { lower: 0, upper: 2000 },
}

export const emptyWallets = (): WalletState => ({
  accounts: Object.fromEntries(Object.entries(LIMITS).map(([name, limits]) => [name, account(limits)])),
  keys: {},
  paid: {},
  invoices: {},
  tokens: {},
  fundings: {},
  parent: 'ann',
  policy: { parent: 'ann', ...REFILL },
  drawn: 0,
  alone: {},
})

const each = <T>(kind: string, rows: Readonly<Record<string, T>>, show: (row: T) => string): [string, string][] =>
  Object.entries(rows).map(([name, row]) => [`${kind} ${name}`, show(row)])

export const showWallets = (state: WalletState): Seen => ({
  ...Object.fromEntries([
    ...each('account', state.accounts, showAccount),
    ...each(
      'refunded',
      Object.fromEntries(Object.entries(state.paid).filter(([, { refunded }]) => refunded > 0)),
      (paid) => String(paid.refunded),
    ),
    ...each('invoice', state.invoices, ({ status, amount }) => `${amount} ${status}`),
    ...each('token', state.tokens, ({ status, amount }) => `${amount} ${status}`),
    ...each('funding', state.fundings, ({ status, amount }) => `${amount} ${status}`),
  ]),
  drawn: String(state.drawn),
  policy: state.policy ? `${state.policy.most} ${state.policy.period}` : '',
  transfers: String(Object.values(state.accounts).reduce((sum, { entries }) => sum + entries, 0) / 2),
  sum: '0',
})

const INVOICE = ['open', 'paid', 'declined', 'cancelled']
const TOKEN = ['open', 'used', 'revoked']
const FUNDING = ['waiting', 'made', 'refused']

/** Reads all that a life has in the database, in one statement. */
export async function readWallets(
  { installation: { db } }: Stage,
  accounts: ReadonlyMap<bigint, string>,
  names: ReadonlyMap<string, string>,
): Promise<Seen> {
  const rows = await db.query<SeenRow>(
    `with ids as (select unnest($1::bigint[]) as id)
     select 'account' as kind, a.id::text, a.balance as a, a.held as b, a.incoming as c, a.status::int as d, a.entries as e
       from account a join ids using (id)
     union all select 'refunded', t.original_id::text, t.refunded, 0, 0, 0, 0 from refund_total t
       where t.original_id = any($2::uuid[])
     union all select 'invoice', i.id::text, i.amount, 0, 0, i.status::int, 0 from invoice i join ids on ids.id = i.issuer
     union all select 'token', k.id::text, k.amount, 0, 0, k.status::int, 0 from transaction_token k join ids on ids.id = k.subject
     union all select 'funding', f.id::text, f.amount, 0, 0, f.status::int, 0 from funding f
       where f.id = any($2::uuid[])
     union all select 'drawn', '', coalesce(sum(u.used), 0)::bigint, 0, 0, 0, 0 from refill_use u join ids on ids.id = u.wallet_id
     union all select 'policy', coalesce(concat(p.per_refill, ' ' || p.per_period), ''), 0, 0, 0, 0, 0 from (
       select * from refill_policy r join ids on ids.id = r.wallet_id order by r.version desc limit 1) p
     union all select 'transfers', '', (select count(*) from entry x join ids on ids.id = x.account_id) / 2, 0, 0, 0, 0
     union all select 'sum', '', (select sum(a.balance) from account a join ids using (id))::bigint, 0, 0, 0, 0`,
    [[...accounts.keys()], [...names.keys()]],
  )
  return Object.fromEntries(
    rows.map((row): [string, string] => {
      const { kind, id, a, d } = row
      const name = `${kind} ${names.get(id) ?? id}`
      switch (kind) {
        case 'account':
          return [`account ${accounts.get(BigInt(id))}`, showAccountRow(row)]
        case 'invoice':
          return [name, `${a} ${INVOICE[d]}`]
        case 'token':
          return [name, `${a} ${TOKEN[d]}`]
        case 'funding':
          return [name, `${a} ${FUNDING[d]}`]
        case 'policy':
          return ['policy', id]
        case 'refunded':
          return [name, String(a)]
        default:
          return [kind, String(a)]
      }
    }),
  )
}
