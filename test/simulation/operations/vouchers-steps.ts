import { fulfilOrder } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { cancelVoucher } from '../../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { confirmLeftOver, expireReservations } from '../../../src/operations/jackpot/expire-reservations.ts'
import type { VoucherResult } from '../../../src/operations/jackpot/require-voucher.ts'
import { account, hasCome, transferred } from './books.ts'
import type { Deps } from './installation.ts'
import { scoped } from './scoped.ts'
import type { During, Next } from './search.ts'
import { createWorkers } from './upstream.ts'
import { type Choose, no, overHolds, type VoucherAction, type VoucherScene, voucherId } from './vouchers-scene.ts'
import { freed, isOwn, type Voucher, type VoucherState, withVoucher } from './vouchers-state.ts'

/** The card is there: its value on an account of its own, where it is ours. */
function issued(state: VoucherState, name: string): VoucherState {
  const { brand, face, revenue, told, state: was } = state.vouchers[name] as Voucher
  let now = brand === 'stock' ? { ...state, stock: state.stock - 1 } : state
  if (isOwn(brand)) {
    now = { ...now, accounts: { ...now.accounts, [name]: account() } }
    now = transferred(now, { source: `settlement ${brand}`, target: name, amount: face })
  }
  if (revenue > 0)
    now = transferred(now, { source: `settlement ${brand}`, target: `revenue ${brand}`, amount: revenue })
  const ready = { state: was === 'refunding' ? was : 'ready', order: 'succeeded', told: [...told, 'ready'] } as const
  return withVoucher({ ...now, cards: { ...now.cards, [name]: 'active' } }, name, ready)
}

/** What is held for it is paid. */
function paid(state: VoucherState, name: string): VoucherState {
  const { brand, cost, revenue, told } = state.vouchers[name] as Voucher
  let now = freed(state, name, ['held', 'added'])
  now = transferred(now, { source: 'float', target: `settlement ${brand}`, amount: cost })
  if (revenue < 0)
    now = transferred(now, { source: `revenue ${brand}`, target: `settlement ${brand}`, amount: -revenue })
  return withVoucher(now, name, { state: 'confirmed', order: 'requested', told: [...told, 'confirmed'] })
}

function canceled(state: VoucherState, name: string): VoucherState {
  const { told } = state.vouchers[name] as Voucher
  const free = freed(state, name, ['held', 'added'])
  return withVoucher(free, name, { state: 'canceled', order: 'failed', told: [...told, 'canceled'] })
}

/** What a confirmation comes to. */
export function confirmed(state: VoucherState, name: string, during: During): Next<VoucherState>[] {
  const it = state.vouchers[name] as Voucher
  if (it.state === 'confirmed' || it.state === 'ready') return [{ state, answer: 'ok' }]
  if (it.state !== 'reserved') return [no(state, 'voucher-state')]
  const outcomes: Next<VoucherState>[] = []
  if (it.brand === 'stock') {
    if (state.stock <= during.others) outcomes.push(no(state, 'out-of-stock'))
    if (state.stock === 0) return outcomes
  }
  const over = it.held && (it.revenue >= 0 || it.added) ? hasCome(it.ends, during) : true
  if (over !== false) outcomes.push(no(state, 'reservation-expired'))
  if (over === true) return outcomes
  const after = paid(state, name)
  const later = it.brand === 'later' || it.brand === 'bought'
  return [...outcomes, { state: later ? after : issued(after, name), answer: 'ok' }]
}

/** What happens to a reservation until there is a card. */
export function stepActions(scene: VoucherScene, otherwise: Choose): Choose[] {
  const { pick, stage, partner, vendor } = scene
  const worker = createWorkers()
  const answer = (result: VoucherResult) => ('refusal' in result ? `no ${result.refusal}` : 'ok')

  /** One of the vouchers, of those in these states rather. */
  const one = (state: VoucherState, states: readonly Voucher['state'][]): string | null => {
    const all = Object.entries(state.vouchers)
    const fit = all.filter(([, it]) => states.includes(it.state))
    const from = fit.length > 0 && pick([true, true, true, false]) ? fit : all
    return from.length === 0 ? null : (pick(from)[0] as string)
  }
  const onOne =
    (
      states: readonly Voucher['state'][],
      make: (name: string) => {
        text: string
        run: (deps: Deps, id: string) => Promise<string>
        next: (state: VoucherState, during: During) => Next<VoucherState>[]
      },
    ): Choose =>
    (state): VoucherAction => {
      const name = one(state, states)
      if (name === null) return otherwise(state)
      const { text, run, next } = make(name)
      return {
        text,
        several: true,
        async run(deps) {
          const id = await voucherId(scene, deps, name)
          return id === null ? 'no voucher' : run(deps, id)
        },
        model: (before, during) => overHolds(before, during, (held) => next(held, during)),
      }
    }

  const confirm = onOne(['reserved'], (name) => ({
    text: `${name} is confirmed`,
    run: async (deps, id) => answer(await confirmVoucher(deps, { voucherId: id, partner })),
    next: (state, during) => confirmed(state, name, during),
  }))

  const cancel = onOne(['reserved'], (name) => ({
    text: `${name} is cancelled`,
    run: async (deps, id) => answer(await cancelVoucher(deps, { voucherId: id, partner })),
    next(state) {
      const it = state.vouchers[name] as Voucher
      if (it.state === 'canceled') return [{ state, answer: 'ok' }]
      return it.state === 'reserved' ? [{ state: canceled(state, name), answer: 'ok' }] : [no(state, 'voucher-state')]
    },
  }))

  const expire = onOne(['reserved'], (name) => {
    let now = 0
    return {
      text: `the worker looks whether the time of ${name} is over`,
      async run(deps, id) {
        now = stage.clock()
        const at = now
        await expireReservations({ ...scoped(deps, 'from voucher where', `id = '${id}'`), clock: () => at })
        return 'ok'
      },
      next(state) {
        const it = state.vouchers[name] as Voucher
        const over = it.state === 'reserved' && it.expires <= now
        return [{ state: over ? canceled(state, name) : state, answer: 'ok' }]
      },
    }
  })

  const leftOver = onOne(['reserved'], (name) => ({
    text: `the worker confirms ${name}, if nobody has`,
    async run(deps, id) {
      const mine = { ...deps, clock: () => deps.clock() + 60_000 }
      await confirmLeftOver(scoped(mine, 'p.disabled_at is null\n     where', `v.id = '${id}'`))
      return 'ok'
    },
    next(state, during) {
      const it = state.vouchers[name] as Voucher
      if (!it.automatic || it.state !== 'reserved') return [{ state, answer: 'ok' }]
      return confirmed(state, name, during).map(({ state: after }) => ({ state: after, answer: 'ok' }))
    },
  }))

  const fulfil = onOne(['confirmed', 'refunding'], (name) => ({
    text: `the worker supplies ${name}`,
    async run(deps, id) {
      await fulfilOrder(worker(deps), vendor.buy(deps), id)
      return 'ok'
    },
    next(state, { others }) {
      const it = state.vouchers[name] as Voucher
      const stays = { state, answer: 'ok' }
      if (it.order !== 'requested') return [stays]
      const done = { state: issued(it.brand === 'bought' ? withVoucher(state, name, { sold: true }) : state, name) }
      if (it.brand !== 'bought') return others > 0 ? [{ ...done, answer: 'ok' }, stays] : [{ ...done, answer: 'ok' }]
      // The vendor may not have been heard, whether it has sold a card or not.
      const outcomes = [
        { ...done, answer: 'ok' },
        stays,
        { state: withVoucher(state, name, { sold: true }), answer: 'ok' },
      ]
      // What it has sold it never refuses.
      return it.sold ? outcomes : [...outcomes, { state: unsupplied(state, name), answer: 'ok' }]
    },
  }))

  return [confirm, confirm, confirm, cancel, expire, leftOver, fulfil, fulfil, fulfil]
}

/** What was paid goes back, since there will be no card. */
function unsupplied(state: VoucherState, name: string): VoucherState {
  const { brand, cost, revenue, told } = state.vouchers[name] as Voucher
  let now = transferred(state, { source: `settlement ${brand}`, target: 'float', amount: cost })
  if (revenue < 0)
    now = transferred(now, { source: `settlement ${brand}`, target: `revenue ${brand}`, amount: -revenue })
  return withVoucher(now, name, { state: 'refunded', order: 'failed', told: [...told, 'refunded'] })
}
