import type { CardSecrets } from '../../../src/credentials/card-codes.ts'
import { fulfilOrder } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { fulfilPlastic } from '../../../src/operations/gift-cards/fulfil-plastic.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { sellPlastic } from '../../../src/operations/gift-cards/sell-plastic.ts'
import { findSale } from '../../../src/storage/gift-sales.ts'
import { account, type Move, moved, reserved, transferred } from './books.ts'
import {
  bought,
  type Choose,
  findSaleId,
  GREATEST,
  LEAST,
  limited,
  no,
  ok,
  type PartnerScene,
  priceOf,
  repeated,
} from './partners-scene.ts'
import { type PartnerState, type Sale, withSale } from './partners-state.ts'
import { createWorkers } from './upstream.ts'

const opened = (state: PartnerState, card: string): PartnerState => ({
  ...state,
  accounts: { ...state.accounts, [card]: account() },
  cards: { ...state.cards, [card]: 'active' },
})

/** Plastic cards, at hand or to be sent, and cards that are bought elsewhere. */
export function saleActions(scene: PartnerScene): Choose[] {
  const { pick, stage, partner, own, vendor, plastic } = scene
  const worker = createWorkers()
  const wish = (name: string, operation: string, content: string) => ({
    ...{ partner, scope: 'tillo', requestId: name, operation, content: `${operation} ${content}` },
    protocol: 'tillo' as const,
  })
  const card = () => `p${pick([...plastic.keys()])}`
  const secretsOf = (name: string) => plastic[Number(name.slice(1))] as CardSecrets
  const offered = (face: number, step: number) => face >= LEAST && face <= GREATEST && face % step === 0

  const values = ({ revenue }: Pick<Sale, 'revenue'>, face: number, to: string): Move[] => [
    { source: 'settlement own', target: to, amount: face },
    { source: 'settlement own', target: 'revenue own', amount: revenue },
  ]

  const activate: Choose = (state) => {
    const name = scene.request(state)
    const face = pick([1_000, 1_000, 1_333, 1_333, 2_501, 2_501, GREATEST, GREATEST + 1])
    const to = pick([card(), card(), null])
    const whose = scene.whose()
    const content = `${to ?? 'by letter'} ${face}`
    let now = 0
    return {
      text: `plastic ${content} (${name})`,
      async run(deps) {
        now = stage.clock()
        const at = now
        const asked = { ...wish(name, 'plastic', content), brand: own, face: BigInt(face), address: whose.address }
        const secrets = to === null ? null : secretsOf(to)
        const result = await sellPlastic(limited(scene, { ...deps, clock: () => at }), { ...asked, secrets })
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before) {
        const earlier = repeated(before, name, `plastic ${content}`)
        if (earlier) return earlier
        if (!offered(face, 1)) return no(before, 'value-not-offered')
        const price = priceOf(scene, face)
        const pay = { source: 'float', target: 'settlement own', amount: price.cost }
        const taken = to !== null && before.cards[to] !== undefined
        // A second account of a card that has one stands for itself here: what is looked at is whether it was paid.
        const start = to === null || taken ? before : opened(before, to)
        const result = bought(scene, start, {
          ...(to === null ? { moves: [], hold: pay } : { moves: taken ? [pay] : [pay, ...values(price, face, to)] }),
          ...{ face, now, whose, rules: taken ? ['card-active'] : [] },
        })
        if ('reasons' in result) return no(before, ...result.reasons)
        const kind = to === null ? 'plastic' : 'activation'
        const sale: Sale = {
          kind,
          face,
          ...price,
          status: to === null ? 'requested' : 'succeeded',
          card: to,
          sold: false,
        }
        return ok({
          ...result.state,
          requests: { ...before.requests, [name]: `plastic ${content}` },
          sales: { ...before.sales, [name]: sale },
        })
      },
    }
  }

  const send: Choose = (state) => {
    const orders = Object.entries(state.sales).filter(([, { kind }]) => kind === 'plastic')
    if (orders.length === 0) return activate(state)
    const [sale] = pick(orders)
    const to = card()
    const name = scene.request(state)
    const content = `${sale} ${to}`
    return {
      text: `${to} is sent for ${sale} (${name})`,
      several: true,
      async run(deps) {
        const row = await findSale(deps.db, await findSaleId(scene, deps, sale))
        if (!row) return 'no sale'
        const asked = { ...wish(name, 'fulfil', content), brand: own, sale: row, secrets: secretsOf(to) }
        const result = await fulfilPlastic(deps, asked)
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before) {
        const earlier = repeated(before, name, `fulfil ${content}`)
        if (earlier) return earlier
        const it = before.sales[sale] as Sale
        if (it.status !== 'requested') return no(before, 'order-ended')
        if (before.cards[to] !== undefined) return no(before, 'card-active')
        const pay = { source: 'float', target: 'settlement own', amount: it.cost }
        const paid = transferred(reserved(opened(before, to), { ...pay, amount: -it.cost }), pay)
        const after = moved(paid, values(it, it.face, to))
        if ('code' in after) return no(before, 'refused')
        const requests = { ...before.requests, [name]: `fulfil ${content}` }
        return ok({ ...withSale(after.state, sale, { status: 'succeeded', card: to }), requests })
      },
    }
  }

  const order: Choose = (state) => {
    const name = scene.request(state)
    const face = pick([1_000, 1_000, 2_500, 2_500, 1_333])
    const whose = { ...scene.whose(), recipient: pick(['ann@example.com', 'bob@example.com']) }
    let now = 0
    return {
      text: `a card of ${face} from elsewhere (${name})`,
      async run(deps) {
        now = stage.clock()
        const at = now
        const placed = await placeOrder(limited(scene, { ...deps, clock: () => at }), {
          ...wish(name, 'order', String(face)),
          ...{ brand: scene.bought, face: BigInt(face), delivery: 'code', later: false, ...whose },
        })
        return 'refusal' in placed ? `no ${placed.refusal}` : 'ok'
      },
      model(before) {
        const earlier = repeated(before, name, `order ${face}`)
        if (earlier) return earlier
        if (!offered(face, 100)) return no(before, 'value-not-offered')
        const price = priceOf(scene, face)
        const hold = { source: 'float', target: 'settlement bought', amount: price.cost }
        const result = bought(scene, before, { moves: [], hold, face, now, whose })
        if ('reasons' in result) return no(before, ...result.reasons)
        const sale: Sale = { kind: 'bought', face, ...price, status: 'requested', card: null, sold: false }
        return ok({
          ...result.state,
          requests: { ...before.requests, [name]: `order ${face}` },
          sales: { ...before.sales, [name]: sale },
        })
      },
    }
  }

  const fulfil: Choose = (state) => {
    const all = Object.entries(state.sales).filter(([, { kind }]) => kind === 'bought')
    const open = all.filter(([, { status }]) => status === 'requested')
    if (all.length === 0) return order(state)
    const [name] = pick(open.length > 0 ? open : all)
    return {
      text: `the worker buys ${name}`,
      several: true,
      async run(deps) {
        await fulfilOrder(worker(deps), vendor.buy(deps), await findSaleId(scene, deps, name))
        return 'ok'
      },
      model(before) {
        const it = before.sales[name] as Sale
        if (it.status !== 'requested') return ok(before)
        const pay = { source: 'float', target: 'settlement bought', amount: it.cost }
        const free = reserved(before, { ...pay, amount: -it.cost })
        const paid = moved(transferred(free, pay), [
          { source: 'settlement bought', target: 'revenue bought', amount: it.revenue },
        ]) as { state: PartnerState }
        const done = withSale(paid.state, name, { status: 'succeeded', card: name, sold: true })
        const outcomes = [
          ...ok({ ...done, cards: { ...done.cards, [name]: 'active' } }),
          // The vendor may not have been heard, whether it has sold a card or not.
          ...ok(before),
          ...ok(withSale(before, name, { sold: true })),
        ]
        // What it has sold it never refuses.
        return it.sold ? outcomes : [...outcomes, ...ok(withSale(free, name, { status: 'failed' }))]
      },
    }
  }

  return [activate, activate, activate, send, send, order, fulfil, fulfil]
}
