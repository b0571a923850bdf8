import { setCardBlocked } from '../../../operations/gift-cards/block-card.ts'
import { requireCard } from '../../../operations/gift-cards/find-card-by-code.ts'
import { revealCard } from '../../../operations/gift-cards/reveal-card.ts'
import { takeBackOrder } from '../../../operations/gift-cards/take-back-order.ts'
import { formatMoney } from '../../format.ts'
import { PageProblem } from '../../problem.ts'
import { found, goTo, textOf } from '../act-form.ts'
import { attempt, type FormState, freshForm, input, sendActForm, sentForm, wrongInput } from '../gift-forms.ts'
import { masked } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { cardText as text } from './words.ts'

type Verb = 'block' | 'unblock' | 'cancel' | 'reveal'

const EFFECTS = {
  block: ['block-effect'],
  unblock: ['unblock-effect'],
  cancel: ['cancel-effect', 'cancel-unspent'],
  reveal: ['reveal-effect', 'reveal-logged'],
} as const

async function askPage(deps: ConsoleDeps, call: ConsoleCall, verb: Verb, filled?: FormState) {
  const { language } = call
  const card = await found(requireCard(deps.db, call.param('id')))
  if (verb === 'cancel' && card.order_id === null) throw new PageProblem('not-found')
  const state = filled ?? freshForm(call)
  const asset = { code: card.currency, exponent: card.exponent }
  return sendActForm(deps, call, {
    title: text(language, `${verb}-title`),
    place: 'cards',
    path: `/cards/${card.id}/${verb}`,
    back: `/cards/${card.id}`,
    facts: [
      [giftText(language, 'card'), masked(card.tail)],
      [giftText(language, 'brand'), card.brand],
      [giftText(language, 'value'), formatMoney(card.face, asset, language)],
    ],
    effects: EFFECTS[verb].map((key) => text(language, key)),
    ...(verb !== 'cancel' && {
      fields: input(state, {
        name: 'reason',
        label: giftText(language, 'reason'),
        hint: giftText(language, 'reason-hint'),
        required: verb !== 'unblock',
        maxlength: 200,
      }),
    }),
    names: ['reason'],
    password: verb === 'cancel' || verb === 'reveal',
    danger: verb === 'cancel' || verb === 'block',
    submit: text(language, `${verb}-submit`),
    state,
  })
}

const page = (verb: Verb): ConsoleRoute => ({
  method: 'get',
  path: `/cards/:id/${verb}`,
  who: OPERATORS,
  handle: async (deps, call) => askPage(deps, call, verb),
})

/** The reason that the form gives; undefined: none. */
const reasonOf = ({ form }: ConsoleCall) => textOf(form, 'reason')?.slice(0, 200)

const sayWhy = (deps: ConsoleDeps, call: ConsoleCall, verb: Verb) =>
  askPage(deps, call, verb, sentForm(call, wrongInput('reason', text(call.language, 'reason-missing'))))

const setBlocked = (verb: 'block' | 'unblock'): ConsoleRoute => ({
  method: 'post',
  path: `/cards/:id/${verb}`,
  who: OPERATORS,
  act: `card.${verb}`,
  async handle(deps, call) {
    const card = await found(requireCard(deps.db, call.param('id')))
    const reason = reasonOf(call)
    if (reason === undefined && verb === 'block') return sayWhy(deps, call, verb)
    call.note({ reason: reason ?? null })
    const to = verb === 'block' ? 'blocked' : 'active'
    const set = await attempt(call, () =>
      setCardBlocked(deps.gift, call.actor, { cardId: card.id, to, reason: reason ?? null }),
    )
    if (!set.done) return askPage(deps, call, verb, sentForm(call, set.problem))
    return goTo(call, `/cards/${card.id}?done=${verb}ed`)
  },
})

/** What operators do with a card. */
export const cardActRoutes: readonly ConsoleRoute[] = [
  page('block'),
  setBlocked('block'),
  page('unblock'),
  setBlocked('unblock'),
  page('cancel'),
  {
    method: 'post',
    path: '/cards/:id/cancel',
    who: OPERATORS,
    act: 'card.cancel',
    dangerous: true,
    async handle(deps, call) {
      const card = await found(requireCard(deps.db, call.param('id')))
      const { order_id: orderId } = card
      if (orderId === null) throw new PageProblem('not-found')
      call.note({ order: orderId })
      const ended = await attempt(call, () => takeBackOrder(deps.gift, orderId))
      if (!ended.done) return askPage(deps, call, 'cancel', sentForm(call, ended.problem))
      return goTo(call, `/cards/${card.id}?done=cancelled`)
    },
  },
  page('reveal'),
  {
    method: 'post',
    path: '/cards/:id/reveal',
    who: OPERATORS,
    act: 'card.reveal',
    dangerous: true,
    async handle(deps, call) {
      const { language } = call
      const card = await found(requireCard(deps.db, call.param('id')))
      const reason = reasonOf(call)
      if (reason === undefined) return sayWhy(deps, call, 'reveal')
      call.note({ reason })
      const { code, pin, url, serial, link } = await found(
        revealCard(deps.gift, call.actor, { cardId: card.id, reason }),
      )
      const row = (key: 'code' | 'pin' | 'url' | 'serial' | 'page', value: string | null | undefined) =>
        value ? [{ label: text(language, key), value }] : []
      return sendSecrets(deps, call, {
        title: text(language, 'revealed-title'),
        place: 'cards',
        back: `/cards/${card.id}`,
        again: true,
        secrets: [
          ...row('code', code),
          ...row('pin', pin),
          ...row('url', url),
          ...row('serial', serial),
          ...row('page', `/cards/${link}`),
        ],
      })
    },
  },
]
