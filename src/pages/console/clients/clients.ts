import { html } from 'hono/html'
import { WALLET_SCOPES } from '../../../credentials/scopes.ts'
import { createClient } from '../../../operations/create-client.ts'
import { type ClientRecord, searchClients } from '../../../storage/access-listings.ts'
import { type Column, checkbox, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { consentText } from '../../consent/messages.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, errorOf, goTo, linesOf, ownParty, type Refused, sendForm, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { clientWords as words } from './words.ts'

export const clientMark = ({ disabled_at: disabled }: ClientRecord, language: Language): Markup =>
  html`<span class="tag ${disabled ? 'bad' : 'good'}">${words(language, disabled ? 'disabled' : 'active')}</span>`

const search = (call: ConsoleCall, after: string | undefined, limit: number) => ({
  partyId: ownParty(call) ?? uuidFilter(call.query, 'party'),
  name: filterOf(call.query, 'name'),
  after,
  limit,
})

const columns = ({ language, user }: ConsoleCall): Column<ClientRecord>[] => [
  { label: words(language, 'name'), cell: ({ id, name }) => html`<a href="/console/clients/${id}">${name}</a>` },
  { label: words(language, 'id'), cell: ({ id }) => html`<code>${id}</code>` },
  ...(user.role === 'operator'
    ? [{ label: words(language, 'party'), cell: ({ party_name: name }: ClientRecord) => name }]
    : []),
  { label: words(language, 'kind'), cell: (row) => words(language, row.public ? 'public' : 'confidential') },
  { label: words(language, 'state'), cell: (row) => clientMark(row, language) },
  {
    label: words(language, 'used'),
    cell: ({ last_used_at: at }) => (at ? formatTime(at, language) : words(language, 'never')),
  },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, query, user } = call
  const operator = user.role === 'operator'
  const add = operator ? linkButton('/console/clients/new', words(language, 'add'), 'primary') : undefined
  const name = field({
    name: 'name',
    label: words(language, 'name-begins'),
    required: false,
    value: query.get('name') ?? '',
  })
  const party = field({
    name: 'party',
    label: words(language, 'party'),
    required: false,
    value: query.get('party') ?? '',
  })
  const list = consoleList(call, {
    path: '/clients',
    caption: words(language, 'clients'),
    columns: columns(call),
    rows: await searchClients(deps.db, search(call, filterOf(query, 'after'), PAGE_ROWS + 1)),
    cursor: ({ id }) => id,
    filters: { fields: html`${name}${operator ? party : ''}`, names: operator ? ['name', 'party'] : ['name'] },
    csv: true,
    empty: emptyState(words(language, operator ? 'none' : 'none-own'), add),
  })
  const body = html`${pageHeading(words(language, 'clients'), { sub: words(language, 'sub'), ...(add && { actions: add }) })}${list}`
  return sendConsole(deps, call, { title: words(language, 'clients'), place: 'clients', body })
}

/** Address and flag of a client's redirections, on the pages that make and change one. */
export function redirectionFields(
  call: ConsoleCall,
  values: { uris: string; implicit: boolean },
  refusal: Refused | null,
): Markup {
  const { language } = call
  return html`${field({
    name: 'redirect_uris',
    label: words(language, 'uris'),
    hint: words(language, 'uris-hint'),
    rows: 4,
    required: false,
    spellcheck: false,
    value: values.uris,
    error: errorOf(call, refusal, 'redirect_uris') ?? errorOf(call, refusal, 'implicit'),
  })}${checkbox({
    name: 'implicit',
    label: words(language, 'implicit'),
    hint: words(language, 'implicit-hint'),
    checked: values.implicit,
  })}`
}

function askNew(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null) {
  const { language, form, query } = call
  const wrong = errorOf(call, refusal, 'scopes')
  const text = (name: string, hint: Parameters<typeof words>[1], label: Parameters<typeof words>[1], more = {}) =>
    field({
      name,
      label: words(language, label),
      hint: words(language, hint),
      value: form.get(name) ?? '',
      error: errorOf(call, refusal, name),
      ...more,
    })
  const scopes = WALLET_SCOPES.map((scope) =>
    checkbox({
      name: `scope:${scope}`,
      label: html`<code>${scope}</code>`,
      hint: consentText(language, `scope:${scope}`),
      checked: form.has(`scope:${scope}`),
    }),
  )
  return sendForm(deps, call, {
    title: words(language, 'add'),
    place: 'clients',
    path: '/clients/new',
    back: '/clients',
    fields: html`${text('name', 'name-hint', 'name', { maxlength: 200 })}${text('party_id', 'party-hint', 'party', {
      value: form.get('party_id') ?? query.get('party') ?? '',
    })}${text('id', 'id-hint', 'id', { required: false, maxlength: 64, spellcheck: false })}<fieldset${
      wrong === undefined ? '' : html` aria-describedby="scopes-error"`
    }><legend>${words(language, 'scopes')}</legend>${wrong === undefined ? '' : html`<p class="error" id="scopes-error">${wrong}</p>`}${scopes}</fieldset>${checkbox(
      {
        name: 'public',
        label: words(language, 'public-box'),
        hint: words(language, 'kind-hint'),
        checked: form.has('public'),
      },
    )}${redirectionFields(call, { uris: form.get('redirect_uris') ?? '', implicit: form.has('implicit') }, refusal)}`,
    names: ['name', 'party_id', 'id', 'scopes', 'redirect_uris', 'implicit'],
    submit: words(language, 'add'),
    // What it makes outlives the session that asks for it.
    password: true,
    refusal,
  })
}

async function add(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, form } = call
  const id = textOf(form, 'id')
  const input = {
    ...(id !== undefined && { id }),
    partyId: textOf(form, 'party_id') ?? '',
    name: form.get('name') ?? '',
    public: form.has('public'),
    redirectUris: linesOf(form.get('redirect_uris')),
    implicit: form.has('implicit'),
    scopes: WALLET_SCOPES.filter((scope) => form.has(`scope:${scope}`)),
  }
  const tried = await attempt(() => createClient(deps, input))
  if (!tried.done) return askNew(deps, call, tried.refusal)
  const made = tried.value
  call.note({ client: made.id, party: input.partyId, scopes: input.scopes.join(' ') })
  if (made.clientSecret === null || made.signingSecret === null) return goTo(call, `/clients/${made.id}?done=made`)
  return sendSecrets(deps, call, {
    title: words(language, 'made'),
    sub: html`<code>${made.id}</code>`,
    place: 'clients',
    back: `/clients/${made.id}`,
    secrets: [
      { label: words(language, 'secret'), hint: words(language, 'secret-hint'), value: made.clientSecret },
      { label: words(language, 'signing'), hint: words(language, 'signing-hint'), value: made.signingSecret },
    ],
  })
}

export const clientListRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/clients', who: EVERYONE, handle: showList },
  {
    method: 'get',
    path: '/clients.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'clients',
        header: [
          'id',
          'name',
          'party',
          'kind',
          'scopes',
          'redirect_uris',
          'implicit',
          'created_at',
          'last_used_at',
          'disabled_at',
        ],
        read: (after) => searchClients(deps.db, search(call, after, 1_000)),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.name,
          row.party_id,
          row.public ? 'public' : 'confidential',
          row.scopes.join(' '),
          row.redirect_uris.join(' '),
          String(row.implicit),
          row.created_at.toISOString(),
          row.last_used_at?.toISOString() ?? null,
          row.disabled_at?.toISOString() ?? null,
        ],
      }),
  },
  { method: 'get', path: '/clients/new', who: OPERATORS, handle: async (deps, call) => askNew(deps, call) },
  { method: 'post', path: '/clients/new', who: OPERATORS, act: 'client.create', dangerous: true, handle: add },
]
