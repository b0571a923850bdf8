import { html } from 'hono/html'
import { createJackpotAccount } from '../../../operations/jackpot/jackpot-account.ts'
import { type JackpotListing, searchJackpotAccounts } from '../../../storage/jackpot-listings.ts'
import { type Column, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, errorOf, ownParty, type Refused, sendForm, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { readSettings, SETTING_NAMES, settingFields } from './settings.ts'
import { jackpotWords as words } from './words.ts'

export const jackpotMark = (disabled: Date | null, language: Language): Markup =>
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
  { label: words(language, 'state'), cell: ({ disabled_at: at }) => jackpotMark(at, language) },
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
    password: true,
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

export const jackpotListRoutes: readonly ConsoleRoute[] = [
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
  {
    method: 'post',
    path: '/jackpot-accounts/new',
    who: OPERATORS,
    act: 'jackpot-account.create',
    dangerous: true,
    handle: add,
  },
]
