import { html } from 'hono/html'
import { isWalletScope } from '../../../credentials/scopes.ts'
import { revokeConsent } from '../../../operations/revoke-consent.ts'
import { findGrant, type GrantRecord, searchGrants } from '../../../storage/access-listings.ts'
import { findSignIn } from '../../../storage/parties.ts'
import {
  type Column,
  checkbox,
  definitionList,
  emptyState,
  field,
  linkButton,
  pageHeading,
  table,
} from '../../components.ts'
import { consentText } from '../../consent/messages.ts'
import { formatTime } from '../../format.ts'
import { PageProblem } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice, found, goTo, ownParty, requireOwn, sendForm } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { grantWords as words } from './words.ts'

const WORKERS: readonly Role[] = ['operator', 'owner', 'member']

type State = 'live' | 'ended' | 'revoked'

const stateOf = ({ revoked_at: revoked, expires_at: ends }: GrantRecord, now: number): State =>
  revoked ? 'revoked' : ends && ends.getTime() <= now ? 'ended' : 'live'

/** Who allowed it is the person's own affair: a business sees the wallets, operators also the name. */
function columns({ language, user }: ConsoleCall, { client = true } = {}): Column<GrantRecord>[] {
  const now = Date.now()
  const link = (row: GrantRecord, text: string) => html`<a href="/console/grants/${row.id}">${text}</a>`
  const first = ({ wallets }: GrantRecord) => wallets[0] ?? words(language, 'no-wallets')
  const who =
    user.role === 'operator'
      ? {
          label: words(language, 'person'),
          cell: (row: GrantRecord) => (client ? row.party_name : link(row, row.party_name)),
        }
      : { label: words(language, 'wallets'), cell: (row: GrantRecord) => (client ? first(row) : link(row, first(row))) }
  return [
    ...(client ? [{ label: words(language, 'client'), cell: (row: GrantRecord) => link(row, row.client_name) }] : []),
    who,
    { label: words(language, 'scopes'), cell: ({ scopes }) => html`<code>${scopes.join(' ')}</code>` },
    { label: words(language, 'granted'), cell: ({ granted_at: at }) => formatTime(at, language) },
    {
      label: words(language, 'used'),
      cell: ({ last_used_at: at }) => (at ? formatTime(at, language) : words(language, 'never')),
    },
    {
      label: words(language, 'state'),
      cell: (row) => {
        const state = stateOf(row, now)
        return html`<span class="tag ${state === 'live' ? 'good' : 'plain'}">${words(language, state)}</span>`
      },
    },
  ]
}

/** A few grants on another page. */
export function grantTable(
  call: ConsoleCall,
  rows: readonly GrantRecord[],
  { client, more }: { client: boolean; more: Markup },
): Markup {
  if (rows.length === 0) return emptyState(words(call.language, 'none-here'))
  return html`${table(words(call.language, 'grants'), columns(call, { client }), rows)}<div class="buttons pager">${more}</div>`
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** The party that is meant by an address or an id; operators only search by it. */
async function ownerOf(deps: ConsoleDeps, { query, user }: ConsoleCall): Promise<string | undefined> {
  const person = filterOf(query, 'person')
  if (person === undefined || user.role !== 'operator') return undefined
  if (!person.includes('@')) return uuidFilter(query, 'person')
  return (await findSignIn(deps.db, person.toLowerCase()))?.party_id ?? NOBODY
}

async function reader(deps: ConsoleDeps, call: ConsoleCall) {
  const { query } = call
  const owner = await ownerOf(deps, call)
  return (after: string | undefined, limit: number) =>
    searchGrants(deps.db, {
      partyId: ownParty(call),
      clientId: filterOf(query, 'client'),
      owner,
      live: query.get('ended') !== 'yes',
      after,
      limit,
    })
}

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const read = await reader(deps, call)
  const title = words(language, 'grants')
  const person = field({
    name: 'person',
    label: words(language, 'person'),
    placeholder: words(language, 'person-hint'),
    required: false,
    value: query.get('person') ?? '',
  })
  const fields = html`${field({ name: 'client', label: words(language, 'client'), required: false, value: query.get('client') ?? '' })}${
    user.role === 'operator' ? person : ''
  }${checkbox({ name: 'ended', label: words(language, 'only-live'), checked: query.get('ended') === 'yes' })}`
  const list = consoleList(call, {
    path: '/grants',
    caption: title,
    columns: columns(call),
    rows: await read(uuidFilter(query, 'after'), PAGE_ROWS + 1),
    cursor: ({ id }) => id,
    filters: { fields, names: user.role === 'operator' ? ['client', 'person', 'ended'] : ['client', 'ended'] },
    csv: true,
    empty: emptyState(words(language, 'none')),
  })
  const body = html`${pageHeading(title, { sub: words(language, 'sub') })}${list}`
  return sendConsole(deps, call, { title, place: 'grants', body })
}

async function one(deps: ConsoleDeps, call: ConsoleCall): Promise<GrantRecord> {
  const id = uuidFilter(new URLSearchParams({ id: call.param('id') }), 'id') ?? NOBODY
  const grant = await found(findGrant(deps.db, id))
  requireOwn(call, grant.client_party)
  return grant
}

function facts({ language, user }: ConsoleCall, grant: GrantRecord) {
  const plain = grant.scopes.map((scope) => (isWalletScope(scope) ? consentText(language, `scope:${scope}`) : scope))
  const list = (texts: readonly (string | Markup)[]) =>
    html`<ul class="plain-list">${texts.map((text) => html`<li>${text}</li>`)}</ul>`
  return [
    [words(language, 'client'), html`<a href="/console/clients/${grant.client_id}">${grant.client_name}</a>`],
    ...(user.role === 'operator'
      ? [[words(language, 'person'), html`${grant.party_name} <code>${grant.party_id}</code>`] as const]
      : []),
    [words(language, 'scopes'), list(plain)],
    [
      words(language, 'wallets'),
      grant.wallets.length === 0
        ? words(language, 'no-wallets')
        : list(grant.wallets.map((id) => html`<code>${id}</code>`)),
    ],
    [words(language, 'granted'), formatTime(grant.granted_at, language)],
    [words(language, 'used'), grant.last_used_at ? formatTime(grant.last_used_at, language) : words(language, 'never')],
    [words(language, 'until'), grant.expires_at ? formatTime(grant.expires_at, language) : words(language, 'forever')],
    [words(language, 'state'), words(language, stateOf(grant, Date.now()))],
  ] as const
}

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const grant = await one(deps, call)
  const title = words(language, 'title', { name: grant.client_name })
  const may = WORKERS.includes(user.role) && grant.revoked_at === null
  const body = html`${pageHeading(title)}${doneNotice(call, { revoked: words(language, 'done-revoked') })}
${definitionList(facts(call, grant))}${
  may
    ? html`<div class="buttons pager">${linkButton(`/console/grants/${grant.id}/revoke`, words(language, 'revoke'))}</div>`
    : ''
}`
  return sendConsole(deps, call, { title, place: 'grants', body })
}

async function askRevoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const grant = await one(deps, call)
  if (grant.revoked_at !== null) throw new PageProblem('not-found')
  return sendForm(deps, call, {
    title: words(language, 'revoke-title', { name: grant.client_name }),
    place: 'grants',
    path: `/grants/${grant.id}/revoke`,
    back: `/grants/${grant.id}`,
    facts: facts(call, grant),
    effects: [words(language, 'revoke-effect'), words(language, 'revoke-tokens'), words(language, 'revoke-again')],
    submit: words(language, 'revoke'),
    danger: true,
    password: true,
  })
}

async function revoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const grant = await one(deps, call)
  call.note({ client: grant.client_id, owner: grant.party_id })
  // This process knows of it as the others do, within 5 s: the console has no way to the wallet routes' memory.
  const oauth = { consents: { forget: () => {} } }
  await revokeConsent({ ...deps, oauth }, { id: grant.id, partyId: grant.party_id })
  return goTo(call, `/grants/${grant.id}?done=revoked`)
}

export const grantRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/grants', who: EVERYONE, handle: showList },
  {
    method: 'get',
    path: '/grants.csv',
    who: EVERYONE,
    async handle(deps, call) {
      const read = await reader(deps, call)
      const named = call.user.role === 'operator'
      return sendCsv(call, {
        name: 'grants',
        header: [
          'id',
          'client',
          ...(named ? ['party'] : []),
          'scopes',
          'wallets',
          'granted_at',
          'last_used_at',
          'expires_at',
          'revoked_at',
        ],
        read: (after) => read(after, 1_000),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.client_id,
          ...(named ? [row.party_id] : []),
          row.scopes.join(' '),
          row.wallets.join(' '),
          row.granted_at.toISOString(),
          row.last_used_at?.toISOString() ?? null,
          row.expires_at?.toISOString() ?? null,
          row.revoked_at?.toISOString() ?? null,
        ],
      })
    },
  },
  { method: 'get', path: '/grants/:id', who: EVERYONE, handle: show },
  { method: 'get', path: '/grants/:id/revoke', who: WORKERS, handle: askRevoke },
  { method: 'post', path: '/grants/:id/revoke', who: WORKERS, act: 'grant.revoke', dangerous: true, handle: revoke },
]
