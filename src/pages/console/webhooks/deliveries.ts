import { html } from 'hono/html'
import { replayDelivery, requireDelivery } from '../../../operations/webhooks/replay-deliveries.ts'
import { deliveryDetail } from '../../../operations/webhooks/views.ts'
import { findReceiverParty, listReceivers, searchDeliveries } from '../../../storage/delivery-listings.ts'
import {
  type AttemptRow,
  DELIVERY_STATUSES,
  type DeliveryRow,
  type DeliveryStatus,
  listAttempts,
} from '../../../storage/delivery-log.ts'
import {
  button,
  type Column,
  definitionList,
  emptyState,
  field,
  notice,
  pageHeading,
  section,
  select,
  table,
} from '../../components.ts'
import { formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, doneNotice, found, goTo, ownParty, type Refused, requireOwn } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { refusalText } from '../refusal-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { choiceFilter, uuidFilter } from '../uuid-filter.ts'
import { webhookWords as words } from './words.ts'

const WORKERS: readonly Role[] = ['operator', 'owner', 'member']

const MARKS = { waiting: 'plain', delivered: 'good', failed: 'bad' } as const

const statusMark = (status: DeliveryStatus, language: Language): Markup =>
  html`<span class="tag ${MARKS[status]}">${words(language, status)}</span>`

/** Columns of a list of deliveries. */
export function deliveryColumns({ language }: ConsoleCall, { receiver = true } = {}): Column<DeliveryRow>[] {
  return [
    {
      label: words(language, 'topic'),
      cell: ({ id, topic }) => html`<a href="/console/deliveries/${id}">${topic}</a>`,
    },
    { label: words(language, 'status'), cell: ({ status }) => statusMark(status, language) },
    { label: words(language, 'at'), cell: ({ created_at: at }) => formatTime(at, language) },
    { label: words(language, 'attempts'), numeric: true, cell: ({ attempts }) => String(attempts) },
    { label: words(language, 'object'), cell: ({ object }) => html`<code>${object}</code>` },
    ...(receiver
      ? [{ label: words(language, 'form'), cell: ({ form }: DeliveryRow) => words(language, `form-${form}`) }]
      : []),
  ]
}

/** Whose deliveries are looked for: everybody's for operators, else those of the own party, be it one receiver of it. */
async function receiversOf(deps: ConsoleDeps, call: ConsoleCall): Promise<string[] | undefined> {
  const asked = uuidFilter(call.query, 'receiver')
  const partyId = ownParty(call)
  if (partyId === undefined) return asked === undefined ? undefined : [asked]
  const own = await listReceivers(deps.db, partyId)
  return asked === undefined ? own : own.filter((id) => id === asked)
}

/** Reads a page of the list after page. */
async function reader(deps: ConsoleDeps, call: ConsoleCall) {
  const receivers = await receiversOf(deps, call)
  const status = choiceFilter(call.query, 'status', DELIVERY_STATUSES)
  const object = filterOf(call.query, 'object')
  return (after: string | undefined, limit: number) =>
    searchDeliveries(deps.db, {
      receivers,
      status,
      object,
      before: after !== undefined && /^\d{1,18}$/.test(after) ? BigInt(after) : undefined,
      limit,
    })
}

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query } = call
  const read = await reader(deps, call)
  const title = words(language, 'deliveries')
  const fields = html`${select({
    name: 'status',
    label: words(language, 'status'),
    value: query.get('status') ?? '',
    choices: [
      { value: '', label: words(language, 'any') },
      ...DELIVERY_STATUSES.map((value) => ({ value, label: words(language, value) })),
    ],
  })}${field({
    name: 'object',
    label: words(language, 'object'),
    required: false,
    value: query.get('object') ?? '',
    placeholder: 'purchase:…',
  })}${field({ name: 'receiver', label: words(language, 'receiver'), required: false, value: query.get('receiver') ?? '' })}`
  const list = consoleList(call, {
    path: '/deliveries',
    caption: title,
    columns: deliveryColumns(call),
    rows: await read(filterOf(query, 'after'), PAGE_ROWS + 1),
    cursor: ({ sequence }) => String(sequence),
    filters: { fields, names: ['status', 'object', 'receiver'] },
    csv: true,
    empty: emptyState(words(language, 'no-deliveries')),
  })
  const body = html`${pageHeading(title, { sub: words(language, 'deliveries-sub') })}${list}`
  return sendConsole(deps, call, { title, place: 'deliveries', body })
}

async function csv(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const read = await reader(deps, call)
  return sendCsv(call, {
    name: 'deliveries',
    header: ['id', 'form', 'receiver', 'object', 'topic', 'status', 'attempts', 'created_at', 'ended_at'],
    read: (after) => read(after, 1_000),
    cursor: ({ sequence }) => String(sequence),
    line: (row) => [
      row.id,
      row.form,
      row.receiver,
      row.object,
      row.topic,
      row.status,
      String(row.attempts),
      row.created_at.toISOString(),
      row.ended_at?.toISOString() ?? null,
    ],
  })
}

async function one(deps: ConsoleDeps, call: ConsoleCall): Promise<DeliveryRow> {
  const delivery = await found(requireDelivery(deps.db, call.param('id')))
  if (call.user.role !== 'operator') requireOwn(call, (await findReceiverParty(deps.db, delivery.receiver)) ?? null)
  return delivery
}

async function show(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language, user } = call
  const delivery = await one(deps, call)
  const attempts = await listAttempts(deps.db, delivery.id)
  const { event } = deliveryDetail(delivery, attempts)
  const { id, form, receiver, status } = delivery
  const endpoint =
    form === 'webhook'
      ? html`<a href="/console/webhooks/${receiver}"><code>${receiver}</code></a>`
      : html`<code>${receiver}</code>`
  const again = html`<form method="post" action="/console/deliveries/${id}/replay">${csrfField(call.c)}${button({
    label: words(language, 'again'),
    kind: status === 'failed' ? 'primary' : 'quiet',
  })}</form>`
  const problem =
    refusal === null ? '' : notice('bad', typeof refusal === 'string' ? refusal : refusalText(language, refusal))
  const body = html`${pageHeading(delivery.topic, { sub: statusMark(status, language) })}${problem}${doneNotice(call, {
    again: words(language, 'done-again'),
  })}
${definitionList([
  [words(language, 'at'), formatTime(delivery.created_at, language)],
  [words(language, 'object'), html`<code>${delivery.object}</code>`],
  [words(language, 'form'), words(language, `form-${form}`)],
  [words(language, 'receiver'), endpoint],
  [words(language, 'attempts'), String(delivery.attempts)],
  ...(status === 'waiting' ? [[words(language, 'next'), formatTime(delivery.next_attempt_at, language)] as const] : []),
  ...(delivery.ended_at ? [[words(language, 'ended'), formatTime(delivery.ended_at, language)] as const] : []),
  ['Id', html`<code>${id}</code>`],
])}${WORKERS.includes(user.role) ? html`<div class="buttons pager">${again}</div>` : ''}
${section('log', words(language, 'log'), attempts.length === 0 ? emptyState(words(language, 'log-none')) : attemptTable(attempts, language))}
${event === null ? '' : section('event', words(language, 'event'), html`<pre class="event" tabindex="0">${JSON.stringify(event, null, 2)}</pre>`)}`
  return sendConsole(deps, call, {
    title: delivery.topic,
    place: 'deliveries',
    body,
    ...(refusal !== null && { status: 409 }),
  })
}

const attemptTable = (attempts: readonly AttemptRow[], language: Language): Markup =>
  table<AttemptRow>(
    words(language, 'log'),
    [
      { label: words(language, 'at'), cell: ({ at }) => formatTime(at, language) },
      {
        label: words(language, 'answer'),
        cell: ({ status }) => (status === null ? words(language, 'no-answer') : String(status)),
      },
      { label: words(language, 'took'), numeric: true, cell: ({ ms }) => `${ms} ms` },
      { label: words(language, 'problem'), cell: ({ error }) => error ?? '' },
      {
        label: words(language, 'said'),
        cell: ({ excerpt }) => (excerpt ? html`<code>${excerpt.slice(0, 200)}</code>` : ''),
      },
    ],
    attempts,
  )

async function replay(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  const tried = await attempt(() => deps.db.transaction((db) => replayDelivery({ ...deps, db }, { id })))
  return tried.done ? goTo(call, `/deliveries/${id}?done=again`) : show(deps, call, tried.refusal)
}

export const deliveryRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/deliveries', who: EVERYONE, handle: showList },
  { method: 'get', path: '/deliveries.csv', who: EVERYONE, handle: csv },
  { method: 'get', path: '/deliveries/:id', who: EVERYONE, handle: (deps, call) => show(deps, call) },
  { method: 'post', path: '/deliveries/:id/replay', who: WORKERS, act: 'delivery.replay', handle: replay },
]
