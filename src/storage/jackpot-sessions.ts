import type { Asset } from '../domain/asset.ts'
import type { Sql } from './database.ts'
import type { Partner } from './partners.ts'

export type NewJackpotSession = {
  readonly id: string
  /** SHA-256 */
  readonly tokenHash: Buffer
  readonly partnerId: string
  readonly credentialId: string
  readonly assetId: number
  /** minor units; null: a session of the partner's own machine */
  readonly amount: bigint | null
  readonly notificationKey: string | null
  /** sealed for `jackpot_session:ID:user` */
  readonly userId: Buffer | null
  readonly manual: boolean
  readonly createdAt: Date
  readonly expiresAt: Date
}

const COLUMNS = `id, token_hash, partner_id, credential_id, asset_id, amount, notification_key, user_id, manual, created_at,
  expires_at`

const values = (session: NewJackpotSession) => [
  session.id,
  session.tokenHash,
  session.partnerId,
  session.credentialId,
  session.assetId,
  session.amount,
  session.notificationKey,
  session.userId,
  session.manual,
  session.createdAt,
  session.expiresAt,
]

const PARAMETERS =
  '$1::uuid, $2::bytea, $3::uuid, $4::uuid, $5::int, $6::bigint, $7::text, $8::bytea, $9::boolean, $10::timestamptz, $11::timestamptz'

/**
 * Uses an initialization token up and opens its session, in one statement: of many callers with it, or with another token of the
 * same `notificationKey`, one gets a session.
 * @param digest SHA-256 of the token's decoded parts
 * @returns false when the token or the key was used before
 */
export async function openJackpotSession(sql: Sql, session: NewJackpotSession, digest: Buffer): Promise<boolean> {
  const rows = await sql.query(
    `with used as (
       insert into jackpot_token (partner_id, notification_key, digest, at) values ($3, $7, $12, $10)
       on conflict do nothing returning 1
     )
     insert into jackpot_session (${COLUMNS}) select ${PARAMETERS} from used returning 1`,
    [...values(session), digest],
  )
  return rows.length === 1
}

/** Opens a session of a partner's own machine. */
export async function insertJackpotSession(sql: Sql, session: NewJackpotSession): Promise<void> {
  await sql.query(`insert into jackpot_session (${COLUMNS}) values (${PARAMETERS})`, values(session))
}

/** A session whose time is not over. Amounts in minor units. */
export type JackpotSession = {
  readonly id: string
  readonly partner: Partner
  readonly asset: Asset
  /** the most that a reservation may cost; null: of the partner's own machine, which reserves nothing */
  readonly amount: bigint | null
  readonly notificationKey: string | null
  readonly userId: Buffer | null
  /** a reservation waits for the partner's confirmation, whatever the account's setting */
  readonly manual: boolean
  readonly expiresAt: Date
  /** what it has reserved: then it has ended for everything else */
  readonly voucherId: string | null
}

/** None whose partner is disabled, or whose API key was revoked. @param tokenHash SHA-256 */
export async function findJackpotSession(sql: Sql, tokenHash: Buffer, now: Date): Promise<JackpotSession | undefined> {
  const rows = await sql.query<{
    id: string
    partner_id: string
    party_id: string
    slug: string
    live: boolean
    asset_id: number
    code: string
    circle: string
    exponent: number
    amount: bigint | null
    notification_key: string | null
    user_id: Buffer | null
    manual: boolean
    expires_at: Date
    voucher_id: string | null
  }>(
    `select j.*, p.party_id, p.slug, p.live, s.code, s.circle, s.exponent, v.id as voucher_id
     from jackpot_session j join partner p on p.id = j.partner_id and p.disabled_at is null
     join partner_credential c on c.id = j.credential_id and c.revoked_at is null
     join asset s on s.id = j.asset_id left join voucher v on v.session_id = j.id
     where j.token_hash = $1 and j.expires_at > $2`,
    [tokenHash, now],
  )
  const row = rows[0]
  if (!row) return undefined
  return {
    id: row.id,
    partner: { id: row.partner_id, partyId: row.party_id, slug: row.slug, live: row.live },
    asset: { id: row.asset_id, code: row.code, circle: row.circle, exponent: row.exponent },
    amount: row.amount,
    notificationKey: row.notification_key,
    userId: row.user_id,
    manual: row.manual,
    expiresAt: row.expires_at,
    voucherId: row.voucher_id,
  }
}

/** Ends what a partner's machine has opened. */
export async function deleteMachineSessions(sql: Sql, partnerId: string): Promise<void> {
  await sql.query('delete from jackpot_session where partner_id = $1 and amount is null', [partnerId])
}

/** Forgets sessions whose time was over then; the tokens that opened them stay used. */
export async function deleteOldSessions(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from jackpot_session where id in (
       select id from jackpot_session where expires_at < $1 order by expires_at limit $2
     ) returning 1`,
    [before, limit],
  )
  return rows.length
}
