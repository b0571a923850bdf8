import { type Account, account, type Books, reserved, type SeenRow, showAccount, showAccountRow } from './books.ts'
import type { Seen, Stage } from './life.ts'
import type { Vendor } from './upstream.ts'
import type { Moment } from './wallets-state.ts'

/** Own cards at once, own cards later, from stock, bought elsewhere. */
export const BRANDS = ['own', 'later', 'stock', 'bought'] as const
export type BrandName = (typeof BRANDS)[number]
export const isOwn = (brand: BrandName) => brand === 'own' || brand === 'later'

export type Session = {
  readonly amount: number
  readonly manual: boolean
  /** by this life's clock, ms since the epoch */
  readonly expires: number
  /** what it has reserved; null: nothing yet */
  readonly asked: string | null
}

export type Voucher = {
  readonly brand: BrandName
  readonly face: number
  readonly cost: number
  /** what stays with the operator; below zero: what the operator adds */
  readonly revenue: number
  readonly automatic: boolean
  readonly state: 'reserved' | 'confirmed' | 'canceled' | 'ready' | 'refunding' | 'refund_rejected' | 'refunded'
  readonly order: 'reserved' | 'requested' | 'succeeded' | 'failed' | 'cancelled'
  /** of the float, and of what the operator adds */
  readonly held: boolean
  readonly added: boolean
  /** of the holds, by the real clock */
  readonly ends: Moment
  /** of the reservation, by this life's clock */
  readonly expires: number
  /** what its partner is told of, in this order */
  readonly told: readonly string[]
  /** the vendor has sold a card for it */
  readonly sold: boolean
}

/** A file of codes, by its key. */
export type Upload = {
  /** null: it has begun, and nothing of it is there */
  readonly codes: readonly string[] | null
  /** lines, added, twice in the file, in stock before, malformed */
  readonly counts: string | null
  readonly done: boolean
}

/** The model of a life of vouchers. Vouchers are named by their sessions, cards and their accounts by their vouchers. */
export type VoucherState = Books & {
  readonly sessions: Readonly<Record<string, Session>>
  readonly vouchers: Readonly<Record<string, Voucher>>
  readonly cards: Readonly<Record<string, string>>
  /** codes that ever came, and how many are left */
  readonly codes: readonly string[]
  readonly stock: number
  readonly uploads: Readonly<Record<string, Upload>>
  readonly redeemed: number
}

const BOOKS = ['settlement', 'revenue', 'breakage'] as const
const LIMITS: Readonly<Record<string, Pick<Account, 'lower' | 'upper'>>> = {
  mint: { lower: null, upper: 0 },
  float: { lower: 0, upper: null },
  shop: { lower: 0, upper: null },
}

export const emptyVouchers = (stock: number): VoucherState => ({
  accounts: Object.fromEntries([
    ...Object.entries(LIMITS).map(([name, limits]) => [name, account(limits)]),
    ...BRANDS.flatMap((brand) =>
      BOOKS.map((book) => [`${book} ${brand}`, account({ lower: book === 'settlement' ? null : 0 })]),
    ),
  ]),
  keys: {},
  sessions: {},
  vouchers: {},
  cards: {},
  codes: Array.from({ length: stock }, (_, i) => String(i)),
  stock,
  uploads: {},
  redeemed: 0,
})

export const withVoucher = (state: VoucherState, name: string, change: Partial<Voucher>): VoucherState => ({
  ...state,
  vouchers: { ...state.vouchers, [name]: { ...(state.vouchers[name] as Voucher), ...change } },
})

/** What is held for a voucher is free: of the float, of what the operator adds, or both. */
export function freed(state: VoucherState, name: string, which: readonly ('held' | 'added')[]): VoucherState {
  let now = state
  for (const hold of which) {
    const it = now.vouchers[name] as Voucher
    if (!it[hold]) continue
    const source = hold === 'held' ? 'float' : `revenue ${it.brand}`
    const amount = hold === 'held' ? it.cost : -it.revenue
    now = reserved(now, { source, target: `settlement ${it.brand}`, amount: -amount })
    now = withVoucher(now, name, { [hold]: false })
  }
  return now
}

export const showVouchers = (state: VoucherState): Seen =>
  Object.fromEntries([
    ...Object.entries(state.accounts).map(([name, it]): [string, string] => [`account ${name}`, showAccount(it)]),
    ...Object.entries(state.vouchers).flatMap(([name, it]): [string, string][] => [
      [`voucher ${name}`, `${it.face} for ${it.cost} ${it.state} ${it.order} ${it.automatic}`],
      [`told ${name}`, it.told.join()],
      ...(it.brand === 'bought' ? [[`sold ${name}`, String(it.sold)] as [string, string]] : []),
    ]),
    ...Object.entries(state.cards).map(([name, how]): [string, string] => [`card ${name}`, how]),
    ...Object.entries(state.uploads).map(([key, { counts, done }]): [string, string] => [
      `upload ${key}`,
      `${done ? 'done' : 'running'} ${counts ?? '0 0 0 0 0'}`,
    ]),
    ['sessions', String(Object.keys(state.sessions).length)],
    ['orders', String(Object.keys(state.vouchers).length)],
    ['stock', String(state.stock)],
    ['redeemed', String(state.redeemed)],
    ['sum', '0'],
  ])

type Row = SeenRow & { text: string }

/** Reads all that a life has in the database, in one statement. */
export async function readVouchers(
  { installation: { db } }: Stage,
  accounts: ReadonlyMap<bigint, string>,
  { partner, stock, bought, vendor }: { partner: string; stock: string; bought: string; vendor: Vendor },
): Promise<Seen> {
  const rows = await db.query<Row>(
    `with vs as (select v.*, o.status, o.face, o.cost, o.brand_id from voucher v join gift_order o on o.id = v.id where v.partner_id = $2),
     cs as (select c.*, v.notification_key as name from vs v join card c on c.order_id = v.id),
     imports as (select i.key, i.status, c.* from stock_import i cross join lateral (
       select i.lines, i.added, i.in_file, i.in_stock, i.malformed where i.status = 'done' union all
       select coalesce(sum(b.lines), 0), coalesce(sum(b.added), 0), coalesce(sum(b.in_file), 0), coalesce(sum(b.in_stock), 0),
         coalesce(sum(b.malformed), 0) from stock_import_batch b where b.import_id = i.id and i.status <> 'done' having i.status <> 'done'
     ) as c where i.brand_id = $3),
     ids as (select unnest($1::bigint[]) as id, null as name union all select account_id, name from cs where account_id is not null)
     select 'account' as kind, coalesce(i.name, a.id::text) as id, '' as text, a.balance as a, a.held as b, a.incoming as c,
       a.status::int as d, a.entries as e from account a join ids i using (id)
     union all select 'voucher', v.notification_key,
       concat_ws(' ', v.face, 'for', v.cost, v.state, case v.status when 'processing' then 'requested' else v.status end, v.automatic::text), 0, 0, 0, 0, 0 from vs v
     union all select 'told', v.notification_key, coalesce((select string_agg(replace(d.topic, 'coupon/', ''), ',' order by d.sequence)
       from delivery d where d.object = 'voucher:' || v.id), ''), 0, 0, 0, 0, 0 from vs v
     union all select 'sold', v.notification_key, v.id::text, 0, 0, 0, 0, 0 from vs v where v.brand_id = $4
     union all select 'card', c.name, concat_ws(' ', c.status, e.how), 0, 0, 0, 0, 0 from cs c left join card_end e on e.card_id = c.id
     union all select 'upload', substr(i.key, strpos(i.key, ' ') + 1), concat_ws(' ', i.status, i.lines, i.added, i.in_file, i.in_stock, i.malformed),
       0, 0, 0, 0, 0 from imports i
     union all select 'sessions', '', count(*)::text, 0, 0, 0, 0, 0 from jackpot_session j where j.partner_id = $2
     union all select 'orders', '', count(*)::text, 0, 0, 0, 0, 0 from gift_order o where o.partner_id = $2
     union all select 'stock', '', count(*)::text, 0, 0, 0, 0, 0 from stock_code s where s.brand_id = $3 and s.sold = 0
     union all select 'redeemed', '', coalesce(sum(r.amount), 0)::text, 0, 0, 0, 0, 0 from card_redemption r join cs c on c.id = r.card_id
     union all select 'sum', '', (select sum(a.balance) from account a join ids i using (id))::text, 0, 0, 0, 0, 0`,
    [[...accounts.keys()], partner, stock, bought],
  )
  return Object.fromEntries(
    rows.map((row): [string, string] => {
      const { kind, id, text } = row
      if (kind === 'account') {
        const name = /^\d+$/.test(id) ? accounts.get(BigInt(id)) : id
        return [`account ${name}`, showAccountRow(row)]
      }
      if (kind === 'sold') return [`sold ${id}`, String(vendor.sold(text))]
      return id === '' ? [kind, text] : [`${kind} ${id}`, text]
    }),
  )
}
