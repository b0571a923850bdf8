import { OperationRefusal } from '../../../src/operations/input.ts'
import { decideLeftOver } from '../../../src/operations/jackpot/expire-reservations.ts'
import { refundVoucher, settleRefund } from '../../../src/operations/jackpot/refund-voucher.ts'
import { moved, withAccount } from './books.ts'
import { spending } from './card-spending.ts'
import { scoped } from './scoped.ts'
import type { Next } from './search.ts'
import { type Choose, interrupted, no, overHolds, type VoucherScene, voucherId } from './vouchers-scene.ts'
import { isOwn, type Voucher, type VoucherState, withVoucher } from './vouchers-state.ts'

/** The card ends and the price goes back; or why not. */
function takenBack(state: VoucherState, name: string): { state: VoucherState } | { account: string } {
  const { brand, face, cost, revenue, told } = state.vouchers[name] as Voucher
  const [settlement, operator] = [`settlement ${brand}`, `revenue ${brand}`]
  const after = moved(state, [
    ...(isOwn(brand) ? [{ source: name, target: settlement, amount: face }] : []),
    ...(revenue > 0 ? [{ source: operator, target: settlement, amount: revenue }] : []),
    ...(revenue < 0 ? [{ source: settlement, target: operator, amount: -revenue }] : []),
    { source: settlement, target: 'float', amount: cost },
  ])
  if ('code' in after) return after
  const closed = isOwn(brand) ? withAccount(after.state, name, { status: 'closed' }) : after.state
  const ended = { ...closed, cards: { ...closed.cards, [name]: 'ended cancelled' } }
  return { state: withVoucher(ended, name, { state: 'refunded', order: 'cancelled', told: [...told, 'refunded'] }) }
}

function rejected(state: VoucherState, name: string): VoucherState {
  const { told } = state.vouchers[name] as Voucher
  return withVoucher(state, name, { state: 'refund_rejected', told: [...told, 'refund_rejected'] })
}

/** Refunds by partners and operators, and cards that are used meanwhile. */
export function refundActions(scene: VoucherScene, otherwise: Choose): Choose[] {
  const { pick, stage, partner, terms } = scene
  const actor = `till:life-${stage.tag}`

  const one = (state: VoucherState, fits: (it: Voucher) => boolean): string | null => {
    const all = Object.entries(state.vouchers)
    const fit = all.filter(([, it]) => fits(it))
    const from = fit.length > 0 && pick([true, true, true, false]) ? fit : all
    return from.length === 0 ? null : (pick(from)[0] as string)
  }

  /** What needs no operator. */
  const decide = (state: VoucherState, name: string): VoucherState => {
    const it = state.vouchers[name] as Voucher
    if (it.state !== 'refunding' || it.order !== 'succeeded' || !terms.cancellable || it.brand === 'bought')
      return state
    const after = takenBack(state, name)
    if ('state' in after) return after.state
    // The books of brand or operator may be able to later.
    return after.account === name ? rejected(state, name) : state
  }

  const refund: Choose = (state) => {
    const name = one(state, (it) => it.state === 'ready' || it.state === 'confirmed')
    if (name === null) return otherwise(state)
    return {
      text: `${name} is asked back`,
      several: true,
      async run(deps) {
        const id = (await voucherId(scene, deps, name)) as string
        const result = await refundVoucher(deps, { voucherId: id, partner })
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model: (state, during) =>
        overHolds(state, during, (before) => {
          const it = before.vouchers[name] as Voucher
          if (it.state === 'reserved' || it.state === 'canceled') return [no(before, 'voucher-state')]
          const open = it.state === 'confirmed' || it.state === 'ready'
          const asked = open ? withVoucher(before, name, { state: 'refunding' }) : before
          return [{ state: decide(asked, name), answer: 'ok' }, interrupted(asked)]
        }),
    }
  }

  const leftOver: Choose = (state) => {
    const name = one(state, (it) => it.state === 'refunding')
    if (name === null) return otherwise(state)
    return {
      text: `the worker decides whether ${name} is given back`,
      several: true,
      async run(deps) {
        const id = (await voucherId(scene, deps, name)) as string
        await decideLeftOver(scoped(deps, 'b.id = o.brand_id\n     where', `v.id = '${id}'`))
        return 'ok'
      },
      model: (state, during) => overHolds(state, during, (before) => [{ state: decide(before, name), answer: 'ok' }]),
    }
  }

  const settle: Choose = (state) => {
    const name = one(state, (it) => it.state === 'refunding' || it.state === 'ready')
    if (name === null) return otherwise(state)
    const accept = pick([true, true, false])
    return {
      text: `an operator ${accept ? 'gives' : 'does not give'} ${name} back`,
      several: true,
      async run(deps) {
        try {
          const id = (await voucherId(scene, deps, name)) as string
          await settleRefund(deps, 'operator', { voucherId: id, accept })
          return 'ok'
        } catch (error) {
          if (error instanceof OperationRefusal) return `no ${error.code}`
          throw error
        }
      },
      model: (state, during) =>
        overHolds(state, during, (before): Next<VoucherState>[] => {
          const it = before.vouchers[name] as Voucher
          const refused = no(before, 'conflict')
          if (it.state === (accept ? 'refunded' : 'refund_rejected')) return [{ state: before, answer: 'ok' }]
          if (it.state !== 'refunding' && !(accept && it.state === 'ready')) return [refused]
          // Before there is a card nothing is decided.
          if (it.order !== 'succeeded') return [refused]
          if (!accept) return [{ state: rejected(before, name), answer: 'ok' }]
          const after = takenBack(before, name)
          return 'state' in after ? [{ state: after.state, answer: 'ok' }] : [refused]
        }),
    }
  }

  const use: Choose = (state) => {
    const own = Object.keys(state.cards).filter((name) => isOwn((state.vouchers[name] as Voucher).brand))
    if (own.length === 0) return otherwise(state)
    const name = pick(own)
    const spent = spending({ ...scene, actor }, state, name, async (deps) => {
      const id = await voucherId(scene, deps, name)
      return (await deps.db.query<{ id: string }>('select id from card where order_id = $1', [id]))[0]?.id as string
    })
    return { ...spent, model: (before, during) => overHolds(before, during, (held) => spent.model(held, during)) }
  }

  return [refund, refund, settle, leftOver, use, use]
}
