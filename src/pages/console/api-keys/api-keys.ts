import { html } from 'hono/html'
import { ADMIN_SCOPES } from '../../../credentials/admin-scopes.ts'
import { createApiKey } from '../../../operations/create-api-key.ts'
import { isUuid } from '../../../operations/input.ts'
import { revokeApiKey } from '../../../operations/revoke-api-key.ts'
import { type ApiKeyRecord, findApiKeyRecord, searchApiKeys } from '../../../storage/access-listings.ts'
import { type Column, checkbox, definitionList, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { PageProblem } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import {
  attempt,
  doneNotice,
  errorOf,
  found,
  goTo,
  ownParty,
  type Refused,
  requireOwn,
  sendForm,
  textOf,
} from '../act-form.ts'
import { compromisedLink } from '../compromise/link.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute, Role } from '../route.ts'
import { secretWarnings, sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { apiKeyWords as words } from './words.ts'

const KEEPERS: readonly Role[] = ['operator', 'owner']

/** What the admin API opens to keys of every party; the rest is for operators. */
const FOR_MERCHANTS: readonly string[] = ['cards:redeem', 'cards:top-up']

const choicesOf = ({ user }: ConsoleCall) =>
  user.role === 'operator' ? ADMIN_SCOPES : ADMIN_SCOPES.filter((scope) => FOR_MERCHANTS.includes(scope))

const partyOf = (call: ConsoleCall) => ownParty(call) ?? uuidFilter(call.query, 'party')

const mark = ({ revoked_at: revoked }: ApiKeyRecord, language: Language): Markup =>
  html`<span class="tag ${revoked ? 'bad' : 'good'}">${words(language, revoked ? 'revoked' : 'live')}</span>`

const columns = ({ language, user }: ConsoleCall): Column<ApiKeyRecord>[] => [
  { label: words(language, 'name'), cell: ({ id, name }) => html`<a href="/console/api-keys/${id}">${name}</a>` },
  ...(user.role === 'operator'
    ? [{ label: words(language, 'party'), cell: ({ party_name: name }: ApiKeyRecord) => name }]
    : []),
  {
    label: words(language, 'scopes'),
    cell: ({ scopes }) =>
      html`<code>${scopes.slice(0, 3).join(' ')}${scopes.length > 3 ? ` +${scopes.length - 3}` : ''}</code>`,
  },
  { label: words(language, 'created'), cell: ({ created_at: at }) => formatTime(at, language) },
  { label: words(language, 'state'), cell: (row) => mark(row, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const operator = user.role === 'operator'
  const add = linkButton('/console/api-keys/new', words(language, 'add'), 'primary')
  const list = consoleList(call, {
    path: '/api-keys',
    caption: words(language, 'keys'),
    columns: columns(call),
    rows: await searchApiKeys(deps.db, {
      partyId: partyOf(call),
      after: uuidFilter(query, 'after'),
      limit: PAGE_ROWS + 1,
    }),
    cursor: ({ id }) => id,
    ...(operator && {
      filters: {
        fields: field({
          name: 'party',
          label: words(language, 'party'),
          required: false,
          value: filterOf(query, 'party') ?? '',
        }),
        names: ['party'],
      },
    }),
    csv: true,
    empty: emptyState(words(language, 'none'), add),
  })
  const sub = words(language, operator ? 'sub' : 'sub-business')
  const body = html`${pageHeading(words(language, 'keys'), { sub, actions: add })}${list}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: words(language, 'keys'), place: 'api-keys', body })
}

function askNew(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null) {
  const { language, form, query, user } = call
  const wrong = errorOf(call, refusal, 'scopes')
  const party = field({
    name: 'party_id',
    label: words(language, 'party'),
    hint: words(language, 'party-hint'),
    value: form.get('party_id') ?? query.get('party') ?? user.partyId,
    error: errorOf(call, refusal, 'party_id'),
  })
  const boxes = choicesOf(call).map((scope) =>
    checkbox({ name: `scope:${scope}`, label: html`<code>${scope}</code>`, checked: form.has(`scope:${scope}`) }),
  )
  return sendForm(deps, call, {
    title: words(language, 'add'),
    place: 'api-keys',
    path: '/api-keys/new',
    back: '/api-keys',
    fields: html`${field({
      name: 'name',
      label: words(language, 'name'),
      hint: words(language, 'name-hint'),
      maxlength: 200,
      value: form.get('name') ?? '',
      error: errorOf(call, refusal, 'name'),
    })}${user.role === 'operator' ? party : ''}<fieldset class="many"${
      wrong === undefined ? '' : html` aria-describedby="scopes-error"`
    }><legend>${words(language, 'scopes')}</legend>${wrong === undefined ? '' : html`<p class="error" id="scopes-error">${wrong}</p>`}${boxes}</fieldset>`,
    names: ['name', 'scopes', ...(user.role === 'operator' ? ['party_id'] : [])],
    submit: words(language, 'add'),
    // What it makes outlives the session that asks for it.
    password: true,
    refusal,
  })
}

async function add(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, form } = call
  const partyId = ownParty(call) ?? textOf(form, 'party_id') ?? ''
  const scopes = choicesOf(call).filter((scope) => form.has(`scope:${scope}`))
  const name = form.get('name') ?? ''
  const tried = await attempt(() => createApiKey(deps, { partyId, name, scopes: [...scopes] }))
  if (!tried.done) return askNew(deps, call, tried.refusal)
  call.note({ api_key: tried.value.id, party: partyId, scopes: scopes.join(' ') })
  return sendSecrets(deps, call, {
    title: words(language, 'made'),
    sub: name,
    place: 'api-keys',
    back: `/api-keys/${tried.value.id}`,
    secrets: [{ label: words(language, 'key'), hint: words(language, 'key-hint'), value: tried.value.apiKey }],
  })
}

async function one(deps: ConsoleDeps, call: ConsoleCall): Promise<ApiKeyRecord> {
  const id = call.param('id')
  if (!isUuid(id)) throw new PageProblem('not-found')
  const key = await found(findApiKeyRecord(deps.db, id))
  requireOwn(call, key.party_id)
  return key
}

const facts = ({ language }: ConsoleCall, key: ApiKeyRecord) =>
  [
    [words(language, 'party'), html`${key.party_name} <code>${key.party_id}</code>`],
    [words(language, 'scopes'), html`<code>${key.scopes.join(' ')}</code>`],
    [words(language, 'created'), formatTime(key.created_at, language)],
    ...(key.revoked_at ? [[words(language, 'revoked'), formatTime(key.revoked_at, language)] as const] : []),
    ['Id', html`<code>${key.id}</code>`],
  ] as const

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const key = await one(deps, call)
  const buttons = html`<div class="buttons pager">${linkButton(`/console/api-keys/${key.id}/revoke`, words(language, 'revoke'))}${compromisedLink(language, 'api-key', key.id)}</div>`
  const body = html`${pageHeading(key.name, { sub: mark(key, language) })}${doneNotice(call, {
    revoked: words(language, 'done-revoked'),
  })}${definitionList(facts(call, key))}${key.revoked_at ? '' : buttons}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: key.name, place: 'api-keys', body })
}

async function askRevoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const key = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'revoke-title', { name: key.name }),
    place: 'api-keys',
    path: `/api-keys/${key.id}/revoke`,
    back: `/api-keys/${key.id}`,
    facts: facts(call, key),
    effects: [words(language, 'revoke-effect'), words(language, 'revoke-forever')],
    submit: words(language, 'revoke'),
    danger: true,
    password: true,
  })
}

async function revoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  await revokeApiKey(deps, { id })
  return goTo(call, `/api-keys/${id}?done=revoked`)
}

export const apiKeyRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/api-keys', who: KEEPERS, handle: showList },
  {
    method: 'get',
    path: '/api-keys.csv',
    who: KEEPERS,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'api-keys',
        header: ['id', 'name', 'party', 'scopes', 'created_at', 'revoked_at'],
        read: (after) => searchApiKeys(deps.db, { partyId: partyOf(call), after, limit: 1_000 }),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.name,
          row.party_id,
          row.scopes.join(' '),
          row.created_at.toISOString(),
          row.revoked_at?.toISOString() ?? null,
        ],
      }),
  },
  { method: 'get', path: '/api-keys/new', who: KEEPERS, handle: async (deps, call) => askNew(deps, call) },
  { method: 'post', path: '/api-keys/new', who: KEEPERS, act: 'api-key.create', dangerous: true, handle: add },
  { method: 'get', path: '/api-keys/:id', who: KEEPERS, handle: show },
  { method: 'get', path: '/api-keys/:id/revoke', who: KEEPERS, handle: askRevoke },
  {
    method: 'post',
    path: '/api-keys/:id/revoke',
    who: KEEPERS,
    act: 'api-key.revoke',
    dangerous: true,
    handle: revoke,
  },
]
