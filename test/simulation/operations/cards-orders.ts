import { setCardBlocked } from '../../../src/operations/gift-cards/block-card.ts'
import { cancelOrder } from '../../../src/operations/gift-cards/cancel-order.ts'
import { expireCards } from '../../../src/operations/gift-cards/expire-cards.ts'
import { fulfilOrder } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { OperationRefusal } from '../../../src/operations/input.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { findCard } from '../../../src/storage/cards.ts'
import { findOrder } from '../../../src/storage/orders.ts'
import type { Partner } from '../../../src/storage/partners.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Account, type Move, moved, reasonAgainst, reserved, transferred, withAccount } from './books.ts'
import { overHolds } from './cards-holds.ts'
import { type Card, type CardState, GREATEST, type Order, withCard, withNew } from './cards-state.ts'
import type { Deps } from './installation.ts'
import type { Action, Stage } from './life.ts'
import { scoped } from './scoped.ts'
import type { Next } from './search.ts'

export type CardScene = {
  readonly stage: Stage
  readonly partner: Partner
  readonly shop: Wallet
  readonly brands: { readonly own: Brand; readonly stock: Brand }
  /** what a brand gives, hundredths of a percent, who keeps it, and how long cards are good; null: for ever */
  readonly terms: {
    readonly bp: number
    readonly keeper: 'partner' | 'operator'
    readonly days: number | null
    readonly cancellable: boolean
  }
  pick<T>(of: readonly T[]): T
  key(): string
  remember(name: string, reference: string): string
  reference(name: string): string
}

export type CardAction = Action<CardState>
export type Choose = (state: CardState) => CardAction

export const no = <S>(state: S, reasons: readonly string[]): Next<S>[] =>
  reasons.map((reason) => ({ state, answer: `no ${reason}` }))

export const DAY = 86_400_000
/** How long after an order was begun somebody else takes it over. */
const STALE = 60_000

/** The id of the card that a request has bought. */
export async function cardId(scene: CardScene, deps: Deps, name: string): Promise<string | null> {
  const rows = await deps.db.query<{ id: string }>(
    'select c.id from gift_order o join card c on c.order_id = o.id where o.partner_id = $1 and o.request_id = $2',
    [scene.partner.id, name],
  )
  return rows[0]?.id ?? null
}

async function orderId(scene: CardScene, deps: Deps, name: string): Promise<string | null> {
  const rows = await deps.db.query<{ id: string }>(
    'select id from gift_order where partner_id = $1 and request_id = $2',
    [scene.partner.id, name],
  )
  return rows[0]?.id ?? null
}

/** Why nothing can be done with a card. Its account is closed with its end, so either word may come. */
export function stateReasons(card: Card, now: number): string[] {
  const over = card.expires !== null && card.expires <= now
  if (card.status === 'ended') return [...(card.how === 'expired' || over ? ['card-expired'] : []), 'card-ended']
  return [...(over ? ['card-expired'] : []), ...(card.status === 'blocked' ? ['card-blocked'] : [])]
}

/** The account of a brand: each has its own. */
const of = (account: string, supply: 'own' | 'stock') => (supply === 'own' ? account : `${account}-stock`)

/** Orders, their fulfilment, cancellation, blocking, expiry. */
export function orderActions(scene: CardScene): Choose[] {
  const { pick, stage, terms } = scene
  let count = 0
  // An order that a process had in hand when it died is taken over by another one, when its time is over.
  let patience = 0

  /** What a card of a value costs: the discount is rounded down. */
  const priceOf = (face: number) => {
    const discount = Math.floor((face * terms.bp) / 10_000)
    return terms.keeper === 'partner' ? { cost: face - discount, revenue: 0 } : { cost: face, revenue: discount }
  }

  /** Who pays whom for a card that is there, what the float has paid apart. */
  const issued = (state: CardState, name: string, order: Order, at: number): CardState => {
    const made = order.supply === 'own' ? withNew(state, name) : { ...state, stock: state.stock - 1 }
    const moves: Move[] = [
      ...(order.supply === 'own' ? [{ source: 'settlement', target: name, amount: order.face }] : []),
      ...(order.revenue > 0
        ? [{ source: of('settlement', order.supply), target: of('revenue', order.supply), amount: order.revenue }]
        : []),
    ]
    const expires = order.supply === 'own' && terms.days !== null ? at + terms.days * DAY : null
    const card: Card = { status: 'active', how: '', face: order.face, expires }
    const after = moves.reduce((now, move) => transferred(now, move), made)
    return {
      ...after,
      cards: { ...after.cards, [name]: card },
      orders: { ...after.orders, [name]: { ...order, status: 'succeeded' } },
    }
  }

  const order: Choose = (state) => {
    const old = Object.keys(state.requests)
    const name = old.length > 0 && pick([false, false, false, false, false, true]) ? pick(old) : `r${++count}`
    const supply = pick(['own', 'own', 'own', 'stock'] as const)
    const face = supply === 'stock' ? 1_000 : pick([1_000, 1_000, 1_333, 2_501, GREATEST, GREATEST + 1, 1])
    const later = pick([false, false, true])
    const content = `${supply} ${face} ${later}`
    return {
      text: `order ${name} of ${content}`,
      async run(deps) {
        const placed = await placeOrder(deps, {
          ...{
            partner: scene.partner,
            protocol: 'tillo',
            scope: 'tillo',
            requestId: name,
            operation: 'order',
            content,
          },
          ...{ brand: scene.brands[supply], face: BigInt(face), delivery: 'code', later },
        })
        return 'refusal' in placed ? `no ${placed.refusal}` : 'ok'
      },
      model(before, { from, others }) {
        const known = before.requests[name]
        if (known !== undefined) {
          if (known !== `order ${content}`) return no(before, ['request-conflict'])
          return [{ state: before, answer: 'ok' }]
        }
        if (supply === 'own' && (face < 100 || face > GREATEST)) return no(before, ['value-not-offered'])
        const price = priceOf(face)
        const made: Order = { supply, face, ...price, status: 'requested' }
        const start = { ...before, requests: { ...before.requests, [name]: `order ${content}` } }
        const pay = { source: 'float', target: of('settlement', supply), amount: price.cost }
        const reason = reasonAgainst(before, pay)
        const gone = !later && supply === 'stock' && before.stock <= others ? ['out-of-stock'] : []
        if (reason) return no(before, ['insufficient-float', ...gone])
        if (later)
          return [{ state: { ...reserved(start, pay), orders: { ...before.orders, [name]: made } }, answer: 'ok' }]
        // The last code may be in the hands of another buyer, who puts it back.
        const sold = supply === 'own' || before.stock > 0
        const outcomes = no(before, gone)
        return sold
          ? [{ state: issued(transferred(start, pay), name, made, from), answer: 'ok' }, ...outcomes]
          : outcomes
      },
    }
  }

  const fulfil: Choose = (state) => {
    const open = Object.entries(state.orders).filter(([, { status }]) => status === 'requested')
    if (open.length === 0) return order(state)
    const [name] = pick(open)
    return {
      text: `order ${name} is fulfilled`,
      several: true,
      async run(deps) {
        patience += STALE + 1_000
        const later = patience
        const id = await orderId(scene, deps, name)
        const mine = { ...deps, clock: () => deps.clock() + later }
        if (id !== null) await fulfilOrder(mine, async () => ({ status: 'pending' }), id)
        return 'ok'
      },
      model(before, { from, others }) {
        const it = before.orders[name] as Order
        const stays = { state: before, answer: 'ok' }
        if (it.status !== 'requested') return [stays]
        const pay = { source: 'float', target: of('settlement', it.supply), amount: it.cost }
        const free = reserved(before, { ...pay, amount: -it.cost })
        const failed = { ...free, orders: { ...free.orders, [name]: { ...it, status: 'failed' as const } } }
        const outcomes: Next<CardState>[] = []
        if (it.supply === 'own' || before.stock > 0)
          outcomes.push({ state: issued(transferred(free, pay), name, it, from), answer: 'ok' })
        if (it.supply === 'stock' && before.stock <= others) outcomes.push({ state: failed, answer: 'ok' })
        // Somebody has it in hand.
        return others > 0 ? [...outcomes, stays] : outcomes
      },
    }
  }

  const cancel: Choose = (state) => {
    const bought = Object.keys(state.cards)
    if (bought.length === 0) return order(state)
    const name = pick(bought)
    const request = pick([`c${++count}`, `c-${name}`])
    return {
      text: `order ${name} is cancelled (${request})`,
      async run(deps) {
        const row = await findOrder(deps.db, (await orderId(scene, deps, name)) as string)
        const card = row && (await findCard(deps.db, { orderId: row.id }))
        if (!row || !card) return 'no card'
        const { supply } = state.orders[name] as Order
        const result = await cancelOrder(deps, {
          ...{ partner: scene.partner, scope: 'tillo', requestId: request, operation: 'cancel', content: name },
          ...{ order: row, card, brand: scene.brands[supply], how: 'cancelled' },
        })
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model: (state, during) =>
        overHolds(state, during, name, (before) => {
          const known = before.requests[request]
          if (known !== undefined) return [{ state: before, answer: 'ok' }]
          if (!terms.cancellable) return no(before, ['not-cancellable'])
          const it = before.orders[name] as Order
          const card = before.cards[name] as Card
          const reasons: string[] = []
          if (card.status === 'ended') reasons.push('card-ended')
          if (card.status === 'blocked') reasons.push('card-blocked', 'refused')
          if (reasons.length > 0) return no(before, reasons)
          const own = it.supply === 'own'
          const after = moved(before, [
            ...(own ? [{ source: name, target: 'settlement', amount: card.face }] : []),
            ...(it.revenue > 0
              ? [{ source: of('revenue', it.supply), target: of('settlement', it.supply), amount: it.revenue }]
              : []),
            { source: of('settlement', it.supply), target: 'float', amount: it.cost },
          ])
          if ('code' in after) return no(before, [after.account === name ? 'card-used' : 'refused'])
          // What was put on it beside its value is still there, or held: it is not untouched.
          const left = own ? (after.state.accounts[name] as Account) : null
          if (left && (left.balance !== 0 || left.held !== 0 || left.incoming !== 0)) return no(before, ['card-used'])
          const closed = own ? withAccount(after.state, name, { status: 'closed' }) : after.state
          const ended = withCard(closed, name, { status: 'ended', how: 'cancelled' })
          const orders = { ...ended.orders, [name]: { ...it, status: 'cancelled' as const } }
          return [
            { state: { ...ended, orders, requests: { ...ended.requests, [request]: `cancel ${name}` } }, answer: 'ok' },
          ]
        }),
    }
  }

  const block: Choose = (state) => {
    const own = Object.entries(state.cards).filter(([name]) => state.orders[name]?.supply === 'own')
    if (own.length === 0) return order(state)
    const [name, { status }] = pick(own)
    const to = status === 'active' ? 'blocked' : 'active'
    return {
      text: `card ${name} becomes ${to}`,
      async run(deps) {
        try {
          const card = (await cardId(scene, deps, name)) as string
          await setCardBlocked(deps, 'operator', { cardId: card, to, reason: null })
          return 'ok'
        } catch (error) {
          if (error instanceof OperationRefusal) return `no ${error.code}`
          throw error
        }
      },
      model: (state, during) =>
        overHolds(state, during, name, (before) => {
          const card = before.cards[name] as Card
          const { others } = during
          // Of two changes that begin from one state, one is made.
          const beaten = others > 0 ? no(before, ['conflict']) : []
          if (card.status === 'ended') return no(before, ['conflict'])
          if (card.status === to) return [{ state: before, answer: 'ok' }, ...beaten]
          const account = withAccount(before, name, { status: to === 'blocked' ? 'frozen' : 'open' })
          return [{ state: withCard(account, name, { status: to }), answer: 'ok' }, ...beaten]
        }),
    }
  }

  const expire: Choose = (state) => {
    const own = Object.keys(state.cards).filter((name) => state.orders[name]?.supply === 'own')
    if (own.length === 0) return order(state)
    const name = pick(own)
    let now = 0
    return {
      text: `the worker looks whether card ${name} has expired`,
      async run(deps) {
        now = stage.clock()
        const id = await cardId(scene, deps, name)
        await expireCards(scoped(deps, 'b.id = c.brand_id\n     where', `c.id = '${id}'`))
        return 'ok'
      },
      model(before, { others }) {
        const card = before.cards[name] as Card
        const { balance, held } = before.accounts[name] as Account
        const stays = { state: before, answer: 'ok' }
        if (card.status !== 'active' || card.expires === null || card.expires > now || held > 0) return [stays]
        const swept = balance > 0 ? transferred(before, { source: name, target: 'breakage', amount: balance }) : before
        const closed = withAccount(swept, name, { status: 'closed' })
        const ended = { state: withCard(closed, name, { status: 'ended', how: 'expired' }), answer: 'ok' }
        // One that is used meanwhile stays, and is looked at again.
        return others > 0 ? [ended, stays] : [ended]
      },
    }
  }

  return [order, order, order, fulfil, fulfil, cancel, block, expire]
}
