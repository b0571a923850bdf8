import type { Sql } from './database.ts'

/** What identifies a party's wallet, and whether it is empty. Amounts in minor units. */
export type OwnWallet = {
  id: bigint
  namespace: string
  number: string
  currency: string
  opaque_id: string
  kept: boolean
  /** 0 open, 1 frozen, 2 closed */
  status: number
  balance: bigint
  held: bigint
  incoming: bigint
}

export function listOwnWallets(sql: Sql, partyId: string): Promise<OwnWallet[]> {
  return sql.query<OwnWallet>(
    `select w.id, w.namespace, w.number, w.currency, w.opaque_id, w.kept, a.status, a.balance, a.held, a.incoming
     from wallet w join account a on a.id = w.id where w.party_id = $1 order by w.id`,
    [partyId],
  )
}

export type OwnSignIn = {
  email: string
  operator: boolean
  party_id: string
  kind: 'person' | 'business'
  name: string
}

export function listOwnSignIns(sql: Sql, partyId: string): Promise<OwnSignIn[]> {
  return sql.query<OwnSignIn>(
    `select s.email, s.operator, s.party_id, p.kind, p.name from sign_in s join party p on p.id = s.party_id
     where s.party_id = $1 order by s.email`,
    [partyId],
  )
}

/** What keeps a person from being erased; each with how many there are. */
export type Ties = { cards: bigint; purchases: bigint; business: bigint; other_operators: bigint }

export async function countTies(sql: Sql, partyId: string, emails: readonly string[]): Promise<Ties> {
  const rows = await sql.query<Ties>(
    `select
       (select count(*) from card c left join account a on a.id = c.account_id
        where c.wallet_party_id = $1 and c.status <> 'ended' and coalesce(a.balance > 0, true)) as cards,
       (select count(*) from purchase p where p.party_id = $1 and (p.state = 'authorized' or exists (
          select from purchase_part r where r.purchase_id = p.id and r.state in ('scheduled', 'late', 'failed')))) as purchases,
       (select count(*) from partner where party_id = $1) + (select count(*) from merchant where party_id = $1)
         + (select count(*) from company where party_id = $1) + (select count(*) from brand_merchant where party_id = $1)
         + (select count(*) from wallet where party_id = $1 and kept) as business,
       (select count(*) from sign_in where operator and not email = any($2)) as other_operators`,
    [partyId, emails],
  )
  return rows[0] as Ties
}

/** Ends everything that opens a door to what is a party's. */
export async function endPartyAccess(sql: Sql, partyId: string, at: Date): Promise<void> {
  await sql.query('update consent set revoked_at = $2 where party_id = $1 and revoked_at is null', [partyId, at])
  await sql.query(
    'update refresh_family set revoked_at = $2, successor = null where party_id = $1 and revoked_at is null',
    [partyId, at],
  )
  await sql.query(
    `update client set disabled_at = coalesce(disabled_at, $2), name = 'Erased', redirect_uris = '{}'
     where party_id = $1`,
    [partyId, at],
  )
  await sql.query(`update api_key set revoked_at = coalesce(revoked_at, $2), name = 'Erased' where party_id = $1`, [
    partyId,
    at,
  ])
  await sql.query('delete from one_time_link where party_id = $1', [partyId])
}

export async function listPartyEndpoints(sql: Sql, partyId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>('select id from webhook_endpoint where party_id = $1', [partyId])
  return rows.map(({ id }) => id)
}

export async function blankEndpoints(sql: Sql, partyId: string): Promise<void> {
  await sql.query(
    `delete from webhook_secret where endpoint_id in (select id from webhook_endpoint where party_id = $1)`,
    [partyId],
  )
  await sql.query(`update webhook_endpoint set url = 'https://erased.invalid/', note = null where party_id = $1`, [
    partyId,
  ])
}

/** Sign-ins with all that hangs on them: sessions, links, second factors, keys; and from where somebody acted. */
export async function deleteSignIns(sql: Sql, emails: readonly string[]): Promise<void> {
  await sql.query('delete from web_session where email = any($1)', [emails])
  await sql.query('delete from one_time_link where email = any($1)', [emails])
  await sql.query('delete from sign_in where email = any($1)', [emails])
  await sql.query(`update console_act set address = '' where email = any($1)`, [emails])
  await sql.query(`update compromise set sessions = '[]' where target = any($1)`, [emails])
}

export async function endSessions(sql: Sql, emails: readonly string[]): Promise<void> {
  await sql.query('delete from web_session where email = any($1)', [emails])
  await sql.query('delete from half_session where email = any($1)', [emails])
}

/** The party and its wallets under other names, without family and cards. */
export async function renameParty(
  sql: Sql,
  partyId: string,
  name: string,
  wallets: readonly { id: bigint; number: string; opaqueId: string }[],
): Promise<void> {
  await sql.query('update party set name = $2 where id = $1', [partyId, name])
  const ids = wallets.map(({ id }) => String(id))
  await sql.query('update wallet set parent_id = null where parent_id = any($1::bigint[]) or id = any($1::bigint[])', [
    ids,
  ])
  await sql.query(
    `update wallet w set number = u.number, opaque_id = u.opaque_id
     from unnest($1::bigint[], $2::text[], $3::text[]) as u (id, number, opaque_id) where w.id = u.id`,
    [ids, wallets.map(({ number }) => number), wallets.map(({ opaqueId }) => opaqueId)],
  )
  await sql.query('update card set wallet_party_id = null where wallet_party_id = $1', [partyId])
  await sql.query(`update compromise set sessions = '[]' where party_id = $1`, [partyId])
}
