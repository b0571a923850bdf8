import { html } from 'hono/html'
import { addVelocityRule } from '../../../operations/gift-cards/velocity-limits.ts'
import { isUuid } from '../../../operations/input.ts'
import {
  deleteVelocityRule,
  findVelocityRule,
  listVelocityRules,
  type VelocityListing,
  type VelocitySubject,
} from '../../../storage/velocity-rules.ts'
import { type Column, emptyState, field, linkButton, pageHeading } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import type { Language } from '../../messages.ts'
import { PageProblem } from '../../problem.ts'
import { doneNotice, goTo, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { attempt, choice, type FormState, freshForm, input, sendActForm, sentForm, wrongInput } from '../gift-forms.ts'
import { link, partnerFilter, uuidAfter } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, PAGE_ROWS } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { velocityText as text } from './words.ts'

const SUBJECTS = ['partner', 'card', 'recipient', 'address'] as const satisfies readonly VelocitySubject[]

function periodText(seconds: number, language: Language): string {
  if (seconds % 86_400 === 0) return text(language, 'days', { n: seconds / 86_400 })
  if (seconds % 3_600 === 0) return text(language, 'hours', { n: seconds / 3_600 })
  return text(language, 'seconds', { n: seconds })
}

const scopeText = ({ partner, brand }: VelocityListing, language: Language) =>
  [partner, brand].filter((name) => name !== null).join(' × ') || giftText(language, 'all')

const mostMoney = ({ max_amount: most, currency, exponent }: VelocityListing, language: Language) =>
  most === null || currency === null ? '' : formatMoney(most, { code: currency, exponent: exponent ?? 0 }, language)

async function visibleRule(deps: ConsoleDeps, call: ConsoleCall): Promise<VelocityListing> {
  const id = call.param('id')
  const rule = isUuid(id) ? await findVelocityRule(deps.db, id) : undefined
  if (!rule) throw new PageProblem('not-found')
  return rule
}

async function newPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const optional = (name: string, label: string, hint: string, inputmode?: 'numeric' | 'decimal') =>
    input(state, { name, label, hint, required: false, spellcheck: false, ...(inputmode && { inputmode }) })
  const fields = html`${choice(state, {
    name: 'subject',
    label: text(language, 'subject'),
    choices: SUBJECTS.map((value) => ({ value, label: text(language, `sub-${value}`) })),
  })}${optional('partner', giftText(language, 'partner'), text(language, 'partner-hint'))}${optional(
    'brand',
    giftText(language, 'brand'),
    text(language, 'brand-hint'),
  )}${input(state, {
    name: 'period',
    label: text(language, 'period-label'),
    hint: text(language, 'period-hint'),
    inputmode: 'numeric',
  })}${optional('max_count', text(language, 'count'), text(language, 'count-hint'), 'numeric')}${optional(
    'max_amount',
    text(language, 'most'),
    text(language, 'most-hint'),
    'decimal',
  )}${optional('currency', giftText(language, 'currency'), text(language, 'currency-hint'))}`
  return sendActForm(deps, call, {
    title: text(language, 'new'),
    sub: text(language, 'new-sub'),
    place: 'velocity',
    path: '/velocity/new',
    back: '/velocity',
    fields,
    names: ['subject', 'partner', 'brand', 'period', 'max_count', 'max_amount', 'currency'],
    submit: text(language, 'make'),
    state,
  })
}

/** @returns null when it is no whole number in the range */
function whole(value: string | undefined, most: number): number | null {
  const number = /^\d{1,10}$/.test(value ?? '') ? Number(value) : 0
  return number >= 1 && number <= most ? number : null
}

export const velocityRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/velocity',
    who: OPERATORS,
    async handle(deps, call) {
      const { language, query } = call
      const partnerId = await partnerFilter(deps, call)
      const rows =
        partnerId === null
          ? []
          : await listVelocityRules(deps.db, { partnerId, after: uuidAfter(query), limit: PAGE_ROWS + 1 })
      const columns: Column<VelocityListing>[] = [
        { label: text(language, 'scope'), cell: (row) => scopeText(row, language) },
        { label: text(language, 'subject'), cell: ({ subject }) => text(language, `sub-${subject}`) },
        { label: text(language, 'period'), cell: ({ period_seconds: s }) => periodText(s, language) },
        {
          label: text(language, 'count'),
          numeric: true,
          cell: ({ max_count: most }) => most?.toLocaleString(language) ?? '',
        },
        { label: text(language, 'most'), numeric: true, cell: (row) => mostMoney(row, language) },
        { label: '', cell: ({ id }) => link(`/velocity/${id}/remove`, text(language, 'remove')) },
      ]
      const make = linkButton('/console/velocity/new', text(language, 'new'), 'primary')
      const list = consoleList(call, {
        path: '/velocity',
        caption: text(language, 'title'),
        columns,
        rows,
        cursor: ({ id }) => id,
        filters: {
          fields: field({
            name: 'partner',
            label: giftText(language, 'partner'),
            required: false,
            value: query.get('partner') ?? '',
          }),
          names: ['partner'],
        },
        empty: emptyState(text(language, 'empty'), make),
      })
      const told = doneNotice(call, { made: text(language, 'done-made'), removed: text(language, 'done-removed') })
      const title = text(language, 'title')
      const body = html`${pageHeading(title, { sub: text(language, 'sub'), actions: make })}${told}${list}`
      return sendConsole(deps, call, { title, place: 'velocity', body })
    },
  },
  {
    method: 'get',
    path: '/velocity/new',
    who: OPERATORS,
    handle: async (deps, call) => newPage(deps, call, freshForm(call, { period: '86400' })),
  },
  {
    method: 'post',
    path: '/velocity/new',
    who: OPERATORS,
    act: 'velocity.create',
    async handle(deps, call) {
      const { form, language } = call
      const [partner, brand, count, maxAmount, currency] = [
        'partner',
        'brand',
        'max_count',
        'max_amount',
        'currency',
      ].map((name) => textOf(form, name))
      const wrong = (name: string) => newPage(deps, call, sentForm(call, wrongInput(name, text(language, 'number'))))
      const periodSeconds = whole(form.get('period')?.trim(), 31_622_400)
      if (periodSeconds === null) return wrong('period')
      const maxCount = count === undefined ? undefined : whole(count, 1_000_000_000)
      if (maxCount === null) return wrong('max_count')
      const made = await attempt(call, () =>
        deps.db.transaction((sql) =>
          addVelocityRule(
            { db: sql, clock: deps.clock },
            {
              subject: SUBJECTS.find((known) => known === form.get('subject')) ?? 'partner',
              periodSeconds,
              ...(partner !== undefined && { partner: partner.toLowerCase() }),
              ...(brand !== undefined && { brand: brand.toLowerCase() }),
              ...(maxCount !== undefined && { maxCount }),
              ...(maxAmount !== undefined && { maxAmount }),
              ...(currency !== undefined && { currency: currency.toUpperCase() }),
            },
          ),
        ),
      )
      if (!made.done) return newPage(deps, call, sentForm(call, made.problem))
      call.note({ rule: made.value.id, subject: made.value.subject, period: periodSeconds })
      return goTo(call, '/velocity?done=made')
    },
  },
  {
    method: 'get',
    path: '/velocity/:id/remove',
    who: OPERATORS,
    async handle(deps, call) {
      const { language } = call
      const rule = await visibleRule(deps, call)
      return sendActForm(deps, call, {
        title: text(language, 'remove-title'),
        place: 'velocity',
        path: `/velocity/${rule.id}/remove`,
        back: '/velocity',
        facts: [
          [text(language, 'scope'), scopeText(rule, language)],
          [text(language, 'subject'), text(language, `sub-${rule.subject}`)],
          [text(language, 'period'), periodText(rule.period_seconds, language)],
          [text(language, 'count'), rule.max_count?.toString() ?? '—'],
          [text(language, 'most'), mostMoney(rule, language) || '—'],
        ],
        effects: [text(language, 'remove-effect')],
        danger: true,
        password: true,
        names: [],
        submit: text(language, 'remove-submit'),
        state: freshForm(call),
      })
    },
  },
  {
    method: 'post',
    path: '/velocity/:id/remove',
    who: OPERATORS,
    act: 'velocity.remove',
    dangerous: true,
    async handle(deps, call) {
      const rule = await visibleRule(deps, call)
      call.note({ scope: scopeText(rule, 'en'), subject: rule.subject, period: rule.period_seconds })
      await deleteVelocityRule(deps.db, rule.id)
      return goTo(call, '/velocity?done=removed')
    },
  },
]
