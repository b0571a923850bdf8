import type { Database } from '../../src/storage/database.ts'
import { send } from '../../test/support/wallet-client.ts'
import type { Place } from './place.ts'

/** What the database and each server take the time for, in seconds beside ours; and what each says of a new token's end. */
export async function askTimes(place: Place): Promise<{ seen: number[]; wrong: string[] }> {
  const [row] = await place.db.query<{ now: string }>('select extract(epoch from clock_timestamp())::text as now')
  const wrong: string[] = []
  const seen = [Math.round(Number(row?.now) - Date.now() / 1000)]
  for (const url of place.urls) {
    const { id, secret } = place.client
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id: id, client_secret: secret })
    const answer = await send(url, '/oauth/token', { body, headers: { 'content-type': 'application/json' } })
    seen.push(Math.round((Date.parse(answer.headers.date as string) - Date.now()) / 1000))
    const lives = answer.body?.expires_in
    const [, claims = ''] = String(answer.body?.access_token).split('.')
    const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString() || '{}')
    if (!(lives > 0 && lives <= 3600 && exp > iat)) wrong.push(`a token that lives ${lives} s, from ${iat} to ${exp}`)
  }
  return { seen, wrong }
}

const ORDER: readonly (readonly [what: string, sql: string])[] = [
  [
    'entries whose time is before the one of the entry before',
    `select count(*) from (select at < lag(at) over (partition by account_id order by seq) as back from entry) as e where back`,
  ],
  [
    'entries whose number does not follow the one before',
    `select count(*) from (select seq - coalesce(lag(seq) over (partition by account_id order by seq), 0) as step from entry) as e
     where step <> 1`,
  ],
  [
    'accounts that changed before their last entry',
    `select count(*) from account a join entry e on e.account_id = a.id and e.seq = a.entries where a.changed_at < e.at`,
  ],
  [
    'holds that end before they began',
    `select count(*) from hold h join transaction t on t.id = h.opened_by where h.expires_at <= t.at and h.status <> 3`,
  ],
  ['sessions and links that end before they began', `select count(*) from web_session where expires_at <= created_at`],
]

/** What of the kept times contradicts the order of things. */
export async function checkTimes(db: Database): Promise<string[]> {
  const wrong: string[] = []
  for (const [what, sql] of ORDER) {
    const [row] = await db.query<{ count: bigint }>(sql)
    if (row?.count !== 0n) wrong.push(`${row?.count} ${what}`)
  }
  return wrong
}
