import type { Sql } from './database.ts'

export type WebhookEndpoint = {
  readonly id: string
  readonly party_id: string
  readonly url: string
  readonly topics: readonly string[]
  readonly note: string | null
  readonly created_at: Date
  readonly disabled_at: Date | null
  /** `asked` by its owner, or `gone`: it answered 410 */
  readonly disabled_because: 'asked' | 'gone' | null
}

const COLUMNS = 'id, party_id, url, topics, note, created_at, disabled_at, disabled_because'

export async function insertEndpoint(
  sql: Sql,
  row: Pick<WebhookEndpoint, 'id' | 'party_id' | 'url' | 'topics' | 'note'>,
): Promise<void> {
  await sql.query('insert into webhook_endpoint (id, party_id, url, topics, note) values ($1, $2, $3, $4, $5)', [
    row.id,
    row.party_id,
    row.url,
    row.topics,
    row.note,
  ])
}

/** Serialises who adds endpoints to a party. @returns how many it has */
export async function countEndpoints(sql: Sql, partyId: string): Promise<number> {
  await sql.query('select from party where id = $1 for no key update', [partyId])
  const rows = await sql.query<{ count: number }>(
    'select count(*)::int as count from webhook_endpoint where party_id = $1 and deleted_at is null',
    [partyId],
  )
  return rows[0]?.count ?? 0
}

/** One that is not deleted; with `forUpdate`, nobody else changes it until the transaction ends. */
export async function findEndpoint(
  sql: Sql,
  id: string,
  { forUpdate = false } = {},
): Promise<WebhookEndpoint | undefined> {
  const rows = await sql.query<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoint where id = $1 and deleted_at is null${forUpdate ? ' for update' : ''}`,
    [id],
  )
  return rows[0]
}

/** Oldest first; those of a party if one is named. */
export function listEndpoints(
  sql: Sql,
  { partyId, after, limit }: { partyId?: string | undefined; after?: string | undefined; limit: number },
): Promise<WebhookEndpoint[]> {
  return sql.query<WebhookEndpoint>(
    `select ${COLUMNS} from webhook_endpoint
     where deleted_at is null and ($1::uuid is null or party_id = $1) and ($2::uuid is null or id > $2) order by id limit $3`,
    [partyId ?? null, after ?? null, limit],
  )
}

export async function updateEndpoint(
  sql: Sql,
  { id, url, topics, note }: Pick<WebhookEndpoint, 'id' | 'url' | 'topics' | 'note'>,
): Promise<void> {
  await sql.query('update webhook_endpoint set url = $2, topics = $3, note = $4 where id = $1', [id, url, topics, note])
}

/** Keeps the first reason when it is disabled again. */
export async function markEndpointDisabled(sql: Sql, id: string, at: Date, because: 'asked' | 'gone'): Promise<void> {
  await sql.query(
    `update webhook_endpoint set disabled_at = $2, disabled_because = $3
     where id = $1 and disabled_at is null and deleted_at is null`,
    [id, at, because],
  )
}

export async function markEndpointEnabled(sql: Sql, id: string): Promise<void> {
  await sql.query('update webhook_endpoint set disabled_at = null, disabled_because = null where id = $1', [id])
}

export async function markEndpointDeleted(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.query('update webhook_endpoint set deleted_at = $2 where id = $1', [id, at])
  await sql.query('delete from webhook_secret where endpoint_id = $1', [id])
}

export type WebhookSecret = { readonly id: string; readonly secret: Buffer }

/** Makes a secret the current one. The one before stays valid until `endsAt`; any older one ends now. */
export async function insertSecret(
  sql: Sql,
  row: { id: string; endpoint_id: string; secret: Buffer },
  at: Date,
  endsAt: Date,
): Promise<void> {
  await sql.query('delete from webhook_secret where endpoint_id = $1 and ends_at is not null', [row.endpoint_id])
  await sql.query('update webhook_secret set ends_at = $2 where endpoint_id = $1', [row.endpoint_id, endsAt])
  await sql.query('insert into webhook_secret (id, endpoint_id, secret, created_at) values ($1, $2, $3, $4)', [
    row.id,
    row.endpoint_id,
    row.secret,
    at,
  ])
}

/** Those that are valid at a moment, the current one first. */
export function listSecrets(sql: Sql, endpointId: string, at: Date): Promise<WebhookSecret[]> {
  return sql.query<WebhookSecret>(
    `select id, secret from webhook_secret where endpoint_id = $1 and (ends_at is null or ends_at > $2)
     order by ends_at desc nulls first`,
    [endpointId, at],
  )
}
