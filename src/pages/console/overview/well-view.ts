import { html } from 'hono/html'
import type { AuditRun } from '../../../storage/audit-runs.ts'
import type { BackupRun } from '../../../storage/backup-runs.ts'
import { MANY, type WellBeing } from '../../../storage/well-being.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { consolePlaces } from '../tables.ts'
import { overviewWords as words } from './words.ts'

type Check = { ok: boolean; text: string | Markup; href: string | null }

/** Where each is looked after: the `id` of a place, and the search that shows them. */
const WHERE: Readonly<Record<keyof WellBeing, readonly [place: string, search?: string]>> = {
  failed_orders: ['orders', '?status=failed'],
  stuck_orders: ['orders', '?status=processing'],
  failed_deliveries: ['deliveries', '?status=failed'],
  failed_mails: ['mails'],
  low_stock: ['stock'],
  float_requests: ['float-requests', '?status=pending'],
  overdue: ['purchases'],
  fundings: ['funding', '?waiting=yes'],
  frozen: ['wallets', '?frozen=yes'],
}

const hrefOf = (place: string, search = ''): string | null => {
  const found = consolePlaces.find(({ id }) => id === place)
  return found ? `/console${found.path}${search}` : null
}

const WEEK = 7 * 86_400_000

export type Looked = {
  state: WellBeing
  /** the last verdict */
  audit: AuditRun | undefined
  backup: BackupRun | undefined
  /** ms that the last backup may be old; null: nobody minds */
  backupAge: number | null
  now: number
}

/** Says in one sentence whether all is well, then why: what needs somebody first, each line with the way to it. */
export function wellView({ state, audit, backup, backupAge, now }: Looked, language: Language): Markup {
  const checks = [
    auditCheck(audit, now, language),
    ...backupCheck(backup, backupAge, now, language),
    ...(Object.keys(WHERE) as (keyof WellBeing)[]).map(ofCount),
  ]
  function ofCount(name: keyof WellBeing): Check {
    const count = state[name]
    const shown = count > MANY ? words(language, 'more', { count: MANY }) : String(count)
    return {
      ok: count === 0,
      text: count === 0 ? words(language, `${name}-0`) : words(language, `${name}-n`, { count: shown }),
      href: hrefOf(...WHERE[name]),
    }
  }
  const open = checks.filter(({ ok }) => !ok)
  const verdict =
    open.length === 0
      ? words(language, 'well')
      : open.length === 1
        ? words(language, 'one')
        : words(language, 'many', { count: open.length })
  const line = ({ ok, text, href }: Check) =>
    html`<li><span class="status ${ok ? 'good' : 'bad'}">${words(language, ok ? 'ok' : 'look')}</span> <span>${
      href === null ? text : html`<a href="${href}">${text}</a>`
    }</span></li>`
  return html`<section class="well" aria-labelledby="well"><h2 class="heard" id="well">${words(language, 'checks')}</h2>
<p class="verdict ${open.length === 0 ? 'fine' : 'not-fine'}">${verdict}</p>
<ul>${[...open, ...checks.filter(({ ok }) => ok)].map(line)}</ul></section>`
}

function auditCheck(audit: AuditRun | undefined, now: number, language: Language): Check {
  const href = hrefOf('books')
  if (!audit?.ended_at) return { ok: false, text: words(language, 'audit-never'), href }
  const old = audit.status === 'clean' && now - audit.ended_at.getTime() > WEEK
  const key = audit.status === 'findings' ? 'audit-findings' : old ? 'audit-old' : 'audit-clean'
  const text = html`${words(language, key)} (${formatTime(audit.ended_at, language)})`
  return { ok: key === 'audit-clean', text, href }
}

/** Where nobody minds, one that is there is shown all the same. */
function backupCheck(backup: BackupRun | undefined, age: number | null, now: number, language: Language): Check[] {
  if (backup === undefined)
    return age === null ? [] : [{ ok: false, text: words(language, 'backup-never'), href: null }]
  const ok = age === null || now - backup.takenAt.getTime() <= age
  const checked = words(language, backup.verified ? 'backup-verified' : 'backup-unverified')
  const told = words(language, ok ? 'backup-made' : 'backup-old', { size: sizeText(backup.fileBytes, language) })
  return [{ ok, text: html`${told}, ${checked} (${formatTime(backup.takenAt, language)})`, href: null }]
}

/** Bytes, as people say them. */
function sizeText(bytes: bigint, language: Language): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const power = Math.min(Math.floor(Math.log10(Math.max(1, Number(bytes))) / 3), units.length - 1)
  const options = { style: 'unit', unit: units[power] as string, maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(language, options).format(Number(bytes) / 1000 ** power)
}
