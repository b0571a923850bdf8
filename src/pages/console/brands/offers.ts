import { html } from 'hono/html'
import { OFFER_FUNDERS, OFFER_KINDS, OFFER_ROUNDINGS } from '../../../domain/offer.ts'
import { requireBrand } from '../../../operations/gift-cards/require-brand.ts'
import { createOffer, endOffer } from '../../../operations/jackpot/offers.ts'
import { found, goTo } from '../act-form.ts'
import { attempt, choice, type FormState, freshForm, input, sendActForm, sentForm } from '../gift-forms.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { type BrandWord, brandText as text } from './words.ts'

async function newPage(deps: ConsoleDeps, call: ConsoleCall, { values, problem }: FormState) {
  // An offer's rate is read as a discount is.
  const state = { values, problem: problem?.field === 'discount' ? { ...problem, field: 'rate' } : problem }
  const { language } = call
  const brand = await found(requireBrand(deps.db, call.param('id')))
  const options = (name: BrandWord, values: readonly string[], prefix: string) =>
    choice(state, {
      name,
      label: text(language, name),
      choices: values.map((value) => ({ value, label: text(language, `${prefix}${value}` as BrandWord) })),
    })
  return sendActForm(deps, call, {
    title: text(language, 'offer-new'),
    sub: text(language, 'offer-new-sub'),
    place: 'brands',
    path: `/brands/${brand.id}/offers`,
    back: `/brands/${brand.id}`,
    facts: [[giftText(language, 'brand'), brand.name]],
    fields: html`${options('kind', OFFER_KINDS, 'o-')}${input(state, {
      name: 'rate',
      label: text(language, 'rate'),
      hint: text(language, 'rate-hint'),
      inputmode: 'decimal',
    })}${options('rounding', OFFER_ROUNDINGS, '')}${options('funder', OFFER_FUNDERS, 'f-')}`,
    effects: [text(language, 'offer-effect')],
    password: true,
    names: ['rate'],
    submit: text(language, 'offer-make'),
    state,
  })
}

/** On which terms Jackpot sells a brand. */
export const offerRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/brands/:id/offers',
    who: OPERATORS,
    handle: async (deps, call) => newPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/brands/:id/offers',
    who: OPERATORS,
    act: 'brand.add-offer',
    dangerous: true,
    async handle(deps, call) {
      const { form } = call
      const brand = await found(requireBrand(deps.db, call.param('id')))
      const rate = form.get('rate')?.trim() ?? ''
      const kind = OFFER_KINDS.find((known) => known === form.get('kind')) ?? 'bonus'
      const rounding = OFFER_ROUNDINGS.find((known) => known === form.get('rounding')) ?? 'minor'
      const funder = OFFER_FUNDERS.find((known) => known === form.get('funder')) ?? 'brand'
      call.note({ brand: brand.slug, kind, rate: rate.slice(0, 20) })
      const made = await attempt(call, () =>
        deps.db.transaction((sql) =>
          createOffer({ ...deps, db: sql }, { brand: brand.id, kind, rate, rounding, funder }),
        ),
      )
      if (!made.done) return newPage(deps, call, sentForm(call, made.problem))
      return goTo(call, `/brands/${brand.id}?done=offer`)
    },
  },
  {
    method: 'post',
    path: '/brands/:id/offers/:offer/end',
    who: OPERATORS,
    act: 'brand.end-offer',
    async handle(deps, call) {
      const brand = await found(requireBrand(deps.db, call.param('id')))
      call.note({ brand: brand.slug })
      await found(
        deps.db.transaction(async (sql) => {
          await endOffer({ ...deps, db: sql }, brand.id, call.param('offer'))
          return true
        }),
      )
      return goTo(call, `/brands/${brand.id}?done=ended`)
    },
  },
]
