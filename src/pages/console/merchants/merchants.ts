import { html } from 'hono/html'
import { createMerchant } from '../../../operations/purchases/create-merchant.ts'
import { type MerchantListing, searchMerchants } from '../../../storage/purchase-listings.ts'
import { type Column, checkbox, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, errorOf, ownParty, type Refused, sendForm, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { readSettings, SETTING_NAMES, settingFields } from './merchant-form.ts'
import { merchantWords as words } from './words.ts'

export const merchantMark = (disabled: Date | null, language: Language): Markup =>
  html`<span class="tag ${disabled ? 'bad' : 'good'}">${words(language, disabled ? 'disabled' : 'active')}</span>`

const search = (call: ConsoleCall, after: string | undefined, limit: number) => ({
  partyId: ownParty(call) ?? uuidFilter(call.query, 'party'),
  name: filterOf(call.query, 'name'),
  after,
  limit,
})

const columns = ({ language, user }: ConsoleCall): Column<MerchantListing>[] => [
  { label: words(language, 'name'), cell: ({ id, name }) => html`<a href="/console/merchants/${id}">${name}</a>` },
  { label: words(language, 'wallet'), cell: ({ wallet }) => html`<code>${wallet}</code>` },
  ...(user.role === 'operator'
    ? [{ label: words(language, 'party'), cell: ({ party_name: name }: MerchantListing) => name }]
    : []),
  { label: words(language, 'plans'), cell: ({ plans }) => plans.join(', ') },
  { label: words(language, 'state'), cell: ({ disabled_at: at }) => merchantMark(at, language) },
  { label: words(language, 'created'), cell: ({ created_at: at }) => formatTime(at, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const operator = user.role === 'operator'
  const add = operator ? linkButton('/console/merchants/new', words(language, 'add'), 'primary') : undefined
  const text = (name: 'name' | 'party', label: 'name-begins' | 'party') =>
    field({ name, label: words(language, label), required: false, value: query.get(name) ?? '' })
  const list = consoleList(call, {
    path: '/merchants',
    caption: words(language, 'merchants'),
    columns: columns(call),
    rows: await searchMerchants(deps.db, search(call, uuidFilter(query, 'after'), PAGE_ROWS + 1)),
    cursor: ({ id }) => id,
    filters: {
      fields: html`${text('name', 'name-begins')}${operator ? text('party', 'party') : ''}`,
      names: operator ? ['name', 'party'] : ['name'],
    },
    csv: true,
    empty: emptyState(words(language, operator ? 'none' : 'none-own'), add),
  })
  const body = html`${pageHeading(words(language, 'merchants'), { sub: words(language, 'sub'), ...(add && { actions: add }) })}${list}`
  return sendConsole(deps, call, { title: words(language, 'merchants'), place: 'merchants', body })
}

const WALLETS = [
  ['wallet', true],
  ['financing', false],
  ['fees', false],
  ['company', false],
] as const

function askNew(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null) {
  const { language, form, query } = call
  const party = field({
    name: 'party_id',
    label: words(language, 'party'),
    hint: words(language, 'party-hint'),
    value: form.get('party_id') ?? query.get('party') ?? '',
    error: errorOf(call, refusal, 'party_id'),
  })
  const wallets = WALLETS.map(([name, required]) =>
    field({
      name,
      label: words(language, name),
      hint: words(language, `${name}-hint`),
      required,
      spellcheck: false,
      value: form.get(name) ?? '',
      error: errorOf(call, refusal, name),
    }),
  )
  return sendForm(deps, call, {
    title: words(language, 'add'),
    place: 'merchants',
    path: '/merchants/new',
    back: '/merchants',
    fields: html`${party}${wallets}${checkbox({
      name: 'plan_now',
      label: words(language, 'plan-now'),
      checked: form.size === 0 || form.has('plan_now'),
    })}${settingFields(call, null, refusal)}`,
    names: ['party_id', ...WALLETS.map(([name]) => name), ...SETTING_NAMES],
    submit: words(language, 'add'),
    password: true,
    refusal,
  })
}

async function add(deps: ConsoleDeps, call: ConsoleCall) {
  const { language, form } = call
  const { paymentNotificationUrl, errorNotificationUrl, ...settings } = readSettings(call)
  const beside = Object.fromEntries(
    ['company', 'financing', 'fees'].flatMap((name) => {
      const id = textOf(form, name)
      return id === undefined ? [] : [[name, id]]
    }),
  )
  const input = {
    ...settings,
    ...(paymentNotificationUrl !== null && { paymentNotificationUrl }),
    ...(errorNotificationUrl !== null && { errorNotificationUrl }),
    ...beside,
    partyId: textOf(form, 'party_id') ?? '',
    wallet: textOf(form, 'wallet') ?? '',
    plans: form.has('plan_now') ? [{ name: 'now', kind: 'now' as const }] : [],
  }
  const tried = await attempt(() => deps.db.transaction((db) => createMerchant({ ...deps, db }, input)))
  if (!tried.done) return askNew(deps, call, tried.refusal)
  const { merchant, secret } = tried.value
  call.note({ merchant: merchant.uid, party: input.partyId, wallet: input.wallet })
  return sendSecrets(deps, call, {
    title: words(language, 'made'),
    sub: html`${merchant.name} <code>${merchant.uid}</code>`,
    place: 'merchants',
    back: `/merchants/${merchant.id}`,
    again: true,
    secrets: [{ label: words(language, 'secret'), hint: words(language, 'secret-hint'), value: secret }],
  })
}

export const merchantListRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/merchants', who: EVERYONE, handle: showList },
  {
    method: 'get',
    path: '/merchants.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'merchants',
        header: ['uid', 'name', 'party', 'wallet', 'plans', 'created_at', 'disabled_at'],
        read: (after) => searchMerchants(deps.db, search(call, after, 1_000)),
        cursor: ({ id }) => id,
        line: (row) => [
          row.uid,
          row.name,
          row.party_id,
          row.wallet,
          row.plans.join(' '),
          row.created_at.toISOString(),
          row.disabled_at?.toISOString() ?? null,
        ],
      }),
  },
  { method: 'get', path: '/merchants/new', who: OPERATORS, handle: async (deps, call) => askNew(deps, call) },
  { method: 'post', path: '/merchants/new', who: OPERATORS, act: 'merchant.create', dangerous: true, handle: add },
]
