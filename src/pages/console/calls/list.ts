import { html } from 'hono/html'
import { retentionOf } from '../../../domain/retention.ts'
import {
  type ApiCallRow,
  CALL_PROTOCOLS,
  CALL_SCAN,
  type CallPage,
  listApiCalls,
  nameBusinesses,
} from '../../../storage/api-calls.ts'
import { type Column, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { sendConsole } from '../frame.ts'
import { link, uuidAfter } from '../gift-parts.ts'
import { consoleList, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleRoute, EVERYONE } from '../route.ts'
import { momentText, PROTOCOL_NAMES, reasonOf } from './explain.ts'
import { CALL_FIELDS, callFilter } from './search.ts'
import { callText as text } from './words.ts'

const STATUSES = [200, 201, 303, 400, 401, 403, 404, 405, 409, 410, 412, 413, 414, 415, 422, 429, 500, 503]

const NOTHING: CallPage = { rows: [], stopped: null }

/** The answer in a word that also has a colour, and why. */
function answerCell(call: ApiCallRow, { language }: ConsoleCall): Markup {
  const { status, code } = call
  const kind = status < 400 ? 'good' : status < 500 ? 'plain' : 'bad'
  const tag = html`<span class="tag ${kind}">${status}${code === null ? '' : ` ${code}`}</span>`
  return status < 400 ? tag : html`${tag} <span class="reason">${reasonOf(call, language)}</span>`
}

export const callListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/calls',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, user, query } = call
      const operator = user.role === 'operator'
      const filter = await callFilter(deps, call)
      const limit = PAGE_ROWS + 1
      const page = filter === null ? NOTHING : await listApiCalls(deps.db, filter, { before: uuidAfter(query), limit })
      const names = operator
        ? await nameBusinesses(deps.db, [...new Set(page.rows.map(({ party_id }) => party_id))])
        : new Map<string, string>()
      const business: Column<ApiCallRow> = {
        label: text(language, 'business'),
        cell: ({ party_id: id }) => html`<a href="?business=${id}">${names.get(id) ?? id}</a>`,
      }
      const columns: Column<ApiCallRow>[] = [
        { label: text(language, 'when'), cell: ({ id, at }) => link(`/calls/${id}`, momentText(at, language)) },
        ...(operator ? [business] : []),
        {
          label: text(language, 'call'),
          cell: ({ protocol, method, route, request_id: id }) =>
            html`${PROTOCOL_NAMES[protocol]} <code>${method} ${route}</code>${
              id === null ? '' : html`<br><span class="reason">${text(language, 'request')} <code>${id}</code></span>`
            }`,
        },
        { label: text(language, 'answer'), cell: (row) => answerCell(row, call) },
      ]
      const list = consoleList(call, {
        path: '/calls',
        caption: text(language, 'title'),
        columns,
        rows: page.rows,
        cursor: ({ id }) => id,
        filters: { fields: fieldsOf(call), names: CALL_FIELDS },
        csv: true,
        empty: emptyState(
          text(language, operator ? 'empty-operator' : 'empty'),
          linkButton('/tools/signature', text(language, 'builder'), 'primary'),
        ),
      })
      const body = html`${pageHeading(text(language, 'title'), {
        sub: text(language, operator ? 'sub-operator' : 'sub', {
          days: retentionOf(deps.config.retention, 'calls') / 86_400_000,
        }),
      })}${list}${page.stopped ? stoppedNote(call, page.stopped) : ''}`
      return sendConsole(deps, call, { title: text(language, 'title'), place: 'calls', body })
    },
  },
  {
    method: 'get',
    path: '/calls.csv',
    who: EVERYONE,
    async handle(deps, call) {
      const filter = await callFilter(deps, call)
      return sendCsv(call, {
        name: 'api-calls',
        header: [
          'at',
          'id',
          'business',
          'protocol',
          'method',
          'route',
          'request_id',
          'status',
          'code',
          'message',
          'failed_check',
          'key',
          'address',
          'ms',
        ],
        async read(after) {
          let page = filter === null ? NOTHING : await listApiCalls(deps.db, filter, { before: after, limit: 1_000 })
          // A stretch in which nothing matches is not the end.
          while (filter !== null && page.rows.length === 0 && page.stopped !== null)
            page = await listApiCalls(deps.db, filter, { before: page.stopped.after, limit: 1_000 })
          return page.rows
        },
        cursor: ({ id }) => id,
        line: (row) => [
          row.at.toISOString(),
          row.id,
          row.party_id,
          row.protocol,
          row.method,
          row.route,
          row.request_id,
          String(row.status),
          row.code,
          row.message,
          row.failed,
          row.credential_id,
          row.address,
          (row.micros / 1000).toFixed(3),
        ],
      })
    },
  },
]

function fieldsOf({ language, query, user }: ConsoleCall): Markup {
  const value = (name: (typeof CALL_FIELDS)[number]) => query.get(name) ?? ''
  const any = { value: '', label: text(language, 'any') }
  const business =
    user.role === 'operator'
      ? field({
          name: 'business',
          label: `${text(language, 'business')} (${text(language, 'business-hint')})`,
          required: false,
          value: value('business'),
        })
      : ''
  return html`${business}${select({
    name: 'protocol',
    label: text(language, 'protocol'),
    value: value('protocol'),
    choices: [any, ...CALL_PROTOCOLS.map((name) => ({ value: name, label: PROTOCOL_NAMES[name] }))],
  })}${select({
    name: 'status',
    label: text(language, 'status'),
    value: value('status'),
    choices: [
      any,
      { value: 'refused', label: text(language, 'refused') },
      ...STATUSES.map((status) => ({ value: String(status), label: String(status) })),
    ],
  })}${field({ name: 'route', label: text(language, 'route'), required: false, value: value('route') })}${field({
    name: 'request',
    label: text(language, 'request'),
    required: false,
    value: value('request'),
  })}${field({ name: 'from', label: text(language, 'from'), type: 'date', required: false, value: value('from') })}${field(
    { name: 'to', label: text(language, 'to'), type: 'date', required: false, value: value('to') },
  )}`
}

/** A search stops after so many calls; what was found so far stands above. */
function stoppedNote({ language, query }: ConsoleCall, { after, at }: NonNullable<CallPage['stopped']>): Markup {
  const further = new URLSearchParams(query)
  further.set('after', after)
  const count = CALL_SCAN.toLocaleString(language)
  return html`<p class="hint">${text(language, 'stopped', { count })} ${formatTime(at, language)}.</p>
<div class="buttons">${linkButton(`/console/calls?${further}`, text(language, 'further'))}</div>`
}
