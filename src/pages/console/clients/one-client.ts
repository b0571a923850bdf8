import { html } from 'hono/html'
import { changeClient } from '../../../operations/change-client.ts'
import { disableClient } from '../../../operations/disable-client.ts'
import { rotateClientSecret } from '../../../operations/rotate-client-secret.ts'
import { rotateSigningSecret } from '../../../operations/rotate-signing-secret.ts'
import { showSigningSecret } from '../../../operations/show-signing-secret.ts'
import { type ClientRecord, findClientRecord, searchGrants } from '../../../storage/access-listings.ts'
import { listOwnWalletsPage } from '../../../storage/directory-listings.ts'
import { definitionList, emptyState, linkButton, pageHeading, section } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { PageProblem } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { attempt, doneNotice, found, goTo, linesOf, type Refused, requireOwn, sendForm } from '../act-form.ts'
import { compromisedLink } from '../compromise/link.ts'
import { sendConsole } from '../frame.ts'
import { grantTable } from '../grants/grants.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { secretWarnings, sendSecrets } from '../secrets.ts'
import { clientMark, redirectionFields } from './clients.ts'
import { clientWords as words } from './words.ts'

const KEEPERS: readonly Role[] = ['operator', 'owner']
const SHOWN = 5

async function one(deps: ConsoleDeps, call: ConsoleCall): Promise<ClientRecord> {
  const client = await found(findClientRecord(deps.db, call.param('id')))
  requireOwn(call, client.party_id)
  return client
}

/** One that has secrets. */
async function confidential(deps: ConsoleDeps, call: ConsoleCall): Promise<ClientRecord> {
  const client = await one(deps, call)
  if (client.public) throw new PageProblem('not-found')
  return client
}

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const client = await one(deps, call)
  const { id } = client
  const [grants, wallets] = await Promise.all([
    searchGrants(deps.db, { clientId: id, live: true, limit: SHOWN }),
    listOwnWalletsPage(deps.db, { partyId: client.party_id, limit: SHOWN + 1 }),
  ])
  const path = `/console/clients/${id}`
  const keeps = KEEPERS.includes(user.role) && client.disabled_at === null
  const compromised = compromisedLink(language, 'client', id)
  const ofSecrets = client.public
    ? ''
    : html`${linkButton(`${path}/rotate-secret`, words(language, 'rotate-secret'))}${linkButton(
        `${path}/rotate-signing-secret`,
        words(language, 'rotate-signing'),
      )}${linkButton(`${path}/signing-secret`, words(language, 'show-signing'))}`
  const buttons = html`<div class="buttons">${linkButton(`${path}/edit`, words(language, 'edit'))}${ofSecrets}${compromised}${linkButton(
    `${path}/disable`,
    words(language, 'disable'),
  )}</div>`
  const body = html`${pageHeading(client.name, { sub: clientMark(client, language) })}${doneNotice(call, {
    saved: words(language, 'done-saved'),
    disabled: words(language, 'done-disabled'),
    made: words(language, 'made-public'),
  })}
${definitionList([
  [words(language, 'id'), html`<code>${id}</code>`],
  [words(language, 'party'), html`${client.party_name} <code>${client.party_id}</code>`],
  [words(language, 'kind'), words(language, client.public ? 'public' : 'confidential')],
  [words(language, 'scopes'), html`<code>${client.scopes.join(' ')}</code>`],
  [words(language, 'uris'), lines(client.redirect_uris)],
  [words(language, 'implicit'), words(language, client.implicit ? 'on' : 'off')],
  [words(language, 'created'), formatTime(client.created_at, language)],
  [words(language, 'used'), client.last_used_at ? formatTime(client.last_used_at, language) : words(language, 'never')],
  ...(client.disabled_at ? [[words(language, 'disabled'), formatTime(client.disabled_at, language)] as const] : []),
])}${keeps ? buttons : ''}
${section(
  'wallets',
  words(language, 'wallets'),
  wallets.length === 0
    ? emptyState(words(language, 'no-wallets'))
    : html`<ul class="plain-list">${wallets.map(({ explicit_id: wallet }, index) => (index < SHOWN ? html`<li><code>${wallet}</code></li>` : html`<li>…</li>`))}</ul>`,
  { sub: words(language, 'wallets-sub') },
)}
${section('grants', words(language, 'grants'), grantTable(call, grants, { client: false, more: linkButton(`/console/grants?client=${id}`, words(language, 'all-grants')) }))}
${client.public ? '' : secretWarnings(language)}`
  return sendConsole(deps, call, { title: client.name, place: 'clients', body })
}

const lines = (texts: readonly string[]): Markup =>
  html`${texts.length === 0 ? '—' : html`<ul class="plain-list">${texts.map((text) => html`<li>${text}</li>`)}</ul>`}`

async function askEdit(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const client = await one(deps, call)
  const { language, form } = call
  const values =
    form.size > 0
      ? { uris: form.get('redirect_uris') ?? '', implicit: form.has('implicit') }
      : { uris: client.redirect_uris.join('\n'), implicit: client.implicit }
  return sendForm(deps, call, {
    title: words(language, 'edit-title'),
    sub: client.name,
    place: 'clients',
    path: `/clients/${client.id}/edit`,
    back: `/clients/${client.id}`,
    fields: redirectionFields(call, values, refusal),
    names: ['redirect_uris', 'implicit'],
    // Where people's codes are sent.
    password: true,
    submit: words(language, 'edit'),
    refusal,
  })
}

async function edit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  const change = { redirectUris: linesOf(call.form.get('redirect_uris')), implicit: call.form.has('implicit') }
  const tried = await attempt(() => changeClient(deps, id, change))
  if (!tried.done) return askEdit(deps, call, tried.refusal)
  call.note({ redirect_uris: change.redirectUris.join(' '), implicit: change.implicit })
  return goTo(call, `/clients/${id}?done=saved`)
}

type Key = Parameters<typeof words>[1]

/** The page that asks before one of the dangerous acts. */
const ask =
  (name: string, title: Key, effects: readonly Key[], of = confidential) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const { language } = call
    const { id, name: client } = await of(deps, call)
    return sendForm(deps, call, {
      title: words(language, title),
      sub: html`${client} <code>${id}</code>`,
      place: 'clients',
      path: `/clients/${id}/${name}`,
      back: `/clients/${id}`,
      effects: effects.map((effect) => words(language, effect)),
      submit: words(language, title),
      danger: true,
      password: true,
    })
  }

/** Answers one of them with a secret. */
const reveal =
  (title: Key, label: 'secret' | 'signing', again: boolean, work: (deps: ConsoleDeps, id: string) => Promise<string>) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const { language } = call
    const { id, name } = await confidential(deps, call)
    const value = await work(deps, id)
    return sendSecrets(deps, call, {
      title: words(language, title),
      sub: html`${name} <code>${id}</code>`,
      place: 'clients',
      back: `/clients/${id}`,
      again,
      secrets: [{ label: words(language, label), hint: words(language, `${label}-hint`), value }],
    })
  }

async function disable(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  await disableClient(deps, { id })
  return goTo(call, `/clients/${id}?done=disabled`)
}

const path = '/clients/:id'
export const oneClientRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path, who: EVERYONE, handle: show },
  { method: 'get', path: `${path}/edit`, who: KEEPERS, handle: (deps, call) => askEdit(deps, call) },
  { method: 'post', path: `${path}/edit`, who: KEEPERS, act: 'client.edit', dangerous: true, handle: edit },
  {
    method: 'get',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    handle: ask('rotate-secret', 'rotate-secret', ['rotate-secret-effect', 'rotate-secret-tokens']),
  },
  {
    method: 'post',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    act: 'client.rotate-secret',
    dangerous: true,
    handle: reveal(
      'rotate-secret',
      'secret',
      false,
      async (deps, id) => (await rotateClientSecret(deps, { id })).clientSecret,
    ),
  },
  {
    method: 'get',
    path: `${path}/rotate-signing-secret`,
    who: KEEPERS,
    handle: ask('rotate-signing-secret', 'rotate-signing', ['rotate-signing-effect']),
  },
  {
    method: 'post',
    path: `${path}/rotate-signing-secret`,
    who: KEEPERS,
    act: 'client.rotate-signing-secret',
    dangerous: true,
    handle: reveal(
      'rotate-signing',
      'signing',
      true,
      async (deps, id) => (await rotateSigningSecret(deps, { id })).signingSecret,
    ),
  },
  {
    method: 'get',
    path: `${path}/signing-secret`,
    who: KEEPERS,
    handle: ask('signing-secret', 'show-signing', ['show-signing-effect']),
  },
  {
    method: 'post',
    path: `${path}/signing-secret`,
    who: KEEPERS,
    act: 'client.show-signing-secret',
    dangerous: true,
    handle: reveal('show-signing', 'signing', true, (deps, id) => showSigningSecret(deps, { id })),
  },
  {
    method: 'get',
    path: `${path}/disable`,
    who: KEEPERS,
    handle: ask('disable', 'disable', ['disable-effect', 'disable-forever'], one),
  },
  { method: 'post', path: `${path}/disable`, who: KEEPERS, act: 'client.disable', dangerous: true, handle: disable },
]
