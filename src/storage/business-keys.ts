import type { Sql } from './database.ts'

export const KEY_KINDS = [
  'walleo',
  'tillo',
  'pledg',
  'jackpot',
  'merchant-secret',
  'oauth',
  'admin',
  'webhook',
] as const
export type KeyKind = (typeof KEY_KINDS)[number]

/** One credential of a business, without its secret. */
export type BusinessKey = {
  readonly id: string
  readonly kind: KeyKind
  /** whose it is: partner, merchant, application or address */
  readonly name: string
  /** the public half, where there is one */
  readonly shown: string | null
  /** id of what its page is about */
  readonly of: string
  readonly createdAt: Date | null
  /** the moment from which it opens nothing; null: none is set */
  readonly endsAt: Date | null
  readonly revokedAt: Date | null
  readonly usedAt: Date | null
  readonly refusedAt: Date | null
}

// What ended before $2 is left out where the rows are, and of each kind no more are read than the page shows: only these are sorted.
const LIVES = (ends: string) => `coalesce(${ends}, 'infinity') > $2`

/**
 * Every credential that lives, and those that ended since a moment.
 * @param limit of all, and of each kind before they are put in their order
 */
export function listBusinessKeys(sql: Sql, partyId: string, endedSince: Date, limit: number): Promise<BusinessKey[]> {
  return sql.query<BusinessKey>(
    `select k.*, coalesce(u.used_at, k.last) as "usedAt", u.refused_at as "refusedAt" from (
       (select c.id::text, c.protocol as kind, p.slug as name, c.identifier as shown, p.id::text as of, c.created_at as "createdAt",
         c.ends_at as "endsAt", c.revoked_at as "revokedAt", c.id as use, null::timestamptz as last
       from partner p join partner_credential c on c.partner_id = p.id
       where p.party_id = $1 and ${LIVES('c.revoked_at, c.ends_at')} limit $3)
       union all
       (select k.id::text, 'pledg', coalesce(m.name, y.name), k.key, coalesce(m.id, (select n.id from merchant n where n.company_id = y.id
         order by n.id limit 1))::text, k.created_at, null, k.revoked_at, k.id, null
       from merchant_key k left join merchant m on m.id = k.merchant_id left join company y on y.id = k.company_id
       where (k.merchant_id in (select id from merchant where party_id = $1)
         or k.company_id in (select id from company where party_id = $1)) and ${LIVES('k.revoked_at')} limit $3)
       union all
       (select id::text, 'merchant-secret', name, uid, id::text, null, null, disabled_at, null, null
       from merchant where party_id = $1 and secret is not null and ${LIVES('disabled_at')} order by merchant.id limit $3)
       union all
       (select id, 'oauth', name, id, id, created_at, null, disabled_at, null, last_used_at from client
       where party_id = $1 and not public and ${LIVES('disabled_at')} order by client.id limit $3)
       union all
       (select id::text, 'admin', name, null, id::text, created_at, null, revoked_at, null, null from api_key
       where party_id = $1 and ${LIVES('revoked_at')} order by api_key.id limit $3)
       union all
       (select s.id::text, 'webhook', e.url, null, e.id::text, s.created_at, s.ends_at, e.disabled_at, null, null
       from webhook_endpoint e join webhook_secret s on s.endpoint_id = e.id
       where e.party_id = $1 and e.deleted_at is null and ${LIVES('e.disabled_at, s.ends_at')} limit $3)
     ) as k left join credential_use u on u.credential_id = k.use
     order by k.kind, k.name, k."createdAt" desc nulls last, k.id limit $3`,
    [partyId, endedSince, limit],
  )
}
