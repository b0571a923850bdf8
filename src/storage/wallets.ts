import type { Asset } from '../domain/asset.ts'
import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/** What never changes about a wallet. */
export type Wallet = {
  /** the account's id */
  readonly id: bigint
  /** `namespace:number:currency` */
  readonly explicitId: string
  readonly opaqueId: string
  readonly namespace: string
  readonly number: string
  readonly asset: Asset
  readonly partyId: string
  /** keeps a brand's books, a partner's float or what is lent: the wallet API and the pages of owners do not know it */
  readonly kept: boolean
}

type WalletRow = {
  id: bigint
  opaque_id: string
  namespace: string
  number: string
  currency: string
  party_id: string
  asset_id: number
  circle: string
  exponent: number
  kept: boolean
}

const COLUMNS =
  'w.id, w.opaque_id, w.namespace, w.number, w.currency, w.party_id, w.kept, a.asset_id, s.circle, s.exponent'
const WITH_ASSET = 'join account a on a.id = w.id join asset s on s.id = a.asset_id'
const SELECT = `select ${COLUMNS} from wallet w ${WITH_ASSET}`

// Each in its index, one by one, however large the table is and whatever is known of it.
const BY_EXPLICIT_ID = `
select k.at, ${COLUMNS} from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as k (at, namespace, number, currency)
cross join lateral (
  select * from wallet where wallet.namespace = k.namespace and wallet.number = k.number and wallet.currency = k.currency limit 1
) w ${WITH_ASSET}`
const BY_OPAQUE_ID = `
select k.at, ${COLUMNS} from unnest($1::int[], $2::text[]) as k (at, opaque_id)
cross join lateral (select * from wallet where wallet.opaque_id = k.opaque_id limit 1) w ${WITH_ASSET}`

/**
 * @param ids explicit or opaque ids, normalised
 * @returns in their order
 */
export async function findWallets(sql: Sql, ids: readonly string[]): Promise<(Wallet | undefined)[]> {
  const explicit: string[][] = [[], [], [], []]
  const opaque: string[][] = [[], []]
  for (const [at, id] of ids.entries()) {
    const parts = id.split(':')
    const [columns, row] = parts.length === 3 ? [explicit, [String(at), ...parts]] : [opaque, [String(at), id]]
    columns.forEach((column, i) => void column.push(row[i] as string))
  }
  const found: (Wallet | undefined)[] = ids.map(() => undefined)
  for (const [text, columns] of [
    [BY_EXPLICIT_ID, explicit],
    [BY_OPAQUE_ID, opaque],
  ] as const) {
    if (columns[0]?.length === 0) continue
    for (const row of await sql.query<WalletRow & { at: number }>(text, columns)) found[row.at] = readWallet(row)
  }
  return found
}

/** @param id an explicit or opaque id, normalised */
export async function findWallet(sql: Sql, id: string): Promise<Wallet | undefined> {
  return (await findWallets(sql, [id]))[0]
}

/** @param id the account's */
export async function findWalletById(sql: Sql, id: bigint): Promise<Wallet | undefined> {
  const [row] = await sql.query<WalletRow>(`${SELECT} where w.id = $1`, [id])
  return row && readWallet(row)
}

/** Where a wallet's refills come from; null: it has no parent. */
export async function findParent(sql: Sql, id: bigint): Promise<bigint | null> {
  const [row] = await sql.query<{ parent_id: bigint | null }>('select parent_id from wallet where id = $1', [id])
  return row?.parent_id ?? null
}

const IN_ASSET = 'a.asset_id = $2 and a.status <> 2 and not w.kept order by w.id limit 3'

/** The wallets in one unit of account among `ids`, closed and kept ones left out, at most three: enough to tell whether there is one beside another. */
export async function findWalletsInAsset(sql: Sql, ids: readonly bigint[], assetId: number): Promise<Wallet[]> {
  const rows = await sql.query<WalletRow>(`${SELECT} where w.id = any($1::bigint[]) and ${IN_ASSET}`, [ids, assetId])
  return rows.map(readWallet)
}

/** The same among all wallets of a party. */
export async function findPartyWalletsInAsset(sql: Sql, partyId: string, assetId: number): Promise<Wallet[]> {
  const rows = await sql.query<WalletRow>(`${SELECT} where w.party_id = $1 and ${IN_ASSET}`, [partyId, assetId])
  return rows.map(readWallet)
}

/**
 * Sets the parent unless that closes a circle. Runs in a transaction of its own: parents are changed one at a time, so that two
 * changes cannot make a circle together.
 */
export async function updateParent(sql: Sql, id: bigint, parentId: bigint | null): Promise<'set' | 'cycle'> {
  await sql.query('lock table wallet in share row exclusive mode')
  if (parentId !== null) {
    const above = await sql.query<{ id: bigint }>(
      `with recursive up as (
         select id, parent_id from wallet where id = $1
         union select w.id, w.parent_id from wallet w join up on w.id = up.parent_id
       ) select id from up`,
      [parentId],
    )
    if (above.some((row) => row.id === id)) return 'cycle'
  }
  await sql.query('update wallet set parent_id = $2 where id = $1', [id, parentId])
  return 'set'
}

export async function nextAccountId(sql: Sql): Promise<bigint> {
  return (await nextAccountIds(sql, 1))[0] as bigint
}

export async function nextAccountIds(sql: Sql, count: number): Promise<bigint[]> {
  const rows = await sql.query<{ id: bigint }>("select nextval('account_id') as id from generate_series(1, $1::int)", [
    count,
  ])
  return rows.map(({ id }) => id)
}

/** Written with the opening of the wallet's account. */
export const walletOpened: Effect = {
  name: 'wallet-opened',
  text: `insert into wallet (id, namespace, number, currency, opaque_id, party_id, parent_id, opened_at, kept, asset_id)
    select u.*, a.asset_id from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::bigint[],
      $8::timestamptz[], $9::boolean[]) as u (id, namespace, number, currency, opaque_id, party_id, parent_id, opened_at, kept)
    left join account a on a.id = u.id`,
}

/** Thousands of remembered wallets share one. */
const assets = new Map<string, Asset>()

function sharedAsset({ asset_id: id, currency: code, circle, exponent }: WalletRow): Asset {
  const key = `${id} ${code} ${exponent} ${circle}`
  const asset = assets.get(key) ?? { id, code, circle, exponent }
  assets.set(key, asset)
  return asset
}

function readWallet(row: WalletRow): Wallet {
  return {
    id: row.id,
    explicitId: `${row.namespace}:${row.number}:${row.currency}`,
    opaqueId: row.opaque_id,
    namespace: row.namespace,
    number: row.number,
    asset: sharedAsset(row),
    partyId: row.party_id,
    kept: row.kept,
  }
}
