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

const SELECT = `
select w.id, w.opaque_id, w.namespace, w.number, w.currency, w.party_id, w.kept, a.asset_id, s.circle, s.exponent
from wallet w join account a on a.id = w.id join asset s on s.id = a.asset_id`

/** @param id an explicit or opaque id, normalised */
export async function findWallet(sql: Sql, id: string): Promise<Wallet | undefined> {
  const parts = id.split(':')
  const rows =
    parts.length === 3
      ? await sql.query<WalletRow>(`${SELECT} where w.namespace = $1 and w.number = $2 and w.currency = $3`, parts)
      : await sql.query<WalletRow>(`${SELECT} where w.opaque_id = $1`, [id])
  return rows[0] && readWallet(rows[0])
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

/** The wallets in one unit of account among `ids`, closed and kept ones left out, at most three: enough to tell whether there is one beside another. */
export async function findWalletsInAsset(sql: Sql, ids: readonly bigint[], assetId: number): Promise<Wallet[]> {
  const rows = await sql.query<WalletRow>(
    `${SELECT} where w.id = any($1::bigint[]) and a.asset_id = $2 and a.status <> 2 and not w.kept order by w.id limit 3`,
    [ids, assetId],
  )
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

function readWallet(row: WalletRow): Wallet {
  return {
    id: row.id,
    explicitId: `${row.namespace}:${row.number}:${row.currency}`,
    opaqueId: row.opaque_id,
    namespace: row.namespace,
    number: row.number,
    asset: { id: row.asset_id, code: row.currency, circle: row.circle, exponent: row.exponent },
    partyId: row.party_id,
    kept: row.kept,
  }
}
