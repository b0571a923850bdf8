import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { readAmount } from '../../../operations/gift-cards/brand-input.ts'
import { decideFloatRequest } from '../../../operations/gift-cards/decide-float-request.ts'
import { isMadeReference, makeReference, requestFloat } from '../../../operations/gift-cards/request-float.ts'
import { isUuid } from '../../../operations/input.ts'
import { DEFAULT_CIRCLE } from '../../../operations/open-wallet.ts'
import { type FloatRequestRow, findFloatRequest } from '../../../storage/float-requests.ts'
import { listIssuingWallets } from '../../../storage/fundings.ts'
import { listFloats, searchPartners } from '../../../storage/partners.ts'
import { definitionList, emptyState, linkButton, pageHeading } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { PageProblem } from '../../problem.ts'
import { doneNotice, goTo, textOf } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { attempt, choice, type FormState, freshForm, input, sendActForm, sentForm, wrongInput } from '../gift-forms.ts'
import { link, statusTag, visiblePartner } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS, type Role } from '../route.ts'
import { requestText as text } from './words.ts'

/** Who asks for money: those who work for a business. */
const ASKERS: readonly Role[] = ['owner', 'member']

/** A request that the reader may see; another business's is not there. */
async function visibleRequest(deps: ConsoleDeps, call: ConsoleCall): Promise<FloatRequestRow> {
  const id = call.param('id')
  const row = isUuid(id) ? await findFloatRequest(deps.db, { id }) : undefined
  if (!row) throw new PageProblem('not-found')
  await visiblePartner(deps, call, row.partner_id)
  return row
}

const asked = (row: FloatRequestRow, minor: bigint, { language }: ConsoleCall) =>
  formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)

/** The floats of a business that can be asked for: those in the common circle. */
async function ownFloats(deps: ConsoleDeps, { user }: ConsoleCall) {
  const partners = await searchPartners(deps.db, { partyId: user.partyId, ended: false }, { limit: 100 })
  const floats = await Promise.all(
    partners.map(async (partner) => (await listFloats(deps.db, partner.id)).map((float) => ({ partner, float }))),
  )
  return floats.flat().filter(({ float }) => float.circle === DEFAULT_CIRCLE)
}

async function askPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const floats = await ownFloats(deps, call)
  if (floats.length === 0) {
    const title = text(language, 'ask')
    const body = html`${pageHeading(title)}${emptyState(text(language, 'no-float'))}`
    return sendConsole(deps, call, { title, place: 'float-requests', body, ...(state.problem && { status: 422 }) })
  }
  const made = state.values.get('made') ?? makeReference()
  const fields = html`<input type="hidden" name="made" value="${made}">${choice(state, {
    name: 'float',
    label: text(language, 'float'),
    choices: floats.map(({ float: { wallet } }) => ({ value: wallet, label: wallet })),
  })}${input(state, { name: 'amount', label: giftText(language, 'money'), inputmode: 'decimal' })}${input(state, {
    name: 'reference',
    label: text(language, 'reference-label'),
    hint: text(language, 'reference-hint'),
    required: false,
    maxlength: 64,
  })}`
  return sendActForm(deps, call, {
    title: text(language, 'ask'),
    sub: text(language, 'ask-sub'),
    place: 'float-requests',
    path: '/float-requests/new',
    back: '/float-requests',
    fields,
    names: ['float', 'amount', 'reference'],
    submit: text(language, 'ask-submit'),
    state,
  })
}

async function approvePage(deps: ConsoleDeps, call: ConsoleCall, filled?: FormState) {
  const { language } = call
  const row = await visibleRequest(deps, call)
  const banks = await listIssuingWallets(deps.db, row.asset_id)
  const state = filled ?? freshForm(call, { amount: formatAmount(row.amount, row.exponent) })
  return sendActForm(deps, call, {
    title: text(language, 'approve-title'),
    place: 'float-requests',
    path: `/float-requests/${row.id}/approve`,
    back: `/float-requests/${row.id}`,
    facts: [
      [giftText(language, 'partner'), row.partner],
      [text(language, 'asked'), asked(row, row.amount, call)],
      [text(language, 'reference'), row.reference],
    ],
    effects: [text(language, 'approve-effect')],
    fields: html`${choice(state, {
      name: 'source',
      label: giftText(language, 'source-wallet'),
      hint: giftText(language, 'source-hint'),
      choices: banks.map(({ explicit_id: id }) => ({ value: id, label: id })),
    })}${input(state, {
      name: 'amount',
      label: giftText(language, 'money'),
      hint: text(language, 'amount-hint'),
      inputmode: 'decimal',
    })}`,
    names: ['source', 'amount'],
    password: true,
    submit: text(language, 'approve-submit'),
    state,
  })
}

async function refusePage(deps: ConsoleDeps, call: ConsoleCall, filled?: FormState) {
  const { language } = call
  const row = await visibleRequest(deps, call)
  return sendActForm(deps, call, {
    title: text(language, 'refuse-title'),
    place: 'float-requests',
    path: `/float-requests/${row.id}/refuse`,
    back: `/float-requests/${row.id}`,
    facts: [
      [giftText(language, 'partner'), row.partner],
      [text(language, 'asked'), asked(row, row.amount, call)],
      [text(language, 'reference'), row.reference],
    ],
    effects: [text(language, 'refuse-effect')],
    danger: true,
    names: [],
    submit: text(language, 'refuse-submit'),
    state: filled ?? freshForm(call),
  })
}

export const requestActRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/float-requests/new',
    who: ASKERS,
    handle: async (deps, call) => askPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/float-requests/new',
    who: ASKERS,
    act: 'float-request.create',
    async handle(deps, call) {
      const { language, form } = call
      const own = (await ownFloats(deps, call)).find(({ float }) => float.wallet === form.get('float'))
      const again = (field: string, why: string) => askPage(deps, call, sentForm(call, wrongInput(field, why)))
      if (!own) return again('float', text(language, 'float-missing'))
      const { partner, float } = own
      const made = form.get('made') ?? ''
      const wish = await attempt(call, async () =>
        requestFloat(deps.gift, {
          partner,
          currency: float.currency,
          amount: readAmount('amount', form.get('amount')?.trim() ?? '', float.exponent),
          reference: textOf(form, 'reference')?.slice(0, 64) ?? (isMadeReference(made) ? made : undefined),
          details: { by: call.user.email },
        }),
      )
      if (!wish.done) return askPage(deps, call, sentForm(call, wish.problem))
      if ('refusal' in wish.value)
        return again(wish.value.refusal === 'float-missing' ? 'float' : 'reference', text(language, wish.value.refusal))
      call.note({ partner: partner.slug, reference: wish.value.reference, amount: form.get('amount')?.trim() ?? '' })
      return goTo(call, `/float-requests/${wish.value.id}?done=asked`)
    },
  },
  {
    method: 'get',
    path: '/float-requests/:id',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, user } = call
      const row = await visibleRequest(deps, call)
      const facts = definitionList([
        [giftText(language, 'status'), statusTag(row.status, language)],
        [giftText(language, 'partner'), link(`/partners/${row.partner_id}`, row.partner)],
        [text(language, 'asked'), asked(row, row.amount, call)],
        ...(row.approved === null ? [] : [[text(language, 'approved'), asked(row, row.approved, call)] as const]),
        [giftText(language, 'when'), formatTime(row.created_at, language)],
        ...(row.decided_at ? [[text(language, 'decided'), formatTime(row.decided_at, language)] as const] : []),
        ...(row.transaction_id
          ? [[text(language, 'transaction'), html`<code>${row.transaction_id}</code>`] as const]
          : []),
      ])
      const acts =
        user.role === 'operator' && row.status === 'pending'
          ? html`<div class="buttons pager">${
              row.party_id === user.partyId
                ? ''
                : linkButton(`/console/float-requests/${row.id}/approve`, text(language, 'approve'), 'primary')
            }${linkButton(`/console/float-requests/${row.id}/refuse`, text(language, 'refuse'))}</div>`
          : ''
      const told = doneNotice(call, {
        asked: text(language, 'done-asked'),
        approved: text(language, 'done-approved'),
        refused: text(language, 'done-refused'),
      })
      const body = html`${pageHeading(row.reference, { sub: text(language, 'title') })}${told}<section class="part">${facts}${acts}</section>`
      return sendConsole(deps, call, { title: row.reference, place: 'float-requests', body })
    },
  },
  {
    method: 'get',
    path: '/float-requests/:id/approve',
    who: OPERATORS,
    handle: async (deps, call) => approvePage(deps, call),
  },
  {
    method: 'post',
    path: '/float-requests/:id/approve',
    who: OPERATORS,
    act: 'float-request.approve',
    dangerous: true,
    async handle(deps, call) {
      const { form, actor, user } = call
      const { id, partner, asset_id: asset } = await visibleRequest(deps, call)
      const [source, amount] = [form.get('source')?.trim() ?? '', form.get('amount')?.trim() ?? '']
      call.note({ partner, source, amount })
      const banks = await listIssuingWallets(deps.db, asset)
      if (!banks.some(({ explicit_id: known }) => known === source))
        return approvePage(deps, call, sentForm(call, wrongInput('source', text(call.language, 'no-issuer'))))
      const decided = await attempt(call, () =>
        decideFloatRequest(deps, actor, id, { approve: true, source, amount, partyId: user.partyId }),
      )
      if (!decided.done) return approvePage(deps, call, sentForm(call, decided.problem))
      call.note({ transaction: decided.value.transaction_id })
      return goTo(call, `/float-requests/${id}?done=approved`)
    },
  },
  {
    method: 'get',
    path: '/float-requests/:id/refuse',
    who: OPERATORS,
    handle: async (deps, call) => refusePage(deps, call),
  },
  {
    method: 'post',
    path: '/float-requests/:id/refuse',
    who: OPERATORS,
    act: 'float-request.refuse',
    async handle(deps, call) {
      const { id, partner } = await visibleRequest(deps, call)
      call.note({ partner })
      const decided = await attempt(call, () => decideFloatRequest(deps, call.actor, id, { approve: false }))
      if (!decided.done) return refusePage(deps, call, sentForm(call, decided.problem))
      return goTo(call, `/float-requests/${id}?done=refused`)
    },
  },
]
