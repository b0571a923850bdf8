import { type Account, account, type Books, type SeenRow, showAccount, showAccountRow, withAccount } from './books.ts'
import type { Seen, Stage } from './life.ts'
import type { Moment } from './wallets-state.ts'

export type Order = {
  readonly supply: 'own' | 'stock'
  readonly face: number
  readonly cost: number
  readonly revenue: number
  readonly status: 'requested' | 'succeeded' | 'failed' | 'cancelled'
}

export type Card = {
  readonly status: 'active' | 'blocked' | 'ended'
  readonly how: string
  readonly face: number
  /** by this life's clock, ms since the epoch */
  readonly expires: number | null
}

export type Redemption = { readonly card: string; readonly amount: number; readonly refunded: number }

export type Hold = {
  readonly card: string
  readonly amount: number
  readonly open: boolean
  readonly expired: boolean
  readonly ends: Moment
}

/** The model of a life of gift cards. Cards are named by the requests that bought them, their accounts too. */
export type CardState = Books & {
  readonly requests: Readonly<Record<string, string>>
  readonly orders: Readonly<Record<string, Order>>
  readonly cards: Readonly<Record<string, Card>>
  readonly redemptions: Readonly<Record<string, Redemption>>
  readonly holds: Readonly<Record<string, Hold>>
  /** codes that are left */
  readonly stock: number
}

export const GREATEST = 5_000

export const LIMITS: Readonly<Record<string, Pick<Account, 'lower' | 'upper'>>> = {
  mint: { lower: null, upper: 0 },
  float: { lower: 0, upper: null },
  shop: { lower: 0, upper: 3_000 },
  settlement: { lower: null, upper: null },
  revenue: { lower: 0, upper: null },
  breakage: { lower: 0, upper: null },
  'settlement-stock': { lower: null, upper: null },
  'revenue-stock': { lower: 0, upper: null },
  'breakage-stock': { lower: 0, upper: null },
}

export const emptyCards = (stock: number): CardState => ({
  accounts: Object.fromEntries(Object.entries(LIMITS).map(([name, limits]) => [name, account(limits)])),
  keys: {},
  requests: {},
  orders: {},
  cards: {},
  redemptions: {},
  holds: {},
  stock,
})

export const withCard = (state: CardState, name: string, change: Partial<Card>): CardState => ({
  ...state,
  cards: { ...state.cards, [name]: { ...(state.cards[name] as Card), ...change } },
})

/** The account of a card that is opened. */
export const withNew = (state: CardState, name: string): CardState =>
  withAccount({ ...state, accounts: { ...state.accounts, [name]: account() } }, name, {})

export const showCards = (state: CardState): Seen =>
  Object.fromEntries([
    ...Object.entries(state.accounts).map(([name, it]): [string, string] => [`account ${name}`, showAccount(it)]),
    ...Object.entries(state.orders).map(([name, it]): [string, string] => [
      `order ${name}`,
      `${it.face} for ${it.cost} ${it.status}`,
    ]),
    ...Object.entries(state.cards).map(([name, it]): [string, string] => [
      `card ${name}`,
      `${it.status} ${it.how}`.trim(),
    ]),
    ['redeemed', String(Object.values(state.redemptions).reduce((sum, it) => sum + it.amount, 0))],
    ['refunded', String(Object.values(state.redemptions).reduce((sum, it) => sum + it.refunded, 0))],
    ['stock', String(state.stock)],
    ['sum', '0'],
  ])

type Row = SeenRow & { text: string | null }

/** Reads all that a life has in the database, in one statement. */
export async function readCards(
  { installation: { db } }: Stage,
  accounts: ReadonlyMap<bigint, string>,
  partner: string,
  stock: string,
): Promise<Seen> {
  const rows = await db.query<Row>(
    `with cards as (select c.*, o.request_id from gift_order o join card c on c.order_id = o.id where o.partner_id = $2),
     ids as (select unnest($1::bigint[]) as id, null as name union all select account_id, request_id from cards where account_id is not null)
     select 'account' as kind, coalesce(i.name, a.id::text) as id, null as text, a.balance as a, a.held as b, a.incoming as c,
       a.status::int as d, a.entries as e from account a join ids i using (id)
     union all select 'order', o.request_id,
       concat(o.face, ' for ', o.cost, ' ', case o.status when 'processing' then 'requested' else o.status end), 0, 0, 0, 0, 0
       from gift_order o where o.partner_id = $2
     union all select 'card', c.request_id, concat_ws(' ', c.status, e.how), 0, 0, 0, 0, 0
       from cards c left join card_end e on e.card_id = c.id
     union all select 'redeemed', '', coalesce(sum(r.amount), 0)::text, 0, 0, 0, 0, 0 from card_redemption r join cards c on c.id = r.card_id
     union all select 'refunded', '', coalesce(sum(r.refunded), 0)::text, 0, 0, 0, 0, 0 from card_redemption r join cards c on c.id = r.card_id
     union all select 'stock', '', count(*)::text, 0, 0, 0, 0, 0 from stock_code s where s.brand_id = $3 and s.sold = 0
     union all select 'sum', '', (select sum(a.balance) from account a join ids i using (id))::text, 0, 0, 0, 0, 0`,
    [[...accounts.keys()], partner, stock],
  )
  return Object.fromEntries(
    rows.map((row): [string, string] => {
      const { kind, id, text } = row
      if (kind === 'account') {
        const name = /^\d+$/.test(id) ? accounts.get(BigInt(id)) : id
        return [`account ${name}`, showAccountRow(row)]
      }
      return id === '' ? [kind, String(text)] : [`${kind} ${id}`, String(text)]
    }),
  )
}
