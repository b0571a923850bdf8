import { decideFloatRequest } from '../../../src/operations/gift-cards/decide-float-request.ts'
import { fundFloat } from '../../../src/operations/gift-cards/fund-float.ts'
import { requestFloat } from '../../../src/operations/gift-cards/request-float.ts'
import { OperationRefusal } from '../../../src/operations/input.ts'
import { findFloatRequest } from '../../../src/storage/float-requests.ts'
import { moved, underKey } from './books.ts'
import { type Choose, no, ok, type PartnerScene } from './partners-scene.ts'
import type { FloatRequest } from './partners-state.ts'

const told = async (work: () => Promise<string>): Promise<string> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperationRefusal) return `no ${error.code}`
    throw error
  }
}

/** Money for a float: asked for by the partner, decided by an operator, or put there without being asked. */
export function floatActions(scene: PartnerScene): Choose[] {
  const { pick, stage, partner, mint, parties } = scene
  const actor = `operator:life-${stage.tag}`
  let count = 0

  const ask: Choose = (state) => {
    const old = Object.keys(state.asked)
    const name = old.length > 0 && pick([false, false, true]) ? pick(old) : `f${++count}`
    const amount = pick([500, 500, 2_000, 6_000])
    return {
      text: `${amount} are asked for the float (${name})`,
      async run(deps) {
        const wish = { partner, currency: 'EUR', amount: BigInt(amount), reference: name, details: {} }
        const result = await requestFloat(deps, wish)
        return 'refusal' in result ? `no ${result.refusal}` : 'ok'
      },
      model(before) {
        const known = before.asked[name]
        if (known) return known.amount === amount ? ok(before) : no(before, 'reference-used')
        const made: FloatRequest = { amount, status: 'pending', approved: null }
        return ok({ ...before, asked: { ...before.asked, [name]: made } })
      },
    }
  }

  const decide: Choose = (state) => {
    const all = Object.entries(state.asked)
    const open = all.filter(([, { status }]) => status === 'pending')
    const from = open.length > 0 && pick([true, true, false]) ? open : all
    if (from.length === 0) return ask(state)
    const [name, { amount: wanted }] = pick(from)
    const approve = pick([true, true, false])
    const who = pick(['other', 'other', 'mine', 'program'] as const)
    const amount = pick([wanted, wanted, wanted - 100, wanted + 100])
    return {
      text: `${name} is ${approve ? `approved with ${amount} by ${who}` : 'removed'}`,
      run: (deps) =>
        told(async () => {
          const request = await findFloatRequest(deps.db, { partnerId: partner.id, reference: name })
          if (!request) return 'no request'
          const by = who === 'program' ? {} : { partyId: parties[who] }
          const decision = approve
            ? { approve, source: mint.explicitId, amount: (amount / 100).toFixed(2), ...by }
            : { approve }
          await decideFloatRequest(deps, actor, request.id, decision)
          return 'ok'
        }),
      // It has no key: who repeats it is told that it was decided.
      model(before) {
        const it = before.asked[name]
        if (!it) return no(before, 'request')
        if (it.status !== 'pending') return no(before, 'conflict')
        const write = (change: Partial<FloatRequest>) => ({ ...before.asked, [name]: { ...it, ...change } })
        if (!approve) return ok({ ...before, asked: write({ status: 'removed' }) })
        if (who === 'mine') return no(before, 'conflict')
        if (who === 'other' && amount > it.amount) return no(before, 'invalid_input')
        const after = moved(before, [{ source: 'mint', target: 'float', amount }])
        if ('code' in after) return no(before, 'conflict')
        const status = amount === it.amount ? 'approved' : 'approved_edited'
        return ok({ ...after.state, asked: write({ status, approved: amount }) })
      },
    }
  }

  const fund: Choose = () => {
    const amount = pick([100, 1_000, 30_000])
    const key = scene.key()
    return {
      text: `${amount} are put into the float (${key})`,
      run: (deps) =>
        told(async () => {
          const input = { partner: partner.slug, currency: 'EUR', source: mint.explicitId }
          await fundFloat(deps, actor, { ...input, amount: (amount / 100).toFixed(2), key })
          return 'ok'
        }),
      model: (before) =>
        underKey(before, { key: `fund ${key}`, content: String(amount) }, () => {
          const after = moved(before, [{ source: 'mint', target: 'float', amount }])
          return 'code' in after
            ? [{ state: before, answer: 'no conflict', stored: true }]
            : [{ state: after.state, answer: 'ok', stored: true }]
        }).map((next) => (next.answer === 'no idempotency-conflict' ? { ...next, answer: 'no conflict' } : next)),
    }
  }

  return [ask, ask, decide, decide, fund]
}
