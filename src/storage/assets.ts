import type { Asset } from '../domain/asset.ts'
import type { Sql } from './database.ts'

/** The asset of that code and circle, made on first use. The exponent of one that exists is not changed. */
export async function ensureAsset(sql: Sql, asset: Omit<Asset, 'id'>): Promise<Asset> {
  await sql.query('insert into asset (code, circle, exponent) values ($1, $2, $3) on conflict do nothing', [
    asset.code,
    asset.circle,
    asset.exponent,
  ])
  return (await findAsset(sql, asset.code, asset.circle)) as Asset
}

export async function findAsset(sql: Sql, code: string, circle: string): Promise<Asset | undefined> {
  const rows = await sql.query<Asset>('select id, code, circle, exponent from asset where code = $1 and circle = $2', [
    code,
    circle,
  ])
  return rows[0]
}
