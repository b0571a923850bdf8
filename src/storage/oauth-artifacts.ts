import type { Sql } from './database.ts'

export type ArtifactRow = { payload: Buffer; expires_at: Date | null; consumed_at: Date | null }

export type NewArtifact = {
  model: string
  idHash: Buffer
  /** sealed */
  payload: Buffer
  grantHash: Buffer | null
  userCodeHash: Buffer | null
  uidHash: Buffer | null
  expiresAt: Date | null
}

/** Inserts, or renews what has this id; a consumed artifact stays consumed. */
export async function upsertArtifact(sql: Sql, artifact: NewArtifact): Promise<void> {
  await sql.query(
    `insert into oauth_artifact (model, id_hash, payload, grant_hash, user_code_hash, uid_hash, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (model, id_hash) do update set payload = excluded.payload, grant_hash = excluded.grant_hash,
       user_code_hash = excluded.user_code_hash, uid_hash = excluded.uid_hash, expires_at = excluded.expires_at`,
    [
      artifact.model,
      artifact.idHash,
      artifact.payload,
      artifact.grantHash,
      artifact.userCodeHash,
      artifact.uidHash,
      artifact.expiresAt,
    ],
  )
}

/** By whichever of its three names is given. Expired rows are returned too: the library tells them apart. */
export async function findArtifact(
  sql: Sql,
  model: string,
  by: 'id_hash' | 'user_code_hash' | 'uid_hash',
  value: Buffer,
): Promise<ArtifactRow | undefined> {
  const rows = await sql.query<ArtifactRow>(
    `select payload, expires_at, consumed_at from oauth_artifact where model = $1 and ${by} = $2`,
    [model, value],
  )
  return rows[0]
}

/** The one write that decides a single use. @returns whether this caller was the first */
export async function consumeArtifact(sql: Sql, model: string, idHash: Buffer, at: Date): Promise<boolean> {
  const rows = await sql.query(
    `update oauth_artifact set consumed_at = $3
     where model = $1 and id_hash = $2 and consumed_at is null returning model`,
    [model, idHash, at],
  )
  return rows.length === 1
}

export async function deleteArtifact(sql: Sql, model: string, idHash: Buffer): Promise<void> {
  await sql.query('delete from oauth_artifact where model = $1 and id_hash = $2', [model, idHash])
}

export async function deleteArtifactsOfGrant(sql: Sql, model: string, grantHash: Buffer): Promise<void> {
  await sql.query('delete from oauth_artifact where model = $1 and grant_hash = $2', [model, grantHash])
}

/** At most `limit` rows per call, so that a long backlog never holds locks for long. @returns rows deleted */
export async function deleteExpiredArtifacts(sql: Sql, now: Date, limit: number): Promise<number> {
  const rows = await sql.query(
    `delete from oauth_artifact where (model, id_hash) in
       (select model, id_hash from oauth_artifact where expires_at < $1 limit $2 for update skip locked)
     returning model`,
    [now, limit],
  )
  return rows.length
}
