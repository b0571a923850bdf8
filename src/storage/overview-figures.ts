import type { Database, Sql } from './database.ts'
import { type Liability, sumLiability, sumSales } from './gift-reports.ts'

// Sums over whole tables. A server whose tables are small makes them when the page is asked for; else the page shows what one of the
// servers has made a while ago, and says when.

/** Where money is. `issuing`: accounts that owe what everyone else has, so theirs is below zero. */
export const PLACES = [
  'people',
  'businesses',
  'floats',
  'cards',
  'settlement',
  'revenue',
  'breakage',
  'financing',
  'issuing',
] as const
export type MoneyPlace = (typeof PLACES)[number]

/** Minor units. */
export type Held = {
  readonly asset: number
  readonly place: MoneyPlace
  readonly accounts: bigint
  readonly sum: bigint
}

/** What was sold of a brand in 30 days, less what was taken back, and what holders can still spend. Minor units. */
export type BrandFigure = {
  readonly brand: string
  readonly currency: string
  readonly exponent: number
  readonly orders: bigint
  readonly value: bigint
  readonly cost: bigint
  readonly outstanding: bigint
}

/** `liability`: by brand, in the order of their slugs. */
export type Figures = { readonly held: Held[]; readonly brands: BrandFigure[]; readonly liability: Liability[] }

const HELD = `
select asset_id as asset, place, count(*) as accounts, sum(balance)::bigint as sum from (
  select a.asset_id, a.balance, case
    when a.upper = 0 then 'issuing'
    when w.id is null then 'cards'
    when b.place is not null then b.place
    when f.wallet_id is not null then 'floats'
    when w.namespace = 'financing' or m.financing_id is not null then 'financing'
    when p.kind = 'business' then 'businesses' else 'people' end as place
  from account a left join wallet w on w.id = a.id left join party p on p.id = w.party_id
  left join (
    select settlement_id as id, 'settlement' as place from brand union all select revenue_id, 'revenue' from brand
    union all select breakage_id, 'breakage' from brand
  ) as b on b.id = a.id
  left join partner_float f on f.wallet_id = a.id
  left join (select distinct financing_id from merchant where financing_id is not null) as m on m.financing_id = a.id
  where a.status <> 2
) as placed group by 1, 2 order by 1, 2`

export const SALES_DAYS = 30

async function sumBrands(sql: Sql, liability: readonly Liability[], now: Date): Promise<BrandFigure[]> {
  const from = new Date(now.getTime() - SALES_DAYS * 86_400_000)
  const sales = await sumSales(sql, { from, to: new Date(now.getTime() + 60_000) })
  const figures = new Map<string, { -readonly [K in keyof BrandFigure]: BrandFigure[K] }>()
  const of = ({ brand, currency, exponent }: { brand: string; currency: string; exponent: number }) => {
    const known = figures.get(brand)
    if (known) return known
    const figure = { brand, currency, exponent, orders: 0n, value: 0n, cost: 0n, outstanding: 0n }
    figures.set(brand, figure)
    return figure
  }
  for (const row of sales) {
    const figure = of(row)
    figure.orders += row.orders - row.cancelled
    figure.value += row.value - row.cancelled_value
    figure.cost += row.cost
  }
  for (const row of liability) of(row).outstanding += row.outstanding
  return [...figures.values()].sort((one, other) => (one.value < other.value ? 1 : one.value > other.value ? -1 : 0))
}

async function makeFigures(sql: Sql, now: Date): Promise<Figures> {
  const liability = await sumLiability(sql)
  return { held: await sql.query<Held>(HELD), brands: await sumBrands(sql, liability, now), liability }
}

/** Rows up to which the sums are made for each look: some milliseconds. */
const SMALL = 10_000

const IS_SMALL = `select (select count(*) from (select from account limit $1) as a) < $1
  and (select count(*) from (select from gift_order limit $1) as o) < $1 as small`

type Stored = { at: Date; took: number; value: { held: unknown[]; brands: unknown[]; liability?: unknown[] } }

const STORED = `select at, took_ms as took, value from overview_figure where name = 'figures'`

/** @returns null when there is too much to sum up now, and nothing was made yet */
export async function readFigures(sql: Sql, now: Date): Promise<(Figures & { at: Date }) | null> {
  const [size] = await sql.query<{ small: boolean }>(IS_SMALL, [SMALL])
  if (size?.small) return { ...(await makeFigures(sql, now)), at: now }
  const [stored] = await sql.query<Stored>(STORED)
  return stored ? { ...revive(stored.value), at: stored.at } : null
}

/**
 * What holders can still spend, by brand.
 * @returns null as {@link readFigures}
 */
export async function readLiability(sql: Sql, now: Date): Promise<{ liability: Liability[]; at: Date } | null> {
  const [size] = await sql.query<{ small: boolean }>(IS_SMALL, [SMALL])
  if (size?.small) return { liability: await sumLiability(sql), at: now }
  const [stored] = await sql.query<Stored>(STORED)
  return stored?.value.liability ? { liability: revive(stored.value).liability, at: stored.at } : null
}

const INTEGER = /^-?\d+$/
const revive = (value: Stored['value']): Figures =>
  JSON.parse(JSON.stringify({ liability: [], ...value }), (name, it) =>
    typeof it === 'string' && INTEGER.test(it) && name !== 'brand' && name !== 'currency' ? BigInt(it) : it,
  ) as Figures

/** Made anew after a minute, or fifty times what it took: no more than a fiftieth of one connection's time goes into it. */
const FRESH = 60_000
const SHARE = 50
/** Names the lock that lets one server at a time make them. */
const LOCK = 4_218_002

/** Makes the figures again when they are due and too dear for each look. @returns whether it did */
export async function refreshFigures(db: Database, clock: () => number): Promise<boolean> {
  const [size] = await db.query<{ small: boolean }>(IS_SMALL, [SMALL])
  if (size?.small) return false
  return db.transaction(async (sql) => {
    const [lock] = await sql.query<{ free: boolean }>('select pg_try_advisory_xact_lock($1) as free', [LOCK])
    const [stored] = await sql.query<Stored>(STORED)
    const now = clock()
    const due = !stored?.value.liability || now - stored.at.getTime() >= Math.max(FRESH, SHARE * stored.took)
    if (!lock?.free || !due) return false
    await sql.query("set local work_mem = '64MB'")
    await sql.query('set local jit = off')
    const figures = await makeFigures(sql, new Date(now))
    const text = JSON.stringify(figures, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    await sql.query(
      `insert into overview_figure (name, at, took_ms, value) values ('figures', $1, $2, $3)
       on conflict (name) do update set at = excluded.at, took_ms = excluded.took_ms, value = excluded.value`,
      [new Date(now), Math.round(clock() - now), text],
    )
    return true
  })
}
