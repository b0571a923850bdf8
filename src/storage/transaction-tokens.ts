import type { Asset } from '../domain/asset.ts'
import { type Effect, once } from '../ledger/command.ts'
import type { Sql } from './database.ts'
import { hasManyWallets } from './party-wallets.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const TOKEN_STATUS = { open: 0, used: 1, revoked: 2 } as const

/** Row: id, endpoint, subject, audience or null, counterparty or null, amount, active or null, expiry (both ISO 8601). */
export const transactionTokenIssued: Effect = {
  name: 'transaction-token-issued',
  text: `insert into transaction_token (id, endpoint, subject, audience, counterparty, amount, issued_at, active_at, expires_at)
    select u.id, u.endpoint, u.subject, u.audience, u.counterparty, u.amount, t.at, u.active_at, u.expires_at
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
      as u (id, endpoint, subject, audience, counterparty, amount, active_at, expires_at)
    join transaction t on t.id = u.id`,
}

/**
 * Uses a token up, or revokes it: once (`token_used_once`, also within one batch), and in its time (`token_active`,
 * `token_unexpired`). Row: token, transaction, status. The token must be known to exist: rows are never deleted.
 */
export const transactionTokenEnded: Effect = {
  name: 'transaction-token-ended',
  bound: once('token_used_once'),
  text: `update transaction_token k set ends = k.ends + u.count, status = u.status, ended_by = u.by, ended_at = t.at
    from (
      select token, count(*) as count, (array_agg(by))[1] as by, max(status) as status
      from unnest($1::uuid[], $2::uuid[], $3::smallint[]) as u (token, by, status) group by token order by token
    ) as u join transaction t on t.id = u.by
    where k.id = u.token`,
}

/** What never changes about a token. Amount in minor units, wallets as account ids. */
export type TransactionTokenTerms = {
  readonly id: string
  readonly endpoint: 'charges' | 'payments'
  readonly subject: bigint
  /** null: anyone */
  readonly audience: bigint | null
  /** null: the presenter's */
  readonly counterparty: bigint | null
  readonly amount: bigint
  /** null: at once */
  readonly activeAt: Date | null
  readonly expiresAt: Date
}

const TERMS = `k.id, k.endpoint, k.subject, k.audience, k.counterparty, k.amount, k.active_at as "activeAt", k.expires_at as "expiresAt",
  k.status`

export async function findTransactionTokenTerms(
  sql: Sql,
  id: string,
): Promise<(TransactionTokenTerms & { status: number }) | undefined> {
  if (!UUID.test(id)) return undefined
  return (
    await sql.query<TransactionTokenTerms & { status: number }>(
      `select ${TERMS} from transaction_token k where k.id = $1`,
      [id],
    )
  )[0]
}

export type TransactionTokenRow = TransactionTokenTerms & {
  /** explicit ids */
  readonly subjectId: string
  readonly counterpartyId: string | null
  readonly asset: Asset
  readonly issuedAt: Date
  readonly status: number
  readonly endedBy: string | null
  /** JSON text of the transaction that issued it */
  readonly payload: string
  /** whether its time was over when it was read */
  readonly expired: boolean
}

const SELECT = `
select ${TERMS}, k.issued_at as "issuedAt", k.ended_by as "endedBy", t.payload, k.expires_at <= clock_timestamp() as expired,
  w.namespace || ':' || w.number || ':' || w.currency as "subjectId",
  c.namespace || ':' || c.number || ':' || c.currency as "counterpartyId",
  json_build_object('id', s.id, 'code', s.code, 'circle', s.circle, 'exponent', s.exponent) as asset`
const JOINS = `
join transaction t on t.id = k.id join wallet w on w.id = k.subject left join wallet c on c.id = k.counterparty
join account a on a.id = k.subject join asset s on s.id = a.asset_id`

/** The token, if the wallet whose owner consents is the party's. */
export async function findTransactionTokenOf(
  sql: Sql,
  partyId: string,
  id: string,
): Promise<TransactionTokenRow | undefined> {
  if (!UUID.test(id)) return undefined
  const rows = await sql.query<TransactionTokenRow>(
    `${SELECT} from transaction_token k ${JOINS} where k.id = $1 and w.party_id = $2`,
    [id, partyId],
  )
  return rows[0]
}

const LATEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Newest first, of one wallet or of all wallets of a party. @param before id of the last one of the page before */
export async function listTransactionTokenRows(
  sql: Sql,
  of: { wallet: bigint } | { partyId: string },
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<TransactionTokenRow[]> {
  if ('partyId' in of && (await hasManyWallets(sql, of.partyId)))
    return sql.query<TransactionTokenRow>(
      `${SELECT} from (
         select * from transaction_token t where id < $2
           and exists (select from wallet where id = t.subject and party_id = $1::uuid offset 0) order by id desc limit $3
       ) k ${JOINS} order by k.id desc`,
      [of.partyId, before ?? LATEST, limit],
    )
  const [condition, value] = 'wallet' in of ? ['id = $1::bigint', of.wallet] : ['party_id = $1::uuid', of.partyId]
  return sql.query<TransactionTokenRow>(
    `${SELECT} from (
       select k.* from wallet o cross join lateral (
         select * from transaction_token where subject = o.id and id < $2 order by id desc limit $3
       ) k where o.${condition} order by k.id desc limit $3
     ) k ${JOINS} order by k.id desc`,
    [value, before ?? LATEST, limit],
  )
}
