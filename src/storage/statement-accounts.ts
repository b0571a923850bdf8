import type { Asset } from '../domain/asset.ts'
import type { Sql } from './database.ts'

/** What an account is to its business: a partner's float, what a brand is owed, or any other wallet. */
export type StatementRole = 'float' | 'settlement' | 'wallet'

/** An account that has statements. Amounts in minor units. */
export type StatementAccount = {
  readonly id: bigint
  /** explicit id of the wallet */
  readonly wallet: string
  readonly role: StatementRole
  /** of the partner, brand or merchant; null: it is none of theirs */
  readonly name: string | null
  readonly partyId: string
  readonly party: string
  readonly asset: Asset
  readonly balance: bigint
  readonly held: bigint
  /** how many movements it has had */
  readonly entries: bigint
  readonly openedAt: Date
}

type Row = Omit<StatementAccount, 'asset'> & { asset_id: number; code: string; circle: string; exponent: number }

/** @param wallets a few of them: what is told of each is looked up one by one */
const select = (wallets: string) => `
select w.id, w.namespace || ':' || w.number || ':' || w.currency as wallet,
  case when f.wallet_id is not null then 'float' when b.id is not null then 'settlement' else 'wallet' end as role,
  coalesce(p.slug, b.name, m.name) as name, w.party_id as "partyId", y.name as party, a.balance, a.held, a.entries,
  w.opened_at as "openedAt", s.id as asset_id, s.code, s.circle, s.exponent
from (${wallets}) w join party y on y.id = w.party_id and y.kind = 'business' join account a on a.id = w.id
join asset s on s.id = a.asset_id
left join partner_float f on f.wallet_id = w.id left join partner p on p.id = f.partner_id
left join lateral (select id, name from brand where settlement_id = w.id limit 1) b on true
left join lateral (select name from merchant where wallet_id = w.id order by id limit 1) m on true
order by w.id`

// What stays with the operator is booked on wallets of the brand's party, and is the operator's to see.
// Two questions rather than one with "or", and none of them a join ("offset 0"): each is one probe of an index for each wallet that is
// shown, however many brands there are.
const NOT_KEPT = `not exists (select from brand k where k.revenue_id = w.id offset 0)
  and not exists (select from brand k where k.breakage_id = w.id offset 0)`

const read = ({ asset_id: id, code, circle, exponent, ...row }: Row): StatementAccount => ({
  ...row,
  asset: { id, code, circle, exponent },
})

/**
 * In the order of their ids.
 * @param of.partyId of one business: all that it has; else every business's floats, settlement accounts and merchants' wallets
 */
export async function listStatementAccounts(
  sql: Sql,
  { partyId }: { partyId: string | undefined },
  { after, limit }: { after?: bigint | undefined; limit: number },
): Promise<StatementAccount[]> {
  // The next ones of each kind, along that kind's index, and of these the next: only once they are found is the rest looked up. An
  // account that several have is its first one's; "distinct" would sort them all.
  const next = (table: string, column: string, first = 'true') =>
    `(select l.${column} as id from ${table} l cross join lateral (select * from wallet where id = l.${column} limit 1) w
        where l.${column} > $1 and exists (select from party where id = w.party_id and kind = 'business' offset 0) and ${NOT_KEPT} and ${first}
        order by l.${column} limit $2)`
  const isFirst = (table: string, column: string) =>
    `not exists (select from ${table} d where d.${column} = l.${column} and d.id < l.id offset 0)`
  const wallets =
    partyId === undefined
      ? `select w.* from (
           ${next('partner_float', 'wallet_id')} union ${next('brand', 'settlement_id', isFirst('brand', 'settlement_id'))}
           union ${next('merchant', 'wallet_id', isFirst('merchant', 'wallet_id'))}
         ) l cross join lateral (select * from wallet where id = l.id limit 1) w order by w.id limit $2`
      : `select * from wallet w where w.party_id = $3 and w.id > $1 and ${NOT_KEPT} order by w.id limit $2`
  const rows = await sql.query<Row>(select(wallets), [after ?? 0n, limit, ...(partyId === undefined ? [] : [partyId])])
  return rows.map(read)
}

/** @param partyId of one business; undefined: any */
export async function findStatementAccount(
  sql: Sql,
  id: bigint,
  partyId: string | undefined,
): Promise<StatementAccount | undefined> {
  const rows = await sql.query<Row>(
    select(`select * from wallet w where w.id = $1 and ($2::uuid is null or w.party_id = $2) and ${NOT_KEPT}`),
    [id, partyId ?? null],
  )
  return rows[0] && read(rows[0])
}
