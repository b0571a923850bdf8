import { cashOutCard } from '../../../src/operations/gift-cards/cash-out-card.ts'
import { loadCard } from '../../../src/operations/gift-cards/load-card.ts'
import { unloadCard } from '../../../src/operations/gift-cards/unload-card.ts'
import { findSale } from '../../../src/storage/gift-sales.ts'
import { type Account, moved, withAccount } from './books.ts'
import { spending } from './card-spending.ts'
import {
  bought,
  type Choose,
  findPlastic,
  findSaleId,
  GREATEST,
  limited,
  no,
  ok,
  type PartnerScene,
  priceOf,
  repeated,
} from './partners-scene.ts'
import { type Sale, withSale } from './partners-state.ts'

/** Value that a partner puts on cards, takes back, and cashes out. */
export function valueActions(scene: PartnerScene, otherwise: Choose): Choose[] {
  const { pick, stage, partner, own, shop } = scene
  const actor = `till:life-${stage.tag}`
  const wish = (name: string, operation: string, content: string) => ({
    ...{ partner, scope: 'tillo', requestId: name, operation, content: `${operation} ${content}`, brand: own },
    protocol: 'tillo' as const,
  })

  const load: Choose = (state) => {
    const all = Object.keys(state.cards).filter((name) => name.startsWith('p'))
    if (all.length === 0) return otherwise(state)
    const to = pick(all)
    const room = GREATEST - (state.accounts[to] as Account).balance
    const face = pick([500, 500, 1_333, 1_333, Math.max(100, room), room + 1, 1])
    const name = scene.request(state)
    const whose = scene.whose()
    const content = `${to} ${face}`
    let now = 0
    return {
      text: `top-up of ${content} (${name})`,
      async run(deps) {
        now = stage.clock()
        const at = now
        const card = await findPlastic(scene, deps, to)
        if (!card) return 'no card'
        const asked = { ...wish(name, 'top-up', content), card, face: BigInt(face), address: whose.address }
        const result = await loadCard(limited(scene, { ...deps, clock: () => at }), asked)
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before, { others }) {
        const earlier = repeated(before, name, `top-up ${content}`)
        if (earlier) return earlier
        if (face < 100 || face > GREATEST) return no(before, 'value-not-offered')
        const ended = before.cards[to] !== 'active'
        // One that ends after it was looked at leaves it to the ledger, which may name what the float misses: both are so.
        if (ended && others === 0) return no(before, 'card-ended')
        const price = priceOf(scene, face)
        const full = (before.accounts[to] as Account).balance + face > GREATEST
        const result = bought(scene, before, {
          moves: [
            { source: 'float', target: 'settlement own', amount: price.cost },
            { source: 'settlement own', target: to, amount: face },
            { source: 'settlement own', target: 'revenue own', amount: price.revenue },
          ],
          ...{ face, now, whose: { ...whose, card: to }, rules: full ? ['card-full'] : [] },
        })
        if ('reasons' in result) return no(before, ...(ended ? ['card-ended'] : []), ...result.reasons)
        const sale: Sale = { kind: 'top-up', face, ...price, status: 'succeeded', card: to, sold: false }
        return ok({
          ...result.state,
          requests: { ...before.requests, [name]: `top-up ${content}` },
          sales: { ...before.sales, [name]: sale },
        })
      },
    }
  }

  const unload: Choose = (state) => {
    const all = Object.entries(state.sales).filter(([, { kind }]) => kind === 'top-up')
    if (all.length === 0) return load(state)
    const [sale, { card: from }] = pick(all)
    const to = from as string
    const name = scene.request(state)
    return {
      text: `top-up ${sale} is taken back (${name})`,
      async run(deps) {
        const row = await findSale(deps.db, await findSaleId(scene, deps, sale))
        const card = await findPlastic(scene, deps, to)
        if (!row || !card) return 'no sale'
        const result = await unloadCard(deps, { ...wish(name, 'unload', sale), card, sale: row })
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before) {
        const earlier = repeated(before, name, `unload ${sale}`)
        if (earlier) return earlier
        const it = before.sales[sale] as Sale
        if (it.status === 'cancelled' || before.cards[to] !== 'active') return no(before, 'card-ended')
        const after = moved(before, [
          { source: to, target: 'settlement own', amount: it.face },
          { source: 'revenue own', target: 'settlement own', amount: it.revenue },
          { source: 'settlement own', target: 'float', amount: it.cost },
        ])
        if ('code' in after) return no(before, after.account === to ? 'insufficient-balance' : 'refused')
        const requests = { ...before.requests, [name]: `unload ${sale}` }
        return ok({ ...withSale(after.state, sale, { status: 'cancelled' }), requests })
      },
    }
  }

  const cashOut: Choose = (state) => {
    const all = Object.keys(state.cards).filter((name) => name.startsWith('p'))
    if (all.length === 0) return otherwise(state)
    const from = pick(all)
    const name = scene.request(state)
    return {
      text: `${from} is cashed out (${name})`,
      async run(deps) {
        const card = await findPlastic(scene, deps, from)
        if (!card) return 'no card'
        const result = await cashOutCard(deps, { ...wish(name, 'cash-out', from), card })
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before, { others }) {
        const earlier = repeated(before, name, `cash-out ${from}`)
        if (earlier) return earlier
        if (before.cards[from] !== 'active') return no(before, 'card-ended')
        const { balance: rest } = before.accounts[from] as Account
        if (rest === 0) return no(before, 'insufficient-balance')
        // What part of what was paid belongs to the rest, rounded down; for what a till has put there nothing was paid.
        const sales = Object.values(before.sales).filter((it) => it.card === from && it.status === 'succeeded')
        const sum = (of: (it: Sale) => number) => sales.reduce((total, it) => total + of(it), 0)
        const face = sum((it) => it.face)
        const share = (all: number) => Math.floor((Math.min(rest, face) * all) / face)
        const after = moved(before, [
          { source: from, target: 'settlement own', amount: rest },
          { source: 'revenue own', target: 'settlement own', amount: share(sum((it) => it.revenue)) },
          { source: 'settlement own', target: 'float', amount: share(sum((it) => it.cost)) },
        ])
        const busy = others > 0 ? no(before, 'card-used') : []
        if ('code' in after) return [...no(before, 'refused'), ...busy]
        const closed = withAccount(after.state, from, { status: 'closed' })
        const requests = { ...before.requests, [name]: `cash-out ${from}` }
        return [...ok({ ...closed, requests, cards: { ...before.cards, [from]: 'ended cashed-out' } }), ...busy]
      },
    }
  }

  const spend: Choose = (state) => {
    const all = Object.keys(state.cards).filter((name) => name.startsWith('p'))
    if (all.length === 0) return otherwise(state)
    const name = pick(all)
    return spending({ ...scene, shop, actor }, state, name, async (deps) => {
      return (await findPlastic(scene, deps, name))?.id as string
    })
  }

  return [load, load, unload, unload, cashOut, spend, spend]
}
