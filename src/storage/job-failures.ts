import type { Sql } from './database.ts'

/** @param error without secrets, for operators */
export async function noteJobFailure(sql: Sql, job: string, error: string, at: Date): Promise<void> {
  await sql.query(
    `insert into job_failure as f (job, failures, since, last_at, error) values ($1, 1, $3, $3, $2)
     on conflict (job) do update set failures = f.failures + 1, last_at = excluded.last_at, error = excluded.error`,
    [job, error.slice(0, 300), at],
  )
}

export async function clearJobFailure(sql: Sql, job: string): Promise<void> {
  await sql.query('delete from job_failure where job = $1', [job])
}
