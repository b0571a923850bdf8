import type { Sql } from './database.ts'
import type { WalletListing } from './directory-listings.ts'

/** A wallet as the console lists it. Amounts in minor units. */
export type ConsoleWallet = WalletListing & {
  /** name of the party */
  readonly owner: string
  /** keeps books, a float or a loan */
  readonly kept: boolean
  readonly asset_id: number
}

export type WalletFilter = {
  /** of these parties; absent: of all. At most some dozens */
  readonly partyIds?: readonly string[] | undefined
  readonly currency?: string | undefined
  readonly circle?: string | undefined
  readonly frozen?: boolean | undefined
  /** what a business may see: its own to spend, and its floats */
  readonly own?: boolean | undefined
  /** true: only what keeps books, a float or a loan; false: only what does not */
  readonly kept?: boolean | undefined
}

const COLUMNS = `
w.id, w.namespace || ':' || w.number || ':' || w.currency as explicit_id, w.opaque_id, w.party_id,
  p.namespace || ':' || p.number || ':' || p.currency as parent, w.currency, s.circle, s.exponent, s.id as asset_id,
  a.balance, a.held, a.lower, a.upper, a.status, w.opened_at, w.kept, o.name as owner`
const JOINS = `join account a on a.id = w.id join asset s on s.id = a.asset_id join party o on o.id = w.party_id
left join wallet p on p.id = w.parent_id`
const OWN = '(not w.kept or exists (select from partner_float f where f.wallet_id = w.id))'

/** A page of wallets in the order of their ids. What a page needs is picked first, by an index; only that is then looked up. */
export async function listConsoleWallets(
  sql: Sql,
  filter: WalletFilter,
  { after = 0n, limit }: { after?: bigint | undefined; limit: number },
): Promise<ConsoleWallet[]> {
  const { partyIds, currency, circle, frozen, own, kept } = filter
  const assets = currency === undefined && circle === undefined ? null : await assetIds(sql, { currency, circle })
  if (assets?.length === 0 || partyIds?.length === 0) return []
  const values: unknown[] = [after, limit]
  const value = (it: unknown) => `$${values.push(it)}`
  const conditions = [
    'w.id > $1',
    ...(own ? [OWN] : []),
    ...(kept === undefined ? [] : [kept ? 'w.kept' : 'not w.kept']),
    ...(frozen && partyIds ? ['exists (select from account z where z.id = w.id and z.status = 1)'] : []),
  ]
  const pick = (from: string, more: string[] = []) =>
    `(select w.* from ${from} where ${[...more, ...conditions].join(' and ')} order by w.id limit $2)`
  const ofAssets = () => (assets ? [`w.asset_id = any(${value(assets)}::int[])`] : [])
  let picked: string
  if (partyIds) {
    // Each party is one range of an index, whatever the planner thinks of several.
    const one = pick('wallet w', ['w.party_id = z.party', ...ofAssets()])
    picked = `select y.* from unnest(${value(partyIds)}::uuid[]) as z (party) cross join lateral ${one} as y order by y.id limit $2`
  } else if (frozen) {
    picked = pick('(select id from account where status = 1 and id > $1) as z join wallet w on w.id = z.id', ofAssets())
  } else if (assets && !kept) {
    // Asset by asset, so that each is planned for as rare or common as it is.
    const each = assets.map((asset) => pick('wallet w', [`w.asset_id = ${value(asset)}`]))
    picked = `select y.* from (${each.join(' union all ')}) as y order by y.id limit $2`
  } else picked = pick('wallet w', ofAssets())
  return sql.query<ConsoleWallet>(`select ${COLUMNS} from (${picked}) as w ${JOINS} order by w.id`, values)
}

/** The assets of a currency, a circle, or both. */
async function assetIds(
  sql: Sql,
  { currency, circle }: { currency: string | undefined; circle: string | undefined },
): Promise<number[]> {
  const rows = await sql.query<{ id: number }>(
    'select id from asset where ($1::text is null or code = $1) and ($2::text is null or circle = $2) order by id limit 50',
    [currency ?? null, circle ?? null],
  )
  return rows.map(({ id }) => id)
}

/** @param id explicit or opaque, normalised. @param own what a business may see, see {@link WalletFilter} */
export async function findConsoleWallet(sql: Sql, id: string, own: string | null): Promise<ConsoleWallet | undefined> {
  const parts = id.split(':')
  const where = parts.length === 3 ? 'w.namespace = $2 and w.number = $3 and w.currency = $4' : 'w.opaque_id = $2'
  const rows = await sql.query<ConsoleWallet>(
    `select ${COLUMNS} from wallet w ${JOINS} where ${where} and ($1::uuid is null or (w.party_id = $1 and ${OWN}))`,
    [own, ...(parts.length === 3 ? parts : [id])],
  )
  return rows[0]
}

/** Open holds on an account; minor units. `out`: it is to pay. */
export type OpenHold = {
  readonly id: string
  readonly out: boolean
  readonly amount: bigint
  readonly expires_at: Date
  /** explicit id of the other side, if it is a wallet */
  readonly other: string | null
}

/** Open holds that are looked at for one page. */
const SCAN = 20_000

/**
 * Holds have no index by account, because every payment would pay for it: of all that are open so many are looked at, those that
 * expire first.
 */
export async function listOpenHolds(sql: Sql, account: bigint, limit: number): Promise<OpenHold[]> {
  return sql.query<OpenHold>(
    `select h.id, h.source = $1 as out, h.amount, h.expires_at,
       w.namespace || ':' || w.number || ':' || w.currency as other
     from (select * from hold where status = 0 order by expires_at limit ${SCAN}) as h
     left join wallet w on w.id = case when h.source = $1 then h.target else h.source end
     where $1 in (h.source, h.target) order by h.expires_at limit $2`,
    [account, limit],
  )
}

/** Wallets below one in the tree of refills. */
export async function listChildren(sql: Sql, parent: bigint, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select namespace || ':' || number || ':' || currency as id from wallet where parent_id = $1 order by wallet.id limit $2`,
    [parent, limit],
  )
  return rows.map(({ id }) => id)
}
