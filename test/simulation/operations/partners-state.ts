import { type Account, account, type Books, type SeenRow, showAccount, showAccountRow } from './books.ts'
import type { Seen, Stage } from './life.ts'
import type { Vendor } from './upstream.ts'

export type FloatRequest = {
  readonly amount: number
  readonly status: 'pending' | 'approved' | 'approved_edited' | 'removed'
  readonly approved: number | null
}

/** What a partner has bought: a plastic card at hand or to be sent, value on one, or a card from elsewhere. */
export type Sale = {
  readonly kind: 'activation' | 'plastic' | 'top-up' | 'bought'
  readonly face: number
  readonly cost: number
  readonly revenue: number
  readonly status: 'requested' | 'succeeded' | 'failed' | 'cancelled'
  /** of which card; null: none yet */
  readonly card: string | null
  /** the vendor has sold a card for it */
  readonly sold: boolean
}

/** The model of a life of a partner's float and of what it sells by Tillo beside codes. Sales are named by their requests. */
export type PartnerState = Books & {
  readonly requests: Readonly<Record<string, string>>
  readonly asked: Readonly<Record<string, FloatRequest>>
  readonly sales: Readonly<Record<string, Sale>>
  readonly cards: Readonly<Record<string, string>>
  /** what the limits have counted, by whose use it is and the day: how often, and how much */
  readonly used: Readonly<Record<string, readonly [count: number, amount: number]>>
  readonly redeemed: number
}

const BOOKS = ['settlement', 'revenue', 'breakage'] as const
const LIMITS: Readonly<Record<string, Pick<Account, 'lower' | 'upper'>>> = {
  mint: { lower: -20_000, upper: 0 },
  float: { lower: 0, upper: null },
  shop: { lower: 0, upper: null },
}

export const emptyPartner = (): PartnerState => ({
  accounts: Object.fromEntries([
    ...Object.entries(LIMITS).map(([name, limits]) => [name, account(limits)]),
    ...['own', 'bought'].flatMap((brand) =>
      BOOKS.map((book) => [`${book} ${brand}`, account({ lower: book === 'settlement' ? null : 0 })]),
    ),
  ]),
  keys: {},
  requests: {},
  asked: {},
  sales: {},
  cards: {},
  used: {},
  redeemed: 0,
})

export const withSale = (state: PartnerState, name: string, change: Partial<Sale>): PartnerState => ({
  ...state,
  sales: { ...state.sales, [name]: { ...(state.sales[name] as Sale), ...change } },
})

export const showPartner = (state: PartnerState): Seen =>
  Object.fromEntries([
    ...Object.entries(state.accounts).map(([name, it]): [string, string] => [`account ${name}`, showAccount(it)]),
    ...Object.entries(state.asked).map(([name, it]): [string, string] => [
      `asked ${name}`,
      `${it.amount} ${it.status} ${it.approved ?? '-'}`,
    ]),
    ...Object.entries(state.sales).flatMap(([name, it]): [string, string][] => [
      [`sale ${name}`, `${it.face} for ${it.cost} ${it.status}`],
      ...(it.kind === 'bought' ? [[`sold ${name}`, String(it.sold)] as [string, string]] : []),
    ]),
    ...Object.entries(state.cards).map(([name, how]): [string, string] => [`card ${name}`, how]),
    ...Object.entries(state.used).map(([day, [count, amount]]): [string, string] => [
      `used ${day}`,
      `${count} ${amount}`,
    ]),
    ['redeemed', String(state.redeemed)],
    ['sum', '0'],
  ])

type Row = SeenRow & { text: string }

/** Reads all that a life has in the database, in one statement. @param names of plastic cards, by the hashes of their codes */
export async function readPartner(
  { installation: { db } }: Stage,
  accounts: ReadonlyMap<bigint, string>,
  {
    partner,
    own,
    bought,
    vendor,
    names,
  }: {
    partner: string
    own: string
    bought: string
    vendor: Vendor
    names: ReadonlyMap<string, string>
  },
): Promise<Seen> {
  const rows = await db.query<Row>(
    `with os as (select * from gift_order where partner_id = $2),
     cs as (select c.*, case when c.brand_id = $3 then encode(c.code_hash, 'hex') else o.request_id end as name
       from card c left join os o on o.id = c.order_id where c.brand_id = $3 or c.brand_id = $4),
     ids as (select unnest($1::bigint[]) as id, null as name union all select account_id, name from cs where account_id is not null)
     select 'account' as kind, coalesce(i.name, a.id::text) as id, '' as text, a.balance as a, a.held as b, a.incoming as c,
       a.status::int as d, a.entries as e from account a join ids i using (id)
     union all select 'asked', r.reference, concat_ws(' ', r.amount, r.status, coalesce(r.approved::text, '-')), 0, 0, 0, 0, 0
       from float_request r where r.partner_id = $2
     union all select 'sale', o.request_id, concat_ws(' ', o.face, 'for', o.cost, case o.status when 'processing' then 'requested' else o.status end),
       0, 0, 0, 0, 0 from os o
     union all select 'sold', o.request_id, o.id::text, 0, 0, 0, 0, 0 from os o where o.brand_id = $4
     union all select 'card', c.name, concat_ws(' ', c.status, e.how), 0, 0, 0, 0, 0 from cs c left join card_end e on e.card_id = c.id
     union all select 'used', concat_ws(' ', u.kind, case u.kind when 'partner' then 'itself' else coalesce(c.name, u.subject) end, u.period),
       concat_ws(' ', u.count, u.amount), 0, 0, 0, 0, 0 from velocity_use u left join cs c on c.id::text = u.subject
       where u.rule_id in (select r.id from velocity_rule r where r.partner_id = $2)
     union all select 'redeemed', '', coalesce(sum(r.amount), 0)::text, 0, 0, 0, 0, 0 from card_redemption r join cs c on c.id = r.card_id
     union all select 'sum', '', (select sum(a.balance) from account a join ids i using (id))::text, 0, 0, 0, 0, 0`,
    [[...accounts.keys()], partner, own, bought],
  )
  return Object.fromEntries(
    rows.map((row): [string, string] => {
      const { kind, id, text } = row
      if (kind === 'account') {
        const name = accounts.get(/^\d{1,15}$/.test(id) ? BigInt(id) : -1n) ?? names.get(id)
        return [`account ${name}`, showAccountRow(row)]
      }
      if (kind === 'sold') return [`sold ${id}`, String(vendor.sold(text))]
      const named = id.split(' ').map((word) => names.get(word) ?? word)
      return id === '' ? [kind, text] : [`${kind} ${named.join(' ')}`, text]
    }),
  )
}
