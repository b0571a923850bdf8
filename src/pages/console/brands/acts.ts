import { html } from 'hono/html'
import { changeBrand } from '../../../operations/gift-cards/change-brand.ts'
import { openBrand } from '../../../operations/gift-cards/open-brand.ts'
import { requireBrand } from '../../../operations/gift-cards/require-brand.ts'
import { type Brand, type CodeScheme, listBrandCodes } from '../../../storage/brands.ts'
import { found, goTo, textOf } from '../act-form.ts'
import { BUSINESS_FIELDS, businessFields, businessOf, madeForm } from '../business-field.ts'
import {
  attempt,
  choice,
  type FormState,
  freshForm,
  input,
  type Problem,
  sendActForm,
  sentForm,
  wrongInput,
} from '../gift-forms.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { MONEY_FIELDS, readTerms, TERM_FIELDS, termFields, termsOf } from './form.ts'
import { BRAND_STATUSES } from './list.ts'
import { brandText as text } from './words.ts'

/** Brands that are made here; one that is bought elsewhere comes with credentials of its vendor's. */
const SUPPLIES = ['own', 'stock'] as const

/** An operation speaks of `values` and `codes`; the form has fields for their parts. */
function placed(problem: Problem, form: ReadonlyMap<string, string>): Problem {
  if (problem.field === 'values' && form.get('values_type') !== 'fixed') return { ...problem, field: 'min' }
  return problem.field === 'codes' ? { ...problem, field: codeFieldOf(problem) } : problem
}

const codeFieldOf = ({ refusal }: Problem) =>
  `code_${/^(walleo|tillo|jackpot)\b/.exec(refusal.message)?.[1] ?? 'walleo'}`

async function newPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const fields = html`${input(state, {
    name: 'slug',
    label: text(language, 'slug'),
    hint: text(language, 'slug-hint'),
    pattern: '[a-z0-9][a-z0-9\\-]{0,63}',
    maxlength: 64,
    spellcheck: false,
  })}${businessFields(call, state)}${input(state, {
    name: 'currency',
    label: giftText(language, 'currency'),
    hint: text(language, 'currency-hint'),
    maxlength: 12,
    spellcheck: false,
  })}${input(state, {
    name: 'circle',
    label: giftText(language, 'circle'),
    hint: text(language, 'circle-hint'),
    required: false,
    spellcheck: false,
  })}${choice(state, {
    name: 'supply',
    label: text(language, 'supply'),
    hint: text(language, 'supply-hint'),
    choices: SUPPLIES.map((value) => ({ value, label: giftText(language, `su-${value}`) })),
  })}${termFields(language, state)}`
  return sendActForm(deps, call, {
    title: text(language, 'new'),
    sub: text(language, 'new-sub'),
    place: 'brands',
    path: '/brands/new',
    back: '/brands',
    effects: [text(language, 'terms-effect')],
    password: true,
    fields,
    names: ['slug', ...BUSINESS_FIELDS, 'currency', 'circle', 'supply', ...TERM_FIELDS],
    submit: text(language, 'make'),
    state,
  })
}

async function currentTerms(deps: ConsoleDeps, brand: Brand): Promise<Record<string, string>> {
  const codes = await listBrandCodes(deps.db, [brand.id])
  return termsOf(brand, Object.fromEntries(codes.map(({ scheme, code }) => [scheme, code])))
}

/** Whether a form changes what a card costs, is worth and for how long, whether its price returns, or which card a code sells. */
async function movesMoney(deps: ConsoleDeps, call: ConsoleCall): Promise<boolean> {
  const brand = await found(requireBrand(deps.db, call.param('id')))
  const current = await currentTerms(deps, brand)
  return MONEY_FIELDS.some((name) => (call.form.get(name) ?? '').trim() !== (current[name] ?? ''))
}

async function editPage(deps: ConsoleDeps, call: ConsoleCall, filled?: FormState) {
  const { language } = call
  const brand = await found(requireBrand(deps.db, call.param('id')))
  const state = filled ?? freshForm(call, await currentTerms(deps, brand))
  return sendActForm(deps, call, {
    title: text(language, 'edit-title'),
    sub: text(language, 'edit-sub'),
    place: 'brands',
    path: `/brands/${brand.id}/edit`,
    back: `/brands/${brand.id}`,
    facts: [
      [text(language, 'slug'), brand.slug],
      [giftText(language, 'currency'), brand.asset.code],
    ],
    effects: [text(language, 'terms-effect')],
    password: text(language, 'edit-password'),
    fields: termFields(language, state),
    names: TERM_FIELDS,
    submit: giftText(language, 'save'),
    state,
  })
}

async function statusPage(deps: ConsoleDeps, call: ConsoleCall, filled?: FormState) {
  const { language } = call
  const brand = await found(requireBrand(deps.db, call.param('id')))
  const state = filled ?? freshForm(call, { status: brand.status, reason: brand.statusReason ?? '' })
  return sendActForm(deps, call, {
    title: text(language, 'status-title'),
    sub: text(language, 'status-sub'),
    place: 'brands',
    path: `/brands/${brand.id}/status`,
    back: `/brands/${brand.id}`,
    facts: [[giftText(language, 'brand'), brand.name]],
    fields: html`${choice(state, {
      name: 'status',
      label: giftText(language, 'status'),
      choices: BRAND_STATUSES.map((value) => ({ value, label: text(language, `status-${value}`) })),
    })}${input(state, {
      name: 'reason',
      label: giftText(language, 'reason'),
      hint: text(language, 'status-reason-hint'),
      required: false,
      maxlength: 200,
    })}`,
    names: ['status', 'reason'],
    password: text(language, 'status-password'),
    submit: text(language, 'status-submit'),
    state,
  })
}

/** Those that are named: a new brand has no others to take away. */
const namedCodes = (codes: Record<CodeScheme, string | null>): Partial<Record<CodeScheme, string>> =>
  Object.fromEntries(Object.entries(codes).filter((entry): entry is [string, string] => entry[1] !== null))

export const brandActRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/brands/new',
    who: OPERATORS,
    handle: async (deps, call) =>
      newPage(
        deps,
        call,
        freshForm(call, {
          party_id: call.query.get('party')?.slice(0, 36) ?? '',
          values_type: 'range',
          discount: '0',
          barcode: 'code128',
          delivery_code: 'yes',
        }),
      ),
  },
  {
    method: 'post',
    path: '/brands/new',
    who: OPERATORS,
    act: 'brand.create',
    dangerous: true,
    async handle(deps, call) {
      const { form, language, actor } = call
      const read = readTerms(language, form)
      if ('problem' in read) return newPage(deps, call, sentForm(call, read.problem))
      const slug = form.get('slug')?.trim() ?? ''
      const circle = textOf(form, 'circle')
      call.note({ slug })
      const texts = Object.fromEntries(Object.entries(read.terms.texts ?? {}).filter(([, value]) => value !== null))
      const business = await businessOf(deps, call)
      if ('problem' in business) return newPage(deps, call, sentForm(call, business.problem))
      const made = await attempt(call, () =>
        openBrand(deps, actor, {
          ...read.terms,
          ...business,
          texts,
          slug,
          currency: form.get('currency')?.trim().toUpperCase() ?? '',
          ...(circle !== undefined && { circle }),
          supply: SUPPLIES.find((known) => known === form.get('supply')) ?? 'own',
          codes: namedCodes(read.codes),
        }),
      )
      if (!made.done) return newPage(deps, call, madeForm(call, business.partyId, placed(made.problem, form)))
      const done = made.value.supply === 'stock' ? 'made-stock' : 'made'
      return goTo(call, `/brands/${made.value.id}?done=${done}`)
    },
  },
  {
    method: 'get',
    path: '/brands/:id/edit',
    who: OPERATORS,
    handle: async (deps, call) => editPage(deps, call),
  },
  {
    method: 'post',
    path: '/brands/:id/edit',
    who: OPERATORS,
    act: 'brand.edit',
    dangerous: movesMoney,
    async handle(deps, call) {
      const { form, language } = call
      const brand = await found(requireBrand(deps.db, call.param('id')))
      const read = readTerms(language, form)
      if ('problem' in read) return editPage(deps, call, sentForm(call, read.problem))
      call.note({ brand: brand.slug })
      const changed = await attempt(call, () =>
        deps.db.transaction((sql) => changeBrand({ ...deps, db: sql }, brand.id, { ...read.terms, codes: read.codes })),
      )
      if (!changed.done) return editPage(deps, call, sentForm(call, placed(changed.problem, form)))
      return goTo(call, `/brands/${brand.id}?done=edited`)
    },
  },
  {
    method: 'get',
    path: '/brands/:id/status',
    who: OPERATORS,
    handle: async (deps, call) => statusPage(deps, call),
  },
  {
    method: 'post',
    path: '/brands/:id/status',
    who: OPERATORS,
    act: 'brand.set-status',
    // Like freezing a wallet: what stops for a while must be quick.
    dangerous: async (_deps, { form }) => form.get('status') !== 'paused',
    async handle(deps, call) {
      const { form, language } = call
      const brand = await found(requireBrand(deps.db, call.param('id')))
      const status = BRAND_STATUSES.find((known) => known === form.get('status')) ?? brand.status
      const reason = textOf(form, 'reason')?.slice(0, 200) ?? null
      if (status !== 'enabled' && reason === null)
        return statusPage(deps, call, sentForm(call, wrongInput('reason', text(language, 'reason-missing'))))
      const statusReason = status === 'enabled' ? null : reason
      call.note({ brand: brand.slug, status, reason: statusReason })
      const set = await attempt(call, () =>
        deps.db.transaction((sql) => changeBrand({ ...deps, db: sql }, brand.id, { status, statusReason })),
      )
      if (!set.done) return statusPage(deps, call, sentForm(call, set.problem))
      return goTo(call, `/brands/${brand.id}?done=status`)
    },
  },
]
