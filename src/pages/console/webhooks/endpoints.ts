import { html } from 'hono/html'
import { createEndpoint } from '../../../operations/webhooks/create-endpoint.ts'
import { listEndpoints, type WebhookEndpoint } from '../../../storage/webhook-endpoints.ts'
import { type Column, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, doneNotice, errorOf, ownParty, type Refused, sendForm, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { endpointFields, readEndpointForm } from './endpoint-form.ts'
import { webhookWords as words } from './words.ts'

/** Whether it is told anything, in words with a mark. */
export const stateMark = ({ disabled_because: why }: WebhookEndpoint, language: Language): Markup =>
  html`<span class="tag ${why === null ? 'good' : why === 'gone' ? 'bad' : 'plain'}">${words(language, why ?? 'enabled')}</span>`

const partyOf = (call: ConsoleCall) => ownParty(call) ?? uuidFilter(call.query, 'party')

const columns = ({ language, user }: ConsoleCall): Column<WebhookEndpoint>[] => [
  {
    label: words(language, 'url'),
    cell: ({ id, url }) => html`<a href="/console/webhooks/${id}">${url}</a>`,
  },
  { label: words(language, 'topics'), cell: ({ topics }) => html`<code>${topics.join(', ')}</code>` },
  { label: words(language, 'state'), cell: (row) => stateMark(row, language) },
  { label: words(language, 'note'), cell: ({ note }) => note ?? '' },
  ...(user.role === 'operator'
    ? [
        {
          label: words(language, 'party'),
          cell: (row: WebhookEndpoint) =>
            html`<a href="/console/parties/${row.party_id}"><code>${row.party_id.slice(-12)}</code></a>`,
        },
      ]
    : []),
  { label: words(language, 'since'), cell: ({ created_at: at }) => formatTime(at, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const rows = await listEndpoints(deps.db, {
    partyId: partyOf(call),
    after: uuidFilter(query, 'after'),
    limit: PAGE_ROWS + 1,
  })
  const works = user.role === 'operator' || user.role === 'owner'
  const add = works ? linkButton('/console/webhooks/new', words(language, 'add'), 'primary') : undefined
  const list = consoleList(call, {
    path: '/webhooks',
    caption: words(language, 'webhooks'),
    columns: columns(call),
    rows,
    cursor: ({ id }) => id,
    ...(user.role === 'operator' && {
      filters: {
        names: ['party'],
        fields: field({
          name: 'party',
          label: words(language, 'party'),
          required: false,
          value: filterOf(query, 'party'),
        }),
      },
    }),
    csv: true,
    empty: emptyState(words(language, 'none'), add),
  })
  const body = html`${pageHeading(words(language, 'webhooks'), { sub: words(language, 'sub'), ...(add && { actions: add }) })}${doneNotice(
    call,
    { deleted: words(language, 'done-deleted') },
  )}${list}`
  return sendConsole(deps, call, { title: words(language, 'webhooks'), place: 'webhooks', body })
}

function askNew(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null) {
  const { language, form, query, user } = call
  const party = field({
    name: 'party_id',
    label: words(language, 'party'),
    hint: words(language, 'party-hint'),
    value: form.get('party_id') ?? query.get('party') ?? '',
    error: errorOf(call, refusal, 'party_id'),
  })
  return sendForm(deps, call, {
    title: words(language, 'add'),
    place: 'webhooks',
    path: '/webhooks/new',
    back: '/webhooks',
    fields: html`${user.role === 'operator' ? party : ''}${endpointFields(call, readEndpointForm(call), refusal)}`,
    names: user.role === 'operator' ? ['party_id', 'url', 'topics', 'note'] : ['url', 'topics', 'note'],
    submit: words(language, 'add'),
    // What happens from now on is told there, long after the session.
    password: true,
    refusal,
  })
}

async function add(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, form } = call
  const partyId = ownParty(call) ?? textOf(form, 'party_id') ?? ''
  const values = readEndpointForm(call)
  const tried = await attempt(() =>
    deps.db.transaction((db) => createEndpoint({ ...deps, db }, { partyId, ...values })),
  )
  if (!tried.done) return askNew(deps, call, tried.refusal)
  const { id, secret } = tried.value
  call.note({ webhook: id, party: partyId, url: values.url })
  return sendSecrets(deps, call, {
    title: words(language, 'created'),
    sub: words(language, 'created-sub', { url: values.url }),
    place: 'webhooks',
    back: `/webhooks/${id}`,
    secrets: [{ label: words(language, 'secret'), hint: words(language, 'secret-hint'), value: secret }],
  })
}

export const endpointRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/webhooks', who: EVERYONE, handle: showList },
  {
    method: 'get',
    path: '/webhooks.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'webhooks',
        header: ['id', 'party', 'url', 'topics', 'note', 'created_at', 'disabled_at', 'disabled_because'],
        read: (after) => listEndpoints(deps.db, { partyId: partyOf(call), after, limit: 1_000 }),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.party_id,
          row.url,
          row.topics.join(' '),
          row.note,
          row.created_at.toISOString(),
          row.disabled_at?.toISOString() ?? null,
          row.disabled_because,
        ],
      }),
  },
  {
    method: 'get',
    path: '/webhooks/new',
    who: ['operator', 'owner'],
    handle: async (deps, call) => askNew(deps, call),
  },
  {
    method: 'post',
    path: '/webhooks/new',
    who: ['operator', 'owner'],
    act: 'webhook.create',
    dangerous: true,
    handle: add,
  },
]
