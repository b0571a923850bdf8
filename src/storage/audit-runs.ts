import type { Sql } from './database.ts'

export type AuditStatus = 'running' | 'clean' | 'findings' | 'failed' | 'lost'

/** An audit that was run from the console or the command line. */
export type AuditRun = {
  readonly id: string
  readonly principal: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly status: AuditStatus
  /** what is being looked at, and how much of all is done (0 to 1) */
  readonly step: string
  readonly done: number
  readonly counts: Record<string, number> | null
  readonly findings: readonly AuditFinding[]
  /** findings beyond those that are listed */
  readonly unlisted: number
}

export type AuditFinding = {
  readonly check: string
  readonly table: string
  readonly row: string
  readonly message: string
  readonly suspects: readonly { table: string; row: string }[]
}

const COLUMNS = 'id, principal, started_at, ended_at, status, step, done, counts, findings, unlisted'

/** Longer than that without a sign of life, and the server that ran it has ended. */
const SIGN_OF_LIFE = "interval '60 seconds'"

/**
 * Begins a run unless one is under way, in whichever server.
 * @returns false when there is one
 */
export async function beginAuditRun(sql: Sql, run: { id: string; principal: string }): Promise<boolean> {
  await sql.query(
    `update audit_run set status = 'lost', ended_at = clock_timestamp()
     where status = 'running' and seen_at < clock_timestamp() - ${SIGN_OF_LIFE}`,
  )
  const rows = await sql.query(
    `insert into audit_run (id, principal, started_at, seen_at) values ($1, $2, clock_timestamp(), clock_timestamp())
     on conflict do nothing returning id`,
    [run.id, run.principal],
  )
  return rows.length === 1
}

/** @returns false when the run was given up for lost meanwhile */
export async function noteAuditProgress(sql: Sql, id: string, step: string, done: number): Promise<boolean> {
  const rows = await sql.query(
    `update audit_run set seen_at = clock_timestamp(), step = $2, done = $3 where id = $1 and status = 'running' returning id`,
    [id, step, Math.min(1, Math.max(0, done))],
  )
  return rows.length === 1
}

export async function endAuditRun(
  sql: Sql,
  id: string,
  end: { status: 'clean' | 'findings' | 'failed' } & Partial<Pick<AuditRun, 'counts' | 'findings' | 'unlisted'>>,
): Promise<void> {
  await sql.query(
    `update audit_run set status = $2, ended_at = clock_timestamp(), counts = $3, findings = $4, unlisted = $5, done = 1
     where id = $1 and status in ('running', 'lost')`,
    [
      id,
      end.status,
      end.counts ? JSON.stringify(end.counts) : null,
      JSON.stringify(end.findings ?? []),
      end.unlisted ?? 0,
    ],
  )
}

/** An audit that was run elsewhere and is over. @param run.started ms since the epoch */
export async function recordAudit(
  sql: Sql,
  run: Pick<AuditRun, 'id' | 'principal' | 'findings' | 'unlisted'> & {
    started: number
    status: 'clean' | 'findings'
    counts: object
  },
): Promise<void> {
  await sql.query(
    `insert into audit_run (id, principal, started_at, seen_at, ended_at, status, counts, findings, unlisted, done)
     select $1, $2, $3, now, now, $4, $5, $6, $7, 1 from (select clock_timestamp() as now) at`,
    [
      run.id,
      run.principal,
      new Date(run.started),
      run.status,
      JSON.stringify(run.counts),
      JSON.stringify(run.findings),
      run.unlisted,
    ],
  )
}

/** Newest first; without their findings. */
export function listAuditRuns(
  sql: Sql,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<AuditRun[]> {
  return sql.query<AuditRun>(
    `select id, principal, started_at, ended_at, ${SHOWN} as status, step, done, counts, '[]'::jsonb as findings, unlisted
     from audit_run where id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by id desc limit $2`,
    [before ?? null, limit],
  )
}

const SHOWN = `case when status = 'running' and seen_at < clock_timestamp() - ${SIGN_OF_LIFE} then 'lost' else status end`

export async function findAuditRun(sql: Sql, id: string): Promise<AuditRun | undefined> {
  const text = `select ${COLUMNS.replace('status', `${SHOWN} as status`)} from audit_run where id = $1`
  return (await sql.query<AuditRun>(text, [id]))[0]
}

/** The last one that came to an end with a verdict. */
export async function lastVerdict(sql: Sql): Promise<AuditRun | undefined> {
  const rows = await sql.query<AuditRun>(
    `select ${COLUMNS} from audit_run where status in ('clean', 'findings') order by id desc limit 1`,
  )
  return rows[0]
}
