import { findSession } from '../../../src/operations/jackpot/find-session.ts'
import { openSession } from '../../../src/operations/jackpot/open-session.ts'
import { reserveVoucher } from '../../../src/operations/jackpot/reserve-voucher.ts'
import { reasonAgainst, reserved } from './books.ts'
import type { Deps } from './installation.ts'
import type { Next } from './search.ts'
import {
  type Choose,
  GREATEST,
  HOUR,
  LEAST,
  no,
  overHolds,
  priceFor,
  RESERVATION,
  revenueFor,
  type VoucherScene,
  valueFor,
} from './vouchers-scene.ts'
import { BRANDS, type Session, type Voucher, type VoucherState } from './vouchers-state.ts'
import { confirmed } from './vouchers-steps.ts'

/** The value of the codes in stock. */
const STOCKED = 1_000

/** A query of all stores, of one life only: the others' would make it dearer the more lives there were. */
const ofLife = (deps: Deps, asset: number): Deps => ({
  ...deps,
  db: {
    ...deps.db,
    query: <Row>(text: string, values?: unknown[]) =>
      deps.db.query<Row>(text.replace('where c.scheme = $1', `where b.asset_id = ${asset} and c.scheme = $1`), values),
  },
})

/** Sessions, and what they reserve. */
export function reserveActions(scene: VoucherScene): Choose[] {
  const { pick, stage, stores, tokens } = scene
  let count = 0

  const open: Choose = (state) => {
    const old = Object.keys(state.sessions)
    const name = old.length > 0 && pick([false, false, false, true]) ? pick(old) : `s${++count}`
    const amount = pick([1_100, 1_100, 1_234, 2_500, 2_500, GREATEST, GREATEST, 0.5])
    const manual = pick([false, false, true])
    let now = 0
    return {
      text: `session ${name} of ${amount}${manual ? ', confirmed by hand' : ''}`,
      async run(deps) {
        now = stage.clock()
        const at = now
        const opened = await openSession(
          { ...deps, clock: () => at },
          {
            caller: scene.caller,
            claims: { amount: amount / 100, iat: 0, notificationKey: name, forceManualConfirm: manual },
            signed: `${Buffer.from(name).toString('base64url')}.e30`,
          },
        )
        if ('refusal' in opened) return `no ${opened.refusal}`
        tokens.set(name, opened.token)
        return 'ok'
      },
      model(before) {
        if (amount < 1) return [no(before, 'amount-invalid')]
        if (before.sessions[name]) return [no(before, 'token-used')]
        const made: Session = { amount, manual, expires: now + HOUR, asked: null }
        return [{ state: { ...before, sessions: { ...before.sessions, [name]: made } }, answer: 'ok' }]
      },
    }
  }

  const reserve: Choose = (state) => {
    const known = Object.keys(state.sessions).filter((name) => tokens.has(name))
    const free = known.filter((name) => state.sessions[name]?.asked === null)
    if (known.length === 0 || (free.length === 0 && pick([true, true, true, false]))) return open(state)
    const name = free.length > 0 ? pick(free) : pick(known)
    const session = state.sessions[name] as Session
    const brand = pick(BRANDS)
    const store = stores[brand]
    const by = brand === 'stock' ? 'value' : pick(['price', 'value'] as const)
    const most = session.amount
    const amount =
      brand === 'stock'
        ? pick([STOCKED, STOCKED, STOCKED, STOCKED + 1])
        : by === 'price'
          ? pick([most, most, most, most + 1, Math.ceil(most / 3), LEAST - 1])
          : pick([valueFor(store, most) ?? LEAST, valueFor(store, most) ?? LEAST, 500, 1_000, GREATEST + store.step, 1])
    // A server whose clock is behind makes a reservation of two days that ends in a moment.
    const soon = pick([null, null, null, null, null, null, 25, 90])
    const content = `${brand} ${by} ${amount}`
    let fixed = 0
    let now = 0
    return {
      text: `${name} reserves ${content}${soon === null ? '' : ` for ${soon} ms`}`,
      several: true,
      async run(deps) {
        now = stage.clock()
        fixed ||= soon === null ? now : Date.now() + soon - RESERVATION
        const at = now
        const found = await findSession({ db: deps.db, clock: () => at }, tokens.get(name) as string)
        if (!found) return 'no session'
        const result = await reserveVoucher(
          { ...ofLife(deps, found.asset.id), clock: () => fixed },
          { session: found, storeId: store.brand.id, offerId: store.offer.id, by, amount: BigInt(amount) },
        )
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model: (state, during) =>
        overHolds(state, during, (before) => {
          const it = before.sessions[name] as Session
          if (it.expires <= now) return [no(before, 'session')]
          if (it.asked !== null)
            return [it.asked === content ? { state: before, answer: 'ok' } : no(before, 'session-ended')]
          const face = by === 'value' ? amount : valueFor(store, amount)
          if (face === null || face < LEAST || face > GREATEST || face % store.step !== 0)
            return [no(before, 'value-not-offered')]
          const cost = priceFor(store, face)
          if (cost > it.amount || (by === 'price' && amount > it.amount)) return [no(before, 'amount-exceeds-session')]
          // What one process has at hand, another may have sold; what is in the hands of a buyer may come back.
          const gone = brand === 'stock' && (before.stock <= during.others || face !== STOCKED)
          const outcomes: Next<VoucherState>[] = gone ? [no(before, 'out-of-stock')] : []
          if (brand === 'stock' && face !== STOCKED) return outcomes
          const revenue = revenueFor(store, face, cost)
          // One that is over by now is made nevertheless: its holds end with the next batch.
          const ends = { least: fixed + RESERVATION, most: fixed + RESERVATION }
          const pay = { source: 'float', target: `settlement ${brand}`, amount: cost }
          if (reasonAgainst(before, pay)) return [...outcomes, no(before, 'insufficient-float')]
          const add = { source: `revenue ${brand}`, target: `settlement ${brand}`, amount: -revenue }
          const paid = reserved(before, pay)
          if (revenue < 0 && reasonAgainst(paid, add)) return [...outcomes, no(before, 'offer-exhausted')]
          const automatic = scene.terms.automatic && !it.manual
          const made: Voucher = {
            ...{ brand, face, cost, revenue, automatic, state: 'reserved', order: 'reserved' },
            ...{ held: true, added: revenue < 0, ends, expires: fixed + RESERVATION, told: ['reserved'], sold: false },
          }
          const held = revenue < 0 ? reserved(paid, add) : paid
          const after: VoucherState = {
            ...held,
            sessions: { ...held.sessions, [name]: { ...it, asked: content } },
            vouchers: { ...held.vouchers, [name]: made },
          }
          if (!automatic) return [...outcomes, { state: after, answer: 'ok' }]
          // It stands also where its confirmation fails: the worker does that again.
          const atOnce = overHolds(after, during, (one) => [
            { state: one, answer: 'ok' },
            ...confirmed(one, name, during).filter(({ state: next }) => next !== one),
          ])
          return [...outcomes, ...atOnce.map(({ state: next }) => ({ state: next, answer: 'ok' }))]
        }),
    }
  }

  return [open, reserve, reserve, reserve]
}
