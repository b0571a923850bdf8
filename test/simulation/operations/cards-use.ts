import { captureCardHold, holdOnCard, releaseCardHold } from '../../../src/operations/gift-cards/hold-on-card.ts'
import { redeemCard } from '../../../src/operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../../src/operations/gift-cards/refund-to-card.ts'
import { topUpCard } from '../../../src/operations/gift-cards/top-up-card.ts'
import type { CardUseResult } from '../../../src/operations/gift-cards/use-card.ts'
import { findCardHold, findOwnCard, findRedemption, type OwnCard } from '../../../src/storage/card-use.ts'
import { type Account, type Decided, hasCome, moved, reasonAgainst, reserved, transferred, underKey } from './books.ts'
import { freed, overHolds } from './cards-holds.ts'
import { type CardScene, type Choose, cardId, stateReasons } from './cards-orders.ts'
import { type Card, type CardState, GREATEST, type Hold, type Redemption } from './cards-state.ts'
import type { Deps } from './installation.ts'

const ACTOR_KIND = 'till'

/** Redemptions, holds, refunds and top-ups at a till. */
export function useActions(scene: CardScene, order: Choose): Choose[] {
  const { pick, stage, shop } = scene
  const actor = `${ACTOR_KIND}:life-${stage.tag}`
  const { partyId } = shop

  const any = (state: CardState): string | null => {
    const own = Object.keys(state.cards).filter((name) => state.orders[name]?.supply === 'own')
    return own.length === 0 ? null : pick(own)
  }
  const amountOf = (state: CardState, card: string): number => {
    const { balance, held } = state.accounts[card] as Account
    const { upper, balance: there, incoming } = state.accounts.shop as Account
    const most = balance - held
    const room = (upper as number) - there - incoming
    const usual = 1 + Math.floor(most / pick([1.5, 2, 4, 10]))
    return Math.max(1, pick([usual, usual, usual, 1, most, most, most + 1, Math.min(most, room), room + 1]))
  }
  const cardOf = async (deps: Deps, name: string): Promise<OwnCard> => {
    const card = await findOwnCard(deps.db, { id: (await cardId(scene, deps, name)) as string })
    if (!card) throw new Error(`the card of ${name} is gone`)
    return card
  }
  const answer = (result: CardUseResult, name: string) =>
    result.accepted ? scene.remember(name, result.reference) : `no ${result.code}`

  const refused = (state: CardState, reasons: readonly string[]): Decided<CardState>[] =>
    reasons.map((reason) => ({ state, answer: `no ${reason}`, stored: null }))
  const word = ({ code, account }: { code: string; account: string }): string => {
    if (code === 'unavailable-funds') return account === 'shop' ? 'insufficient-funds' : 'insufficient-balance'
    if (code === 'unreceivable-funds') return account === 'shop' ? 'wallet-full' : 'card-full'
    return code === 'source-frozen' ? 'card-blocked' : 'card-ended'
  }
  const done = (state: CardState): Decided<CardState>[] => [{ state, answer: 'ok', stored: true }]
  const redeemed = (state: CardState, name: string, card: string, amount: number): CardState => ({
    ...state,
    redemptions: { ...state.redemptions, [name]: { card, amount, refunded: 0 } },
  })

  const redeem: Choose = (state) => {
    const card = any(state)
    if (card === null) return order(state)
    const amount = amountOf(state, card)
    const key = scene.key()
    const name = `${key} ${card} ${amount}`
    let now = 0
    return {
      text: `${amount} of card ${card} is redeemed (${key})`,
      async run(deps) {
        now = stage.clock()
        const wish = { card: await cardOf(deps, card), wallet: shop, amount: BigInt(amount), actor, key }
        return answer(await redeemCard(deps, wish), name)
      },
      model: (state, during) =>
        overHolds(state, during, null, (before) =>
          underKey(before, { key, content: `redeem ${card} ${amount}` }, () => {
            const reasons = stateReasons(before.cards[card] as Card, now)
            const after = moved(before, [{ source: card, target: 'shop', amount }])
            if ('code' in after) return refused(before, [...reasons, word(after), ...short(before, card, amount)])
            return reasons.length > 0 ? refused(before, reasons) : done(redeemed(after.state, name, card, amount))
          }),
        ),
    }
  }

  /** What is told of a balance before the ledger is asked, whatever else stands against it. */
  const short = ({ accounts }: CardState, card: string, amount: number): string[] => {
    const { balance, held } = accounts[card] as Account
    return balance - held < amount ? ['insufficient-balance'] : []
  }

  const hold: Choose = (state) => {
    const card = any(state)
    if (card === null) return order(state)
    const amount = amountOf(state, card)
    const key = scene.key()
    // A server whose clock is behind makes a hold of a minute that ends in a moment.
    const soon = pick([null, null, null, 20, 80])
    const seconds = soon === null ? 3_600 : 60
    const name = `${key} hold ${card} ${amount}`
    let now = 0
    let fixed = 0
    return {
      text: `${amount} of card ${card} is held${soon === null ? '' : ` for ${soon} ms`} (${key})`,
      async run(deps) {
        fixed ||= soon === null ? stage.clock() : Date.now() + soon - 60_000
        now = fixed
        const wish = { card: await cardOf(deps, card), wallet: shop, amount: BigInt(amount), actor, key, seconds }
        return answer(await holdOnCard({ ...deps, clock: () => fixed }, wish), name)
      },
      model: (state, during) =>
        overHolds(state, during, null, (before) =>
          underKey(before, { key, content: `hold ${card} ${amount} ${seconds}` }, () => {
            const ends = { least: fixed + seconds * 1000, most: fixed + seconds * 1000 }
            const move = { source: card, target: 'shop', amount }
            const reasons = stateReasons(before.cards[card] as Card, now)
            const over = hasCome(ends, during)
            const late = over === false ? [] : ['hold-expired']
            const reason = reasonAgainst(before, move)
            if (reason) return refused(before, [...reasons, ...late, word(reason), ...short(before, card, amount)])
            if (reasons.length > 0) return refused(before, [...reasons, ...late])
            const made: Hold = { card, amount, open: true, expired: false, ends }
            const held = { ...reserved(before, move), holds: { ...before.holds, [name]: made } }
            return [...(over === true ? [] : done(held)), ...refused(before, late)]
          }),
        ),
    }
  }

  const endHold: Choose = (state) => {
    const holds = Object.keys(state.holds)
    if (holds.length === 0) return hold(state)
    const id = pick(holds)
    const { card, amount: all } = state.holds[id] as Hold
    const amount = pick([all, all, Math.ceil(all / 2), all + 1, null, null])
    const key = scene.key()
    const name = `${key} end ${id}`
    const content = amount === null ? `release ${id}` : `capture ${id} ${amount}`
    return {
      text: `${content} (${key})`,
      async run(deps) {
        const row = await findCardHold(deps.db, scene.reference(id), partyId)
        if (!row) throw new Error(`the hold ${id} is gone`)
        const input = { actor, key, hold: row }
        return answer(
          await (amount === null
            ? releaseCardHold(deps, input)
            : captureCardHold(deps, { ...input, amount: BigInt(amount) })),
          name,
        )
      },
      model: (state, during) =>
        overHolds(state, during, null, (before) =>
          underKey(before, { key, content }, () => {
            const it = before.holds[id] as Hold
            const reasons = amount !== null && amount > it.amount ? ['capture-exceeds-hold'] : []
            if (!it.open) reasons.push(it.expired ? 'hold-expired' : 'hold-ended')
            const over = it.open ? hasCome(it.ends, during) : false
            if (over === true) reasons.push('hold-expired')
            if (reasons.length > 0) return refused(before, reasons)
            const perhaps = over === null ? refused(before, ['hold-expired']) : []
            const free = freed(before, id, {})
            if (amount === null) return [...done(free), ...perhaps]
            const paid = transferred(free, { source: card, target: 'shop', amount })
            return [...done(redeemed(paid, name, card, amount)), ...perhaps]
          }),
        ),
    }
  }

  const refund: Choose = (state) => {
    const made = Object.keys(state.redemptions)
    if (made.length === 0) return redeem(state)
    const id = pick(made)
    const { card, amount: all, refunded } = state.redemptions[id] as Redemption
    const left = all - refunded
    const amount = Math.max(1, pick([left, left, Math.ceil(left / 2), 1, left + 1, all]))
    const key = scene.key()
    let now = 0
    return {
      text: `${amount} of redemption ${id} is given back (${key})`,
      async run(deps) {
        now = stage.clock()
        const redemption = await findRedemption(deps.db, scene.reference(id), partyId)
        if (!redemption) throw new Error(`the redemption ${id} is gone`)
        return answer(
          await refundToCard(deps, { actor, key, redemption, amount: BigInt(amount) }),
          `${key} refund ${id}`,
        )
      },
      model: (state, during) =>
        overHolds(state, during, null, (before) =>
          underKey(before, { key, content: `refund ${id} ${amount}` }, () => {
            const it = before.redemptions[id] as Redemption
            const reasons = stateReasons(before.cards[card] as Card, now)
            if (it.refunded + amount > it.amount) reasons.push('refund-exceeds-redemption')
            const after = moved(before, [{ source: 'shop', target: card, amount }])
            if ('code' in after) return refused(before, [...reasons, word(after)])
            if (reasons.length > 0) return refused(before, reasons)
            const redemptions = { ...before.redemptions, [id]: { ...it, refunded: it.refunded + amount } }
            return done({ ...after.state, redemptions })
          }),
        ),
    }
  }

  const topUp: Choose = (state) => {
    const card = any(state)
    if (card === null) return order(state)
    const room = GREATEST - (state.accounts[card] as Account).balance
    const there = (state.accounts.shop as Account).balance
    const amount = Math.max(1, pick([1, room, room + 1, there, Math.ceil(there / 2)]))
    const key = scene.key()
    let now = 0
    return {
      text: `${amount} is put on card ${card} (${key})`,
      async run(deps) {
        now = stage.clock()
        const wish = { card: await cardOf(deps, card), wallet: shop, amount: BigInt(amount), actor, key }
        return answer(await topUpCard(deps, wish), `${key} top-up ${card}`)
      },
      model: (state, during) =>
        overHolds(state, during, null, (before) =>
          underKey(before, { key, content: `top-up ${card} ${amount}` }, () => {
            const reasons = stateReasons(before.cards[card] as Card, now)
            const { balance } = before.accounts[card] as Account
            if (balance + amount > GREATEST) reasons.push('card-full')
            const after = moved(before, [{ source: 'shop', target: card, amount }])
            if ('code' in after) return refused(before, [...reasons, word(after)])
            return reasons.length > 0 ? refused(before, reasons) : done(after.state)
          }),
        ),
    }
  }

  return [redeem, redeem, redeem, hold, hold, endHold, endHold, refund, refund, topUp]
}
