import { html } from 'hono/html'
import { endPlan, setPlan } from '../../../operations/purchases/change-merchant.ts'
import type { PlanInput } from '../../../operations/purchases/merchant-input.ts'
import type { Merchant, MerchantPlan } from '../../../storage/merchants.ts'
import { button, type Column, emptyState, field, linkButton, section, select, table } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { attempt, errorOf, found, goTo, type Refused, sendForm, textOf } from '../act-form.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { oneMerchant } from './find.ts'
import { merchantWords as words } from './words.ts'

const KINDS = ['now', 'deferred', 'instalments'] as const

function termsText({ terms }: MerchantPlan, language: Language): string {
  switch (terms.kind) {
    case 'now':
      return words(language, 'terms-now')
    case 'deferred':
      return words(language, 'terms-deferred', { days: terms.days })
    case 'instalments':
      return words(language, 'terms-instalments', { parts: terms.parts })
  }
}

/** What a merchant offers. The financing behind it is the operator's to lend, so operators alone change it. */
export function planSection(call: ConsoleCall, merchant: Merchant): Markup {
  const { language, user } = call
  const { plans, wallet, id } = merchant
  const may = user.role === 'operator' && merchant.disabledAt === null
  const money = (minor: bigint) => formatMoney(minor, wallet.asset, language)
  const columns: Column<MerchantPlan>[] = [
    { label: words(language, 'plan-name'), cell: ({ name }) => html`<code>${name}</code>` },
    { label: words(language, 'terms'), cell: (plan) => termsText(plan, language) },
    { label: words(language, 'fee'), numeric: true, cell: ({ feeBp }) => String(feeBp / 100) },
    {
      label: words(language, 'limits'),
      numeric: true,
      cell: ({ minAmount, maxAmount }) => `${money(minAmount)} – ${maxAmount === null ? '∞' : money(maxAmount)}`,
    },
    ...(may
      ? [
          {
            label: '',
            cell: ({ name }: MerchantPlan) =>
              html`<form method="post" action="/console/merchants/${id}/plans/${name}/end">${csrfField(call.c)}${button(
                {
                  label: html`${words(language, 'end')}<span class="heard"> ${name}</span>`,
                  kind: 'quiet',
                },
              )}</form>`,
          },
        ]
      : []),
  ]
  const list =
    plans.length === 0 ? emptyState(words(language, 'no-plans')) : table(words(language, 'plans'), columns, plans)
  const add = may
    ? html`<div class="buttons pager">${linkButton(`/console/merchants/${id}/plans`, words(language, 'plan-add'))}</div>`
    : ''
  return section('plans', words(language, 'plans'), html`${list}${add}`, { sub: words(language, 'plans-sub') })
}

async function askPlan(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language, form } = call
  const { id, name } = await oneMerchant(deps, call)
  const text = (field_: string, label: Parameters<typeof words>[1], more: object = {}) =>
    field({ name: field_, label: words(language, label), required: false, value: form.get(field_) ?? '', ...more })
  return sendForm(deps, call, {
    title: words(language, 'plan-add'),
    sub: `${name}. ${words(language, 'plan-add-sub')}`,
    place: 'merchants',
    path: `/merchants/${id}/plans`,
    back: `/merchants/${id}`,
    fields: html`${text('name', 'plan-name', {
      hint: words(language, 'plan-name-hint'),
      required: true,
      maxlength: 32,
      error: errorOf(call, refusal, 'plans'),
    })}${select({
      name: 'kind',
      label: words(language, 'kind'),
      value: form.get('kind') ?? 'now',
      choices: KINDS.map((value) => ({ value, label: words(language, `kind-${value}`) })),
    })}${text('parts', 'parts', { hint: words(language, 'parts-hint'), inputmode: 'numeric' })}${text('days', 'days', {
      hint: words(language, 'days-hint'),
      inputmode: 'numeric',
    })}${text('fee', 'fee', { hint: words(language, 'fee-hint'), inputmode: 'decimal' })}${text('min_amount', 'least', {
      inputmode: 'decimal',
    })}${text('max_amount', 'most', { inputmode: 'decimal' })}`,
    effects: [words(language, 'plan-effect')],
    names: ['plans'],
    password: true,
    submit: words(language, 'plan-add'),
    refusal,
  })
}

const whole = (text: string | undefined) =>
  text === undefined ? undefined : /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN

/** Percent as people write it, in hundredths; NaN for what is none, which no plan may have. */
function basisPoints(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, units, decimals = ''] = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(text) ?? []
  return units === undefined ? Number.NaN : Number(units) * 100 + Number(decimals.padEnd(2, '0'))
}

function readPlan({ form }: ConsoleCall): PlanInput {
  const read = {
    parts: whole(textOf(form, 'parts')),
    days: whole(textOf(form, 'days')),
    feeBp: basisPoints(textOf(form, 'fee')),
    minAmount: textOf(form, 'min_amount')?.replace(',', '.'),
    maxAmount: textOf(form, 'max_amount')?.replace(',', '.'),
  }
  const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  const kind = KINDS.find((it) => it === form.get('kind')) ?? 'now'
  return { name: textOf(form, 'name') ?? '', kind, ...given }
}

async function savePlan(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const merchant = await oneMerchant(deps, call)
  const plan = readPlan(call)
  const tried = await attempt(() => setPlan(deps.db, merchant, plan))
  if (!tried.done) return askPlan(deps, call, tried.refusal)
  call.note({ plan: plan.name, kind: plan.kind })
  return goTo(call, `/merchants/${merchant.id}?done=plan`)
}

async function removePlan(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const merchant = await oneMerchant(deps, call)
  await found(endPlan(deps.db, merchant, call.param('plan')).then(() => true))
  return goTo(call, `/merchants/${merchant.id}?done=plan`)
}

export const planRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/merchants/:id/plans', who: OPERATORS, handle: (deps, call) => askPlan(deps, call) },
  {
    method: 'post',
    path: '/merchants/:id/plans',
    who: OPERATORS,
    act: 'merchant.set-plan',
    dangerous: true,
    handle: savePlan,
  },
  {
    method: 'post',
    path: '/merchants/:id/plans/:plan/end',
    who: OPERATORS,
    act: 'merchant.end-plan',
    handle: removePlan,
  },
]
