import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import type { BrandTerms, ValuesInput } from '../../../operations/gift-cards/brand-input.ts'
import type { Brand, CodeScheme, Delivery } from '../../../storage/brands.ts'
import { checkbox } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { textOf } from '../act-form.ts'
import { choice, type FormState, input, isTicked, type Problem, wrongInput } from '../gift-forms.ts'
import { type BrandWord, brandText as text } from './words.ts'

// The terms of a brand as a form, for a new one and one that is there.

const DELIVERIES = ['code', 'url', 'email'] as const satisfies readonly Delivery[]
const SCHEMES = ['walleo', 'tillo', 'jackpot'] as const satisfies readonly CodeScheme[]
const TEXTS = ['how_to_use_online', 'how_to_use_offline', 'term_of_use', 'logo_url'] as const

/** Names of fields beside which a refusal is shown. */
export const TERM_FIELDS = [
  ...['name', 'values', 'min', 'discount', 'validity_days', 'delivery', 'barcode', 'countries', 'categories'],
  ...SCHEMES.map((scheme) => `code_${scheme}`),
]

/** Names of fields whose change asks for the password. */
export const MONEY_FIELDS = [
  ...['values_type', 'values', 'min', 'max', 'step', 'discount', 'discount_keeper', 'validity_days', 'cancellable'],
  ...SCHEMES.map((scheme) => `code_${scheme}`),
]

/** What a brand's form is filled in with. */
export function termsOf(brand: Brand, codes: Partial<Record<CodeScheme, string>>): Record<string, string> {
  const { values, asset } = brand
  const amount = (minor: bigint) => formatAmount(minor, asset.exponent)
  const numbers =
    values.type === 'fixed'
      ? { values_type: 'fixed', values: values.values.map(amount).join(' ') }
      : { values_type: 'range', min: amount(values.min), max: amount(values.max), step: amount(values.step) }
  return {
    name: brand.name,
    ...numbers,
    discount: String(brand.discountBp / 100),
    discount_keeper: brand.discountKeeper,
    validity_days: brand.validityDays === null ? '' : String(brand.validityDays),
    ...Object.fromEntries(brand.delivery.map((way) => [`delivery_${way}`, 'yes'])),
    barcode: brand.barcode,
    countries: brand.countries.join(' '),
    categories: brand.categories.join(', '),
    ...(brand.asynchronous && { asynchronous: 'yes' }),
    ...(brand.cancellable && { cancellable: 'yes' }),
    ...Object.fromEntries(SCHEMES.map((scheme) => [`code_${scheme}`, codes[scheme] ?? ''])),
    ...Object.fromEntries(TEXTS.map((name) => [`text_${name}`, String(brand.texts[name] ?? '')])),
  }
}

type More = { hint?: BrandWord; required?: boolean; inputmode?: 'decimal' | 'numeric'; rows?: number }

export function termFields(language: Language, state: FormState): Markup {
  const line = (name: BrandWord, { hint, ...more }: More = {}) =>
    input(state, {
      name,
      label: text(language, name),
      ...more,
      ...(hint && { hint: text(language, hint) }),
      spellcheck: false,
    })
  const box = (name: string, label: BrandWord) =>
    checkbox({ name, label: text(language, label), checked: isTicked(state, name) })
  const group = (legend: BrandWord, fields: Markup) =>
    html`<fieldset><legend>${text(language, legend)}</legend>${fields}</fieldset>`
  const options = (name: BrandWord, values: readonly (readonly [string, BrandWord])[]) =>
    choice(state, {
      name,
      label: text(language, name),
      choices: values.map(([value, label]) => ({ value, label: text(language, label) })),
    })
  const noDelivery =
    state.problem?.field === 'delivery' ? html`<p class="error" id="delivery-error">${state.problem.text}</p>` : ''
  return html`${line('name')}${group(
    'terms-money',
    html`${options('values_type', [
      ['range', 'range'],
      ['fixed', 'fixed'],
    ])}<div class="three">${line('min', { required: false, inputmode: 'decimal' })}${line('max', {
      required: false,
      inputmode: 'decimal',
    })}${line('step', { required: false, inputmode: 'decimal' })}</div>${line('values', {
      required: false,
      hint: 'values-hint',
    })}${line('discount', { hint: 'discount-hint', inputmode: 'decimal' })}${options('discount_keeper', [
      ['partner', 'keeps-partner'],
      ['operator', 'keeps-operator'],
    ])}`,
  )}${group('delivery', html`${noDelivery}${DELIVERIES.map((way) => box(`delivery_${way}`, way))}`)}${group(
    'terms-card',
    html`${line('validity_days', { hint: 'validity-hint', required: false, inputmode: 'numeric' })}${line('barcode', {
      hint: 'barcode-hint',
    })}${box('cancellable', 'cancellable')}${box('asynchronous', 'asynchronous')}`,
  )}${group(
    'terms-sold',
    html`${line('countries', { hint: 'countries-hint', required: false })}${line('categories', {
      hint: 'categories-hint',
      required: false,
    })}${SCHEMES.map((scheme) => line(`code_${scheme}`, { hint: 'code-hint', required: false }))}`,
  )}${group(
    'terms-texts',
    html`${TEXTS.map((name) => line(`text_${name}`, { required: false, ...(name !== 'logo_url' && { rows: 3 }) }))}`,
  )}`
}

export type ReadTerms = {
  readonly terms: BrandTerms & { name: string; values: ValuesInput }
  /** null: the protocol does not sell it */
  readonly codes: Record<CodeScheme, string | null>
}

/** @returns what is wrong with the first field that is */
export function readTerms(language: Language, form: ReadonlyMap<string, string>): ReadTerms | { problem: Problem } {
  const wrong = (field: string, key: BrandWord, values?: Record<string, number>) => ({
    problem: wrongInput(field, text(language, key, values)),
  })
  const delivery = DELIVERIES.filter((way) => form.get(`delivery_${way}`) === 'yes')
  if (delivery.length === 0) return wrong('delivery', 'wrong-delivery')
  const days = textOf(form, 'validity_days')
  if (days !== undefined && !(/^\d{1,5}$/.test(days) && Number(days) >= 1 && Number(days) <= 36_500))
    return wrong('validity_days', 'wrong-number', { from: 1, to: 36_500 })
  const barcode = textOf(form, 'barcode') ?? 'none'
  if (!/^[a-z0-9]{2,24}$/.test(barcode)) return wrong('barcode', 'wrong-barcode')
  const countries = listOf(form.get('countries'), /[\s,;]+/)
  if (countries.length > 300 || countries.some((country) => !/^[A-Z]{2}$/.test(country)))
    return wrong('countries', 'wrong-countries')
  const categories = listOf(form.get('categories'), /[,;\n]/)
  if (categories.length > 50 || categories.some(({ length }) => length > 200))
    return wrong('categories', 'wrong-categories')
  const badCode = SCHEMES.find((scheme) => !/^[\x21-\x7e]{0,64}$/.test(textOf(form, `code_${scheme}`) ?? ''))
  if (badCode) return wrong(`code_${badCode}`, 'wrong-code')
  const terms = {
    name: form.get('name') ?? '',
    values: valuesOf(form),
    discount: textOf(form, 'discount') ?? '0',
    discountKeeper: form.get('discount_keeper') === 'operator' ? ('operator' as const) : ('partner' as const),
    validityDays: days === undefined ? null : Number(days),
    delivery,
    barcode,
    countries,
    categories,
    asynchronous: form.get('asynchronous') === 'yes',
    cancellable: form.get('cancellable') === 'yes',
    texts: Object.fromEntries(TEXTS.map((name) => [name, textOf(form, `text_${name}`)?.slice(0, 10_000) ?? null])),
  }
  const codes = Object.fromEntries(SCHEMES.map((scheme) => [scheme, textOf(form, `code_${scheme}`) ?? null]))
  return { terms, codes: codes as ReadTerms['codes'] }
}

function valuesOf(form: ReadonlyMap<string, string>): ValuesInput {
  if (form.get('values_type') === 'fixed') return { type: 'fixed', values: listOf(form.get('values'), /[\s,;]+/) }
  const amount = (name: string) => textOf(form, name) ?? ''
  return { type: 'range', min: amount('min'), max: amount('max'), step: amount('step') }
}

const listOf = (value: string | undefined, between: RegExp): string[] =>
  (value ?? '')
    .split(between)
    .map((one) => one.trim())
    .filter((one) => one !== '')
