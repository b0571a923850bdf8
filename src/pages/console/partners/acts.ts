import { html } from 'hono/html'
import { creditUse } from '../../../operations/funding/credit-use.ts'
import { moveFunds } from '../../../operations/funding/move-funds.ts'
import { readAmount } from '../../../operations/gift-cards/brand-input.ts'
import { createPartner, openFloat } from '../../../operations/gift-cards/create-partner.ts'
import { requirePartnerListing } from '../../../operations/gift-cards/require-brand.ts'
import { listIssuingWallets } from '../../../storage/fundings.ts'
import { disablePartner, type FloatBalance, findFloatOf, listFloats } from '../../../storage/partners.ts'
import { findWallet } from '../../../storage/wallets.ts'
import { checkbox } from '../../components.ts'
import { PageProblem } from '../../problem.ts'
import { makeKey, requireKey } from '../../wallet/attempt.ts'
import { found, goTo, textOf } from '../act-form.ts'
import { BUSINESS_FIELDS, businessFields, businessOf, madeForm } from '../business-field.ts'
import { tryFunding } from '../funding/try-funding.ts'
import {
  attempt,
  choice,
  type FormState,
  freshForm,
  input,
  isTicked,
  sendActForm,
  sentForm,
  wrongInput,
} from '../gift-forms.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { partnerText as text } from './words.ts'

function newPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const fields = html`${businessFields(call, state)}${input(state, {
    name: 'slug',
    label: text(language, 'slug'),
    hint: text(language, 'slug-hint'),
    pattern: '[a-z0-9][a-z0-9\\-]{0,62}',
    maxlength: 63,
    spellcheck: false,
  })}${checkbox({
    name: 'live',
    label: text(language, 'live'),
    hint: text(language, 'live-hint'),
    checked: isTicked(state, 'live'),
  })}`
  return sendActForm(deps, call, {
    title: text(language, 'new'),
    sub: text(language, 'new-sub'),
    place: 'partners',
    path: '/partners/new',
    back: '/partners',
    fields,
    names: [...BUSINESS_FIELDS, 'slug'],
    submit: text(language, 'make'),
    state,
  })
}

async function floatPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const partner = await found(requirePartnerListing(deps.db, call.param('id')))
  const limit = (name: 'lower' | 'upper') =>
    input(state, {
      name,
      label: text(language, name),
      hint: text(language, `${name}-hint`),
      required: false,
      inputmode: 'decimal',
    })
  const fields = html`${input(state, {
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
  })}${limit('lower')}${limit('upper')}`
  return sendActForm(deps, call, {
    title: text(language, 'open-float'),
    sub: text(language, 'open-float-sub'),
    place: 'partners',
    path: `/partners/${partner.id}/floats`,
    back: `/partners/${partner.id}`,
    facts: [[giftText(language, 'partner'), partner.slug]],
    fields,
    names: ['currency', 'circle', 'lower', 'upper'],
    password: true,
    submit: text(language, 'open'),
    state,
  })
}

/** The issuing wallets in the units of these floats: money comes in from nowhere else. */
async function issuersOf(deps: ConsoleDeps, partnerId: string, floats: readonly FloatBalance[]) {
  const known = await Promise.all(
    floats.map(async ({ currency, circle }) => {
      const float = await findFloatOf(deps.db, partnerId, currency, circle)
      return float ? listIssuingWallets(deps.db, float.asset_id) : []
    }),
  )
  return known.flat().map(({ explicit_id: id }) => ({ value: id, label: id }))
}

async function fundPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const partner = await found(requirePartnerListing(deps.db, call.param('id')))
  const floats = await listFloats(deps.db, partner.id)
  if (floats.length === 0) throw new PageProblem('not-found')
  const sources = await issuersOf(deps, partner.id, floats)
  const fields = html`<input type="hidden" name="key" value="${state.values.get('key') ?? makeKey()}">${choice(state, {
    name: 'float',
    label: text(language, 'float'),
    choices: floats.map(({ wallet }) => ({ value: wallet, label: wallet })),
  })}${choice(state, {
    name: 'source',
    label: giftText(language, 'source-wallet'),
    hint: giftText(language, 'source-hint'),
    choices: sources,
  })}${input(state, { name: 'amount', label: giftText(language, 'money'), inputmode: 'decimal' })}${input(state, {
    name: 'description',
    label: text(language, 'description'),
    hint: text(language, 'description-hint'),
    maxlength: 200,
  })}`
  return sendActForm(deps, call, {
    title: text(language, 'fund-title'),
    sub: text(language, 'fund-sub'),
    place: 'partners',
    path: `/partners/${partner.id}/fund`,
    back: `/partners/${partner.id}`,
    facts: [[giftText(language, 'partner'), partner.slug]],
    fields,
    names: ['float', 'source', 'amount', 'description'],
    password: true,
    submit: text(language, 'fund-submit'),
    state,
  })
}

/** The parts of a partner that operators make, fund and end. */
export const partnerActRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/partners/new',
    who: OPERATORS,
    handle: async (deps, call) =>
      newPage(deps, call, freshForm(call, { party_id: call.query.get('party')?.slice(0, 36) ?? '' })),
  },
  {
    method: 'post',
    path: '/partners/new',
    who: OPERATORS,
    act: 'partner.create',
    async handle(deps, call) {
      const { form } = call
      const slug = form.get('slug')?.trim() ?? ''
      call.note({ slug })
      const live = isTicked({ values: form }, 'live')
      const business = await businessOf(deps, call)
      if ('problem' in business) return newPage(deps, call, sentForm(call, business.problem))
      const made = await attempt(call, () => createPartner(deps, { ...business, slug, live }))
      if (!made.done) return newPage(deps, call, madeForm(call, business.partyId, made.problem))
      return goTo(call, `/partners/${made.value.id}?done=made`)
    },
  },
  {
    method: 'get',
    path: '/partners/:id/floats',
    who: OPERATORS,
    handle: async (deps, call) => floatPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/partners/:id/floats',
    who: OPERATORS,
    act: 'partner.open-float',
    dangerous: true,
    async handle(deps, call) {
      const { form, actor, user } = call
      const partner = await found(requirePartnerListing(deps.db, call.param('id')))
      const [circle, lower, upper] = ['circle', 'lower', 'upper'].map((name) => textOf(form, name))
      const currency = (form.get('currency') ?? '').trim().toUpperCase()
      call.note({ partner: partner.slug, currency })
      const opened = await attempt(call, () =>
        openFloat(
          deps,
          actor,
          partner,
          {
            currency,
            ...(circle !== undefined && { circle }),
            ...(lower !== undefined && { lower }),
            ...(upper !== undefined && { upper }),
          },
          ({ asset, listing }) => creditUse(deps, user, asset, { before: 0n, after: listing.lower }),
        ),
      )
      if (!opened.done) return floatPage(deps, call, sentForm(call, opened.problem))
      return goTo(call, `/partners/${partner.id}?done=float`)
    },
  },
  {
    method: 'get',
    path: '/partners/:id/fund',
    who: OPERATORS,
    handle: async (deps, call) => fundPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/partners/:id/fund',
    who: OPERATORS,
    act: 'partner.fund-float',
    dangerous: true,
    async handle(deps, call) {
      const { form, actor, user } = call
      const partner = await found(requirePartnerListing(deps.db, call.param('id')))
      const float = (await listFloats(deps.db, partner.id)).find(({ wallet }) => wallet === form.get('float'))
      const wallet = float && (await findWallet(deps.db, float.wallet))
      if (!wallet) throw new PageProblem('not-found')
      // A refusal is the key's answer for ever; where there is none, the same key finds out what happened.
      const again = (field: string, problem: string, sameKey = false) =>
        fundPage(deps, call, {
          values: new Map([...form, ...(sameKey ? [] : [['key', makeKey()] as const])]),
          problem: wrongInput(field, problem),
        })
      const banks = await listIssuingWallets(deps.db, wallet.asset.id)
      const bank = banks.find(({ explicit_id: id }) => id === form.get('source'))
      if (!bank) return again('source', text(call.language, 'no-issuer'))
      const read = await attempt(call, async () =>
        readAmount('amount', form.get('amount')?.trim() ?? '', wallet.asset.exponent),
      )
      if (!read.done) return fundPage(deps, call, sentForm(call, read.problem))
      const reason = (textOf(form, 'description') ?? '').replaceAll(/\s+/g, ' ')
      if (reason === '') return again('description', text(call.language, 'description-missing'))
      const amount = read.value
      call.note({ float: float.wallet, amount: String(amount), currency: float.currency, reason })
      const ask = { actor, key: requireKey(form), by: { email: user.email, partyId: user.partyId } }
      const wish = { direction: 'in', wallet, bank: bank.id, amount, reason, float: true } as const
      const result = await tryFunding(() => moveFunds(deps, ask, wish), call.language)
      if (!result.accepted)
        return again(result.code === 'bank-not-found' ? 'source' : 'amount', result.text, result.code === null)
      call.note({ funding: result.id, waiting: result.waiting })
      if (result.waiting) return goTo(call, `/funding/${result.id}?done=waiting`)
      return goTo(call, `/partners/${partner.id}?done=funded`)
    },
  },
  {
    method: 'get',
    path: '/partners/:id/disable',
    who: OPERATORS,
    async handle(deps, call) {
      const { language } = call
      const partner = await found(requirePartnerListing(deps.db, call.param('id')))
      return sendActForm(deps, call, {
        title: text(language, 'disable-title'),
        place: 'partners',
        path: `/partners/${partner.id}/disable`,
        back: `/partners/${partner.id}`,
        facts: [[giftText(language, 'partner'), partner.slug]],
        effects: [text(language, 'disable-effect'), text(language, 'disable-effect-money')],
        password: true,
        danger: true,
        names: [],
        submit: text(language, 'disable-submit'),
        state: freshForm(call),
      })
    },
  },
  {
    method: 'post',
    path: '/partners/:id/disable',
    who: OPERATORS,
    act: 'partner.disable',
    dangerous: true,
    async handle(deps, call) {
      const partner = await found(requirePartnerListing(deps.db, call.param('id')))
      call.note({ partner: partner.slug })
      await disablePartner(deps.db, partner.id)
      return goTo(call, `/partners/${partner.id}?done=disabled`)
    },
  },
]
