import { html } from 'hono/html'
import { startAudit } from '../../../operations/books/run-audit.ts'
import { isUuid } from '../../../operations/input.ts'
import {
  type AuditFinding,
  type AuditRun,
  findAuditRun,
  lastVerdict,
  listAuditRuns,
} from '../../../storage/audit-runs.ts'
import {
  button,
  buttonRow,
  type Column,
  definitionList,
  emptyState,
  linkButton,
  notice,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatTime, timeText } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { PageProblem } from '../../problem.ts'
import { goTo } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, PAGE_ROWS } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { link } from '../wallets/parts.ts'
import { booksText as text } from './words.ts'

/** `GET /books`: what the last audit has found, and those before. */
export function showBooks(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return booksPage(deps, call, null)
}

async function booksPage(deps: ConsoleDeps, call: ConsoleCall, problem: string | null): Promise<Response> {
  const { language, query, c } = call
  const before = uuidFilter(query, 'after')
  const [last, runs] = await Promise.all([
    lastVerdict(deps.db),
    listAuditRuns(deps.db, { before, limit: PAGE_ROWS + 1 }),
  ])
  const running = before === undefined && runs[0]?.status === 'running' ? runs[0] : undefined
  const start = html`<form method="post" action="/console/books/audits">${csrfField(c)}${button({ label: text(language, 'audit-now') })}</form>`
  const download = linkButton('/console/books/export', text(language, 'export'))
  const verdict = last ? verdictView(last, language) : emptyState(text(language, 'never'))
  const list = consoleList(call, {
    path: '/books',
    caption: text(language, 'runs'),
    columns: runColumns(language),
    rows: runs,
    cursor: ({ id }) => id,
    empty: emptyState(text(language, 'none')),
  })
  const title = text(language, 'title')
  const body = html`${pageHeading(title, { sub: text(language, 'sub'), actions: buttonRow(start, download) })}${problem === null ? '' : notice('bad', problem)}${
    running ? runningView(running, language) : ''
  }${section('last', text(language, 'last'), verdict)}${section('runs', text(language, 'runs'), list)}`
  return sendConsole(deps, call, { title, place: 'books', body, ...(problem !== null && { status: 409 }) })
}

const runColumns = (language: Language): Column<AuditRun>[] => [
  {
    label: text(language, 'started'),
    cell: ({ id, started_at }) => link(`/books/audits/${id}`, formatTime(started_at, language)),
  },
  { label: text(language, 'ended'), cell: ({ ended_at }) => (ended_at ? formatTime(ended_at, language) : '—') },
  { label: text(language, 'by'), cell: ({ principal }) => principal.replace(/^operator:/, '') },
  { label: text(language, 'outcome'), cell: (run) => statusTag(run, language) },
]

function statusTag({ status }: AuditRun, language: Language): Markup {
  const tone = status === 'clean' ? 'good' : status === 'running' ? 'plain' : 'bad'
  return html`<span class="tag ${tone}">${text(language, `st-${status}`)}</span>`
}

function runningView({ id, step, done }: AuditRun, language: Language): Markup {
  const part = Math.floor(done * 100)
  return notice(
    'plain',
    html`${link(`/books/audits/${id}`, text(language, 'running'))}. ${text(language, 'running-at', { part, step })}`,
  )
}

function verdictView(run: AuditRun, language: Language): Markup {
  const { status, counts, ended_at } = run
  const figures = Object.fromEntries(
    Object.entries(counts ?? {}).map(([name, count]) => [name, count.toLocaleString(language)]),
  )
  return html`<div class="sheet"><p class="verdict ${status === 'clean' ? 'fine' : 'not-fine'}">${text(
    language,
    status === 'clean' ? 'verdict-clean' : 'verdict-findings',
  )}</p><p>${ended_at ? formatTime(ended_at, language) : ''}${counts ? html`<br><span class="hint">${text(language, 'counted', figures)}</span>` : ''}</p></div>`
}

/** `POST /books/audits`: begins one in the background, unless one is under way in whichever server. */
export async function auditNow(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const started = await startAudit(deps, call.actor)
  if (started === null) return booksPage(deps, call, text(call.language, 'busy'))
  call.note({ audit: started.id })
  return goTo(call, `/books/audits/${started.id}`)
}

/** `GET /books/audits/:id`: how far it is, or what it has found. */
export async function showAudit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, param } = call
  const run = isUuid(param('id')) ? await findAuditRun(deps.db, param('id')) : undefined
  if (!run) throw new PageProblem('not-found')
  const title = text(language, 'audit-of', { when: `${timeText(run.started_at, language)} UTC` })
  const back = linkButton('/console/books', text(language, 'title'))
  const facts = definitionList([
    [text(language, 'by'), run.principal.replace(/^operator:/, '')],
    [text(language, 'started'), formatTime(run.started_at, language)],
    [text(language, 'ended'), run.ended_at ? formatTime(run.ended_at, language) : '—'],
    [text(language, 'outcome'), statusTag(run, language)],
  ])
  const judged = run.status === 'clean' || run.status === 'findings'
  const state =
    run.status === 'running'
      ? html`<div class="part"><progress max="100" value="${Math.floor(run.done * 100)}" aria-label="${text(language, 'running')}"></progress><p class="hint">${text(
          language,
          'running-at',
          { part: Math.floor(run.done * 100), step: run.step },
        )}</p><div class="buttons">${linkButton(`/console/books/audits/${run.id}`, text(language, 'reload'), 'primary')}</div></div>`
      : judged
        ? html`<div class="part">${verdictView(run, language)}</div>`
        : ''
  const findings = judged ? section('findings', text(language, 'findings'), findingsView(run, language)) : ''
  const body = html`${pageHeading(title, { actions: buttonRow(back) })}${state}<div class="part">${facts}</div>${findings}`
  return sendConsole(deps, call, { title, place: 'books', body })
}

function findingsView({ findings, unlisted }: AuditRun, language: Language): Markup {
  if (findings.length === 0) return html`<p class="sub">${text(language, 'findings-none')}</p>`
  const columns: Column<AuditFinding>[] = [
    { label: text(language, 'row'), cell: ({ table: name, row }) => html`<code>${name} ${row}</code>` },
    { label: text(language, 'check'), cell: ({ check }) => check },
    {
      label: text(language, 'message'),
      cell: ({ message, suspects }) =>
        html`${message}${suspects.length === 0 ? '' : html`<br><small class="soft">${text(language, 'perhaps')} ${suspects.map(({ table: name, row }) => `${name} ${row}`).join('; ')}</small>`}`,
    },
  ]
  const more = unlisted > 0 ? html`<p class="hint">${text(language, 'unlisted', { count: unlisted })}</p>` : ''
  return html`<p class="sub">${text(language, 'verdict-findings-hint')}</p>${table(text(language, 'findings'), columns, findings)}${more}`
}
