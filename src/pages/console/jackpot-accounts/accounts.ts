import { html } from 'hono/html'
import type { AccountInput } from '../../../operations/jackpot/account-input.ts'
import {
  changeJackpotAccount,
  createJackpotAccount,
  requireJackpotAccount,
  rotateClientSecretOf,
} from '../../../operations/jackpot/jackpot-account.ts'
import type { JackpotAccount } from '../../../storage/jackpot-accounts.ts'
import { type JackpotListing, searchJackpotAccounts } from '../../../storage/jackpot-listings.ts'
import { type Column, definitionList, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import {
  attempt,
  doneNotice,
  errorOf,
  found,
  goTo,
  linesOf,
  ownParty,
  type Refused,
  requireOwn,
  sendForm,
  textOf,
} from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS, type Role } from '../route.ts'
import { secretWarnings, sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { jackpotWords as words } from './words.ts'

const KEEPERS: readonly Role[] = ['operator', 'owner']
const SETTING_NAMES = ['allowed_domains', 'notification_url', 'callback_url']

const mark = (disabled: Date | null, language: Language): Markup =>
  html`<span class="tag ${disabled ? 'bad' : 'good'}">${words(language, disabled ? 'disabled' : 'active')}</span>`

const columns = ({ language, user }: ConsoleCall): Column<JackpotListing>[] => [
  {
    label: words(language, 'partner'),
    cell: (row) => html`<a href="/console/jackpot-accounts/${row.partner_id}">${row.slug}</a>`,
  },
  { label: words(language, 'currency'), cell: ({ currency }) => currency },
  ...(user.role === 'operator'
    ? [{ label: words(language, 'party'), cell: ({ party_name: name }: JackpotListing) => name }]
    : []),
  { label: words(language, 'domains'), cell: (row) => row.allowed_domains.join(', ') },
  { label: words(language, 'confirmation'), cell: ({ confirmation }) => words(language, confirmation) },
  { label: words(language, 'state'), cell: ({ disabled_at: at }) => mark(at, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const operator = user.role === 'operator'
  const add = operator ? linkButton('/console/jackpot-accounts/new', words(language, 'add'), 'primary') : undefined
  const list = consoleList(call, {
    path: '/jackpot-accounts',
    caption: words(language, 'accounts'),
    columns: columns(call),
    rows: await searchJackpotAccounts(deps.db, {
      partyId: ownParty(call),
      partner: filterOf(query, 'partner'),
      after: uuidFilter(query, 'after'),
      limit: PAGE_ROWS + 1,
    }),
    cursor: (row) => row.partner_id,
    filters: {
      fields: field({
        name: 'partner',
        label: words(language, 'partner-begins'),
        required: false,
        value: query.get('partner') ?? '',
      }),
      names: ['partner'],
    },
    csv: true,
    empty: emptyState(words(language, operator ? 'none' : 'none-own'), add),
  })
  const body = html`${pageHeading(words(language, 'accounts'), { sub: words(language, 'sub'), ...(add && { actions: add }) })}${list}`
  return sendConsole(deps, call, { title: words(language, 'accounts'), place: 'jackpot-accounts', body })
}

const readSettings = ({ form }: ConsoleCall): Required<AccountInput> => ({
  allowedDomains: linesOf(form.get('allowed_domains')?.toLowerCase()),
  notificationUrl: textOf(form, 'notification_url') ?? null,
  confirmation: form.get('confirmation') === 'automatic' ? 'automatic' : 'manual',
  callbackUrl: textOf(form, 'callback_url') ?? null,
})

function settingFields(call: ConsoleCall, account: JackpotAccount | null, refusal: Refused | null): Markup {
  const { language, form } = call
  const text = (
    name: string,
    label: Parameters<typeof words>[1],
    hint: Parameters<typeof words>[1],
    before: string,
    rows?: number,
  ) =>
    field({
      name,
      label: words(language, label),
      hint: words(language, hint),
      required: false,
      spellcheck: false,
      value: form.get(name) ?? before,
      error: errorOf(call, refusal, name),
      ...(rows !== undefined && { rows }),
    })
  return html`${text('allowed_domains', 'domains', 'domains-hint', account?.allowedDomains.join('\n') ?? '', 4)}${text(
    'notification_url',
    'notify',
    'notify-hint',
    account?.notificationUrl ?? '',
  )}${select({
    name: 'confirmation',
    label: words(language, 'confirmation'),
    value: form.get('confirmation') ?? account?.confirmation ?? 'manual',
    choices: (['manual', 'automatic'] as const).map((value) => ({ value, label: words(language, value) })),
  })}${text('callback_url', 'callback', 'callback-hint', account?.callbackUrl ?? '')}`
}

function askNew(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null) {
  const { language, form, query } = call
  return sendForm(deps, call, {
    title: words(language, 'add'),
    place: 'jackpot-accounts',
    path: '/jackpot-accounts/new',
    back: '/jackpot-accounts',
    fields: html`${field({
      name: 'partner',
      label: words(language, 'partner'),
      hint: words(language, 'partner-hint'),
      value: form.get('partner') ?? query.get('partner') ?? '',
      error: errorOf(call, refusal, 'partner'),
    })}${field({
      name: 'currency',
      label: words(language, 'currency'),
      hint: words(language, 'currency-hint'),
      value: form.get('currency') ?? '',
      maxlength: 12,
      error: errorOf(call, refusal, 'currency'),
    })}${settingFields(call, null, refusal)}`,
    names: ['partner', 'currency', ...SETTING_NAMES],
    submit: words(language, 'add'),
    refusal,
  })
}

async function add(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, form } = call
  const input = {
    ...readSettings(call),
    partner: textOf(form, 'partner') ?? '',
    currency: textOf(form, 'currency')?.toUpperCase() ?? '',
  }
  const tried = await attempt(() => deps.db.transaction((db) => createJackpotAccount({ ...deps, db }, input)))
  if (!tried.done) return askNew(deps, call, tried.refusal)
  const made = tried.value
  call.note({ partner: made.partner.slug, credential: made.credentialId })
  return sendSecrets(deps, call, {
    title: words(language, 'made'),
    sub: made.partner.slug,
    place: 'jackpot-accounts',
    back: `/jackpot-accounts/${made.partner.id}`,
    secrets: [
      { label: words(language, 'api-key'), value: made.apiKey },
      { label: words(language, 'signature'), hint: words(language, 'signature-hint'), value: made.apiSignature },
      { label: words(language, 'client'), hint: words(language, 'client-hint'), value: made.clientSecret },
    ],
  })
}

async function one(deps: ConsoleDeps, call: ConsoleCall) {
  const known = await found(requireJackpotAccount(deps.db, call.param('id')))
  requireOwn(call, known.partner.partyId)
  return known
}

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const { partner, account } = await one(deps, call)
  const path = `/console/jackpot-accounts/${partner.id}`
  const buttons = html`<div class="buttons pager">${linkButton(`${path}/edit`, words(language, 'edit'))}${linkButton(
    `${path}/rotate-secret`,
    words(language, 'rotate'),
  )}${linkButton(`/console/compromise/answer/jackpot-account/${partner.id}`, words(language, 'compromised'))}</div>`
  const body = html`${pageHeading(partner.slug, { sub: mark(partner.disabledAt, language) })}${doneNotice(call, {
    saved: words(language, 'done-saved'),
  })}${definitionList([
    [words(language, 'currency'), account.asset.code],
    [words(language, 'domains'), account.allowedDomains.join(', ') || '—'],
    [words(language, 'notify'), account.notificationUrl ?? '—'],
    [words(language, 'confirmation'), words(language, account.confirmation)],
    [words(language, 'callback'), account.callbackUrl ?? '—'],
    [words(language, 'created'), formatTime(account.createdAt, language)],
    [words(language, 'updated'), formatTime(account.updatedAt, language)],
    [words(language, 'party'), html`<code>${partner.partyId}</code>`],
  ])}${KEEPERS.includes(user.role) && partner.disabledAt === null ? buttons : ''}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: partner.slug, place: 'jackpot-accounts', body })
}

async function askEdit(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language } = call
  const { partner, account } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'edit'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    path: `/jackpot-accounts/${partner.id}/edit`,
    back: `/jackpot-accounts/${partner.id}`,
    fields: settingFields(call, account, refusal),
    names: SETTING_NAMES,
    submit: words(language, 'edit'),
    refusal,
  })
}

async function edit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { partner } = await one(deps, call)
  const change = readSettings(call)
  const tried = await attempt(() => changeJackpotAccount(deps, partner.id, change))
  if (!tried.done) return askEdit(deps, call, tried.refusal)
  call.note({
    domains: change.allowedDomains.join(' '),
    notification_url: change.notificationUrl,
    confirmation: change.confirmation,
  })
  return goTo(call, `/jackpot-accounts/${partner.id}?done=saved`)
}

async function askRotate(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { partner } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'rotate'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    path: `/jackpot-accounts/${partner.id}/rotate-secret`,
    back: `/jackpot-accounts/${partner.id}`,
    effects: [words(language, 'rotate-effect'), words(language, 'rotate-sessions'), words(language, 'rotate-keys')],
    submit: words(language, 'rotate'),
    danger: true,
    password: true,
  })
}

async function rotate(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { partner } = await one(deps, call)
  const { clientSecret } = await deps.db.transaction((db) => rotateClientSecretOf({ db }, partner.id))
  return sendSecrets(deps, call, {
    title: words(language, 'rotate'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    back: `/jackpot-accounts/${partner.id}`,
    secrets: [{ label: words(language, 'client'), hint: words(language, 'client-hint'), value: clientSecret }],
  })
}

const path = '/jackpot-accounts/:id'
export const jackpotRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/jackpot-accounts', who: EVERYONE, handle: showList },
  {
    method: 'get',
    path: '/jackpot-accounts.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'jackpot-accounts',
        header: [
          'partner',
          'party',
          'currency',
          'allowed_domains',
          'notification_url',
          'confirmation',
          'created_at',
          'disabled_at',
        ],
        read: (after) =>
          searchJackpotAccounts(deps.db, {
            partyId: ownParty(call),
            partner: filterOf(call.query, 'partner'),
            after,
            limit: 1_000,
          }),
        cursor: (row) => row.partner_id,
        line: (row) => [
          row.slug,
          row.party_id,
          row.currency,
          row.allowed_domains.join(' '),
          row.notification_url,
          row.confirmation,
          row.created_at.toISOString(),
          row.disabled_at?.toISOString() ?? null,
        ],
      }),
  },
  { method: 'get', path: '/jackpot-accounts/new', who: OPERATORS, handle: async (deps, call) => askNew(deps, call) },
  { method: 'post', path: '/jackpot-accounts/new', who: OPERATORS, act: 'jackpot-account.create', handle: add },
  { method: 'get', path, who: EVERYONE, handle: show },
  { method: 'get', path: `${path}/edit`, who: KEEPERS, handle: (deps, call) => askEdit(deps, call) },
  { method: 'post', path: `${path}/edit`, who: KEEPERS, act: 'jackpot-account.edit', handle: edit },
  { method: 'get', path: `${path}/rotate-secret`, who: KEEPERS, handle: askRotate },
  {
    method: 'post',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    act: 'jackpot-account.rotate-secret',
    dangerous: true,
    handle: rotate,
  },
]
