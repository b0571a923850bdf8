import type { Sql } from './database.ts'
import type { PartyListing } from './directory-listings.ts'

const PARTY = 'select id, kind, name, created_at from party'

/** Parties of a kind in the order of their ids. @param after id of the last one seen */
export async function partiesOfKind(
  sql: Sql,
  kind: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<PartyListing[]> {
  return sql.query<PartyListing>(
    `${PARTY} where kind = $1 and id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000') order by id limit $3`,
    [kind, after ?? null, limit],
  )
}

/** Parties whose name begins so, whatever its capitals, in the order of their names. @param after id of the last one seen */
export async function partiesByName(
  sql: Sql,
  beginning: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<PartyListing[]> {
  return sql.query<PartyListing>(
    `${PARTY} where lower(name) like $1 and lower(name) ~>=~ coalesce((select lower(name) from party where id = $2), '')
       and ($2::uuid is null or id > $2 or lower(name) <> (select lower(name) from party where id = $2))
     order by lower(name) using ~<~, id limit $3`,
    [`${beginning.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`, after ?? null, limit],
  )
}

/** The party that an address signs in for. */
export async function partyOfEmail(sql: Sql, email: string): Promise<PartyListing | undefined> {
  const rows = await sql.query<PartyListing>(
    'select p.id, p.kind, p.name, p.created_at from sign_in s join party p on p.id = s.party_id where s.email = $1',
    [email.toLowerCase()],
  )
  return rows[0]
}

export type PartySignIn = {
  readonly email: string
  readonly operator: boolean
  readonly role: 'owner' | 'member' | 'viewer'
  readonly email_verified_at: Date | null
  readonly created_at: Date
  readonly last_seen: Date | null
}

export function listSignIns(sql: Sql, partyId: string, limit: number): Promise<PartySignIn[]> {
  return sql.query<PartySignIn>(
    `select s.email, s.operator, s.role, s.email_verified_at, s.created_at,
       (select max(seen_at) from web_session w where w.email = s.email) as last_seen
     from sign_in s where s.party_id = $1 order by s.created_at, s.email limit $2`,
    [partyId, limit],
  )
}

/** Invitations that wait to be accepted. */
export function listInvitations(
  sql: Sql,
  partyId: string,
  limit: number,
): Promise<{ email: string; expires_at: Date }[]> {
  return sql.query(
    `select email, max(expires_at) as expires_at from one_time_link
     where party_id = $1 and purpose = 'invitation' and used_at is null and expires_at > clock_timestamp()
     group by email order by email limit $2`,
    [partyId, limit],
  )
}

/** What else belongs to a party. */
export type PartyBelonging = {
  readonly kind: 'client' | 'partner' | 'merchant'
  readonly id: string
  readonly name: string
  readonly disabled_at: Date | null
}

export function listBelongings(sql: Sql, partyId: string, limit: number): Promise<PartyBelonging[]> {
  return sql.query<PartyBelonging>(
    `(select 'client' as kind, id, name, disabled_at from client where party_id = $1 order by id limit $2)
     union all (select 'partner', id::text, slug, disabled_at from partner where party_id = $1 order by id limit $2)
     union all (select 'merchant', id::text, name, disabled_at from merchant where party_id = $1 order by id limit $2)`,
    [partyId, limit],
  )
}
