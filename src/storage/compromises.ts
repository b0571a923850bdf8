import type { Sql } from './database.ts'
import { where } from './where.ts'

export const COMPROMISE_KINDS = [
  'party',
  'client',
  'grant',
  'api-key',
  'partner-credential',
  'jackpot-account',
  'merchant-key',
  'merchant',
  'webhook',
  'sign-in',
] as const
export type CompromiseKind = (typeof COMPROMISE_KINDS)[number]

/** A session that was ended, for its owner to recognise. */
export type EndedSession = {
  readonly email: string
  readonly device: string
  readonly address: string
  /** ISO 8601 */
  readonly began: string
  readonly seen: string
}

export type CompromiseRow = {
  readonly id: string
  readonly at: Date
  readonly kind: CompromiseKind
  readonly target: string
  readonly name: string
  readonly party_id: string
  readonly actor: string
  readonly since: Date
  readonly principals: string[]
  /** how many of what */
  readonly ended: Record<string, number>
  readonly sessions: readonly EndedSession[]
}

const COLUMNS = 'id, at, kind, target, name, party_id, actor, since, principals, ended, sessions'

export async function insertCompromise(sql: Sql, row: Omit<CompromiseRow, 'at'>): Promise<void> {
  await sql.query(
    `insert into compromise (id, kind, target, name, party_id, actor, since, principals, ended, sessions)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.id,
      row.kind,
      row.target,
      row.name,
      row.party_id,
      row.actor,
      row.since,
      row.principals,
      JSON.stringify(row.ended),
      JSON.stringify(row.sessions),
    ],
  )
}

/** Adds to what was ended. */
export async function countEnded(sql: Sql, id: string, what: string, count: number): Promise<void> {
  await sql.query(
    `update compromise set ended = jsonb_set(ended, array[$2], to_jsonb(coalesce((ended->>$2)::int, 0) + $3::int)) where id = $1`,
    [id, what, count],
  )
}

/** Newest first. @param search.partyId of one party */
export function listCompromises(
  sql: Sql,
  search: { partyId?: string | undefined; before?: string | undefined; limit: number },
): Promise<CompromiseRow[]> {
  const of = where(
    [
      ['party_id = $', search.partyId],
      ['id < $', search.before],
    ],
    [search.limit],
  )
  return sql.query<CompromiseRow>(
    `select ${COLUMNS} from compromise where ${of.text} order by id desc limit $1`,
    of.values,
  )
}

export async function findCompromise(sql: Sql, id: string): Promise<CompromiseRow | undefined> {
  return (await sql.query<CompromiseRow>(`select ${COLUMNS} from compromise where id = $1`, [id]))[0]
}

/** `party_id`: who may answer for it. `party` of a grant: who gave it. */
export type TargetRow = { readonly name: string; readonly party_id: string; readonly principals: string[] }

const TARGETS: Record<Exclude<CompromiseKind, 'party'>, string> = {
  client: `select name, party_id, array['client:' || id] as principals from client where id = $1`,
  grant: `select c.name, c.party_id, array['client:' || c.id || ':party:' || g.party_id] as principals
    from consent g join client c on c.id = g.client_id where g.id = $1`,
  'api-key': `select name, party_id, array['api-key:' || id] as principals from api_key where id = $1`,
  'partner-credential': `select p.slug || ' · ' || c.protocol as name, p.party_id, array['partner:' || p.id] as principals
    from partner_credential c join partner p on p.id = c.partner_id where c.id = $1`,
  'jackpot-account': `select p.slug as name, p.party_id, array['partner:' || p.id] as principals
    from jackpot_account a join partner p on p.id = a.partner_id where a.partner_id = $1`,
  'merchant-key': `select k.key as name, coalesce(m.party_id, c.party_id) as party_id, array['pledg:' || k.id] as principals
    from merchant_key k left join merchant m on m.id = k.merchant_id left join company c on c.id = k.company_id where k.id = $1`,
  merchant: `select name, party_id, array[]::text[] as principals from merchant where id = $1`,
  webhook: `select url as name, party_id, array[]::text[] as principals from webhook_endpoint where id = $1 and deleted_at is null`,
  'sign-in': `select email as name, party_id, array['operator:' || email, 'person:' || email, 'person:' || party_id] as principals
    from sign_in where email = $1`,
}

/** Everything under whose name a party acts. */
const PARTY = `select name, id as party_id, array(
    select 'person:' || $1::uuid union all select 'client:' || id from client where party_id = $1
    union all select 'api-key:' || id from api_key where party_id = $1
    union all select 'partner:' || id from partner where party_id = $1
    union all select 'pledg:' || k.id from merchant_key k left join merchant m on m.id = k.merchant_id
      left join company c on c.id = k.company_id where coalesce(m.party_id, c.party_id) = $1
    union all select unnest(array['operator:' || email, 'person:' || email]) from sign_in where party_id = $1
  ) as principals from party where id = $1`

/** @param id of the kind's own form */
export async function findTarget(sql: Sql, kind: CompromiseKind, id: string): Promise<TargetRow | undefined> {
  return (await sql.query<TargetRow>(kind === 'party' ? PARTY : TARGETS[kind], [id]))[0]
}
