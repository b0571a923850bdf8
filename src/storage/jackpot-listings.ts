import type { Sql } from './database.ts'
import type { Confirmation } from './jackpot-accounts.ts'
import { byName, where } from './where.ts'

/** A Jackpot account as the console's list shows it. */
export type JackpotListing = {
  readonly partner_id: string
  readonly slug: string
  readonly party_id: string
  readonly party_name: string
  readonly currency: string
  readonly allowed_domains: string[]
  readonly notification_url: string | null
  readonly confirmation: Confirmation
  readonly created_at: Date
  /** the partner's */
  readonly disabled_at: Date | null
}

/** In the order in which the partners were made; searched, in that of their names. @param search.partner how its name begins */
export function searchJackpotAccounts(
  sql: Sql,
  search: { partyId?: string | undefined; partner?: string | undefined; after?: string | undefined; limit: number },
): Promise<JackpotListing[]> {
  const { conditions, order } = byName({
    table: 'partner',
    alias: 'p',
    name: (alias) => `${alias}.slug`,
    beginning: search.partner,
    after: search.after,
  })
  const of = where([['p.party_id = $', search.partyId], ...conditions], [search.limit])
  // Partner by partner: joined, the planner would read all accounts for a handful of partners.
  return sql.query<JackpotListing>(
    `select a.partner_id, p.slug, p.party_id, y.name as party_name, s.code as currency, a.allowed_domains, a.notification_url,
       a.confirmation, a.created_at, p.disabled_at
     from partner p cross join lateral (select * from jackpot_account where partner_id = p.id limit 1) a
     join party y on y.id = p.party_id join asset s on s.id = a.asset_id
     where ${of.text} order by ${order} limit $1`,
    of.values,
  )
}
