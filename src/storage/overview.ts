import type { Sql } from './database.ts'

/** What a server has to show of itself. */
export type Overview = {
  /** PostgreSQL's version, as it names itself */
  postgres: string
  /** counted up to the limit only, so that a look costs the same whatever there is */
  wallets: number
  assets: { code: string; circle: string }[]
}

export async function readOverview(sql: Sql, limits: { wallets: number; assets: number }): Promise<Overview> {
  const rows = await sql.query<Overview>(
    `select current_setting('server_version') as postgres,
       (select count(*)::int from (select from wallet limit $1) as w) as wallets,
       (select coalesce(json_agg(json_build_object('code', code, 'circle', circle) order by id), '[]')
        from (select * from asset order by id limit $2) as a) as assets`,
    [limits.wallets, limits.assets],
  )
  return rows[0] as Overview
}
