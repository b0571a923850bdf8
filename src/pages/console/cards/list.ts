import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { findCardByCode } from '../../../operations/gift-cards/find-card-by-code.ts'
import { type CardListing, listCards } from '../../../storage/card-listings.ts'
import { button, type Column, emptyState, field, pageHeading, section, select } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import { goTo } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { attempt, type Problem, wrongInput } from '../gift-forms.ts'
import { anyOf, link, masked, oneOf, statusTag, uuidAfter } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { cardText as text } from './words.ts'

const STATUSES = ['active', 'blocked', 'ended'] as const

function read(deps: ConsoleDeps, { query }: ConsoleCall, before: string | undefined, limit: number) {
  const filter = {
    // As the mask shows it, or without its dots.
    tail: filterOf(query, 'tail')?.replaceAll(/[•.\s-]/g, ''),
    status: oneOf(query, 'status', STATUSES),
  }
  return listCards(deps.db, filter, { before, limit })
}

async function listPage(deps: ConsoleDeps, call: ConsoleCall, problem: Problem | null) {
  const { language, query, c } = call
  const rows = await read(deps, call, uuidAfter(query), PAGE_ROWS + 1)
  const money = (row: CardListing, minor: bigint | null) =>
    minor === null ? '' : formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
  const columns: Column<CardListing>[] = [
    { label: giftText(language, 'card'), cell: ({ id, tail }) => link(`/cards/${id}`, masked(tail)) },
    { label: giftText(language, 'brand'), cell: ({ brand }) => brand },
    { label: giftText(language, 'value'), numeric: true, cell: (row) => money(row, row.face) },
    { label: giftText(language, 'balance'), numeric: true, cell: (row) => money(row, row.balance) },
    { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
    { label: text(language, 'issued'), cell: ({ issued_at: at }) => formatTime(at, language) },
  ]
  const fields = html`${field({
    name: 'tail',
    label: text(language, 'tail'),
    required: false,
    value: query.get('tail') ?? '',
    spellcheck: false,
  })}${select({
    name: 'status',
    label: giftText(language, 'status'),
    value: query.get('status') ?? '',
    choices: anyOf(language, STATUSES),
  })}`
  const list = consoleList(call, {
    path: '/cards',
    caption: text(language, 'title'),
    columns,
    rows,
    cursor: ({ id }) => id,
    filters: { fields, names: ['tail', 'status'] },
    csv: true,
    empty: emptyState(text(language, 'empty')),
  })
  const find = html`<form class="filters" method="post" action="/console/cards/find">${csrfField(c)}${field({
    name: 'code',
    label: text(language, 'code'),
    autocomplete: 'off',
    spellcheck: false,
    maxlength: 2000,
    ...(problem && { error: problem.text }),
  })}<div class="buttons">${button({ label: text(language, 'find-submit') })}</div></form>`
  const title = text(language, 'title')
  const body = html`${pageHeading(title, { sub: text(language, 'sub') })}${section(
    'find',
    text(language, 'find-title'),
    find,
    {
      sub: text(language, 'find-sub'),
    },
  )}${list}`
  return sendConsole(deps, call, { title, place: 'cards', body, ...(problem && { status: 422 }) })
}

export const cardListRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/cards', who: OPERATORS, handle: async (deps, call) => listPage(deps, call, null) },
  {
    method: 'get',
    path: '/cards.csv',
    who: OPERATORS,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'cards',
        header: [
          'id',
          'order_id',
          'code',
          'brand',
          'currency',
          'value',
          'balance',
          'status',
          'issued_at',
          'expires_at',
        ],
        read: (before) => read(deps, call, before, 1_000),
        cursor: ({ id }) => id,
        line: (row) => [
          row.id,
          row.order_id,
          `••••${row.tail}`,
          row.brand,
          row.currency,
          formatAmount(row.face, row.exponent),
          row.balance === null ? null : formatAmount(row.balance, row.exponent),
          row.status,
          row.issued_at.toISOString(),
          row.expires_at?.toISOString() ?? null,
        ],
      }),
  },
  {
    method: 'post',
    path: '/cards/find',
    who: OPERATORS,
    act: 'card.find',
    async handle(deps, call) {
      const code = call.form.get('code')?.trim() ?? ''
      if (/[•*]/.test(code)) return listPage(deps, call, wrongInput('code', text(call.language, 'not-masked')))
      const card = await attempt({ ...call, form: new Map([['code', '']]) }, () => findCardByCode(deps.gift, code))
      if (!card.done) return listPage(deps, call, card.problem)
      call.note({ card: card.value.id })
      return goTo(call, `/cards/${card.value.id}`)
    },
  },
]
