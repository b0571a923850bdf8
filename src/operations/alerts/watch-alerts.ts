import { isLanguage } from '../../domain/language.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { JournalHead } from '../../ledger/journal.ts'
import { alertText } from '../../mail/alert-words.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { type Condition, findMissingHeads, readConditions } from '../../storage/alert-conditions.ts'
import {
  type AlertReader,
  type AlertRow,
  clearAlert,
  insertAlert,
  listAlertReaders,
  listOpenAlerts,
  lockAlerts,
  updateAlert,
  wasMailedSince,
} from '../../storage/alerts.ts'
import type { Database, Sql } from '../../storage/database.ts'
import { tellEvent } from '../../storage/events.ts'

export type AlertDeps = {
  db: Database
  /** ms since the epoch */
  clock: () => number
  mailer?: Mailer | undefined
  /** the journal's last rows as they are remembered outside of the database; absent: nothing is compared */
  knownHeads?: () => Promise<readonly JournalHead[]>
}

/** What comes and goes is mailed at most so often; ms. */
const QUIET = 3_600_000
/** Lines of one mail. */
const MOST_LINES = 20

/**
 * Looks what is wrong, tells operators of what is new, once, and notes what is over. One mail to each for all that is new; an event to
 * the endpoints of operators' parties for each.
 * @returns how many were raised and cleared; null: another server looks just now
 */
export async function watchAlerts(deps: AlertDeps): Promise<{ raised: number; cleared: number } | null> {
  const { db } = deps
  return db.transaction(async (sql) => {
    if (!(await lockAlerts(sql))) return null
    const conditions = await readConditions(sql)
    const journal = await compareHeads(sql, deps.knownHeads)
    conditions.push(...journal.broken)
    const open = new Map((await listOpenAlerts(sql)).map((alert) => [nameOf(alert), alert]))
    const readers = await listAlertReaders(sql)
    const parties = [...new Set(readers.map(({ party_id }) => party_id))]

    const raised: Condition[] = []
    let fresh = 0
    for (const condition of conditions) {
      const known = open.get(nameOf(condition))
      open.delete(nameOf(condition))
      if (known) await updateAlert(sql, known.id, condition.detail)
      else if (await raise(deps, sql, condition, parties)) raised.push(condition)
      if (!known) fresh++
    }
    // Another server's journal is for that server to look at.
    const over = [...open.values()].filter(
      ({ kind, object }) => kind !== 'journal-mismatch' || journal.whole.has(object),
    )
    for (const alert of over) await clear(deps, sql, alert, parties)
    if (raised.length > 0) await mail(deps, sql, raised, readers)
    return { raised: fresh, cleared: over.length }
  })
}

const nameOf = ({ kind, object }: Pick<Condition, 'kind' | 'object'>) => `${kind} ${object}`

/** @returns whether it is to be mailed */
async function raise(
  { clock, mailer }: AlertDeps,
  sql: Sql,
  condition: Condition,
  parties: string[],
): Promise<boolean> {
  const now = clock()
  const id = uuidV7(now)
  const { kind, object, detail } = condition
  const mailed = mailer?.enabled === true && !(await wasMailedSince(sql, kind, object, new Date(now - QUIET)))
  await insertAlert(sql, { id, kind, object, detail, raised_at: new Date(now), mailed })
  await tell(sql, 'alert.raised', { id, ...condition }, parties, now)
  return mailed
}

async function clear({ clock }: AlertDeps, sql: Sql, alert: AlertRow, parties: string[]): Promise<void> {
  const now = clock()
  await clearAlert(sql, alert.id, new Date(now))
  await tell(sql, 'alert.cleared', alert, parties, now)
}

const tell = (
  sql: Sql,
  type: 'alert.raised' | 'alert.cleared',
  { id, kind, object: subject, detail }: Condition & { id: string },
  parties: string[],
  at: number,
) => tellEvent(sql, { type, object: `alert:${id}`, parties, data: { alert: id, kind, subject, detail } }, at)

async function mail({ mailer }: AlertDeps, sql: Sql, raised: Condition[], readers: AlertReader[]): Promise<void> {
  for (const { email, name, language: chosen, wants } of readers) {
    if (!wants || !mailer) continue
    const language = isLanguage(chosen) ? chosen : 'en'
    const lines = raised.slice(0, MOST_LINES).map((condition) => `• ${alertText(language, condition)}`)
    if (raised.length > MOST_LINES) lines.push('…')
    await mailer.write(sql, {
      to: email,
      language,
      template: 'alerts',
      values: { name, count: raised.length, quote: lines.join('\n'), link: mailer.url('/console/alerts') },
      expiresAt: null,
    })
  }
}

async function compareHeads(
  sql: Sql,
  knownHeads: AlertDeps['knownHeads'],
): Promise<{ broken: Condition[]; whole: Set<string> }> {
  const heads = (await knownHeads?.()) ?? []
  const missing = heads.length === 0 ? [] : await findMissingHeads(sql, heads)
  const broken = missing.map(
    ({ stream, seq }): Condition => ({
      kind: 'journal-mismatch',
      object: `stream:${stream}`,
      detail: { stream, seq: String(seq) },
    }),
  )
  const objects = new Set(broken.map(({ object }) => object))
  return { broken, whole: new Set(heads.map(({ stream }) => `stream:${stream}`).filter((name) => !objects.has(name))) }
}
