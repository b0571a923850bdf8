import type { Sql } from './database.ts'

/** A backup that came to its end. */
export type BackupRun = {
  readonly id: string
  /** the moment whose state it holds */
  readonly takenAt: Date
  readonly endedAt: Date
  /** of its rows, uncompressed */
  readonly bytes: bigint
  /** of the file */
  readonly fileBytes: bigint
  readonly rows: bigint
  /** it was read again from the file, and was whole */
  readonly verified: boolean
}

/** The end is the database's time. @param run.takenAt ISO 8601 */
export async function recordBackup(
  sql: Sql,
  run: Pick<BackupRun, 'id' | 'rows' | 'verified'> & { takenAt: string; bytes: number; fileBytes: number },
): Promise<void> {
  await sql.query(
    `insert into backup_run (id, taken_at, ended_at, bytes, file_bytes, rows, verified)
     values ($1, $2, clock_timestamp(), $3, $4, $5, $6)`,
    [run.id, run.takenAt, run.bytes, run.fileBytes, run.rows, run.verified],
  )
}

/** The one that holds the latest state. */
export async function lastBackup(sql: Sql): Promise<BackupRun | undefined> {
  const rows = await sql.query<BackupRun>(
    `select id, taken_at as "takenAt", ended_at as "endedAt", bytes, file_bytes as "fileBytes", rows, verified
     from backup_run order by id desc limit 1`,
  )
  return rows[0]
}
