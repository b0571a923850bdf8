import { decideFunding } from '../../../src/operations/funding/decide-funding.ts'
import { moveFunds, type Operator } from '../../../src/operations/funding/move-funds.ts'
import { findFunding } from '../../../src/storage/fundings.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Decided, decided, underKey } from './books.ts'
import type { Next } from './search.ts'
import type { WalletAction, WalletScene } from './wallets-scene.ts'
import { ALONE, type Funding, type WalletState } from './wallets-state.ts'

type Choose = (state: WalletState) => WalletAction

/** Two of one party, who count as one person, and one of another. */
const OPERATORS = { one: 'ann', two: 'ann', three: 'shop' } as const
type Name = keyof typeof OPERATORS

/** Money that operators move by hand: alone up to a limit, above it with a second person. */
export function fundingActions(scene: WalletScene): Choose[] {
  const { wallets, pick, stage } = scene
  const wallet = (name: string) => wallets[name] as Wallet
  const actor = scene.actor('operator')
  const operator = (name: Name): Operator => ({
    email: `${name}@simulator.example`,
    partyId: wallet(OPERATORS[name]).partyId,
  })

  const move: Choose = () => {
    const direction = pick(['in', 'in', 'out'] as const)
    const name = pick(['ann', 'bob', 'shop'])
    const amount = pick([1, 200, ALONE, ALONE + 1, 300, 900])
    const by = pick(['one', 'two', 'three'] as const)
    const key = scene.key()
    const content = `${direction} ${name} ${amount}`
    const made = `${key}-${content}`
    const moves = [
      direction === 'in' ? { source: 'mint', target: name, amount } : { source: name, target: 'mint', amount },
    ]
    return {
      text: `${by} moves ${amount} ${direction} ${name} (${key})`,
      several: true,
      async run(deps) {
        const wish = {
          direction,
          wallet: wallet(name),
          bank: wallet('mint').id,
          amount: BigInt(amount),
          reason: 'because',
        }
        const result = await moveFunds(deps, { actor, key, by: operator(by) }, wish)
        if (!result.accepted) return `no ${result.code}`
        return scene.remember(made, result.id) + (result.waiting ? ' waiting' : '')
      },
      model(before) {
        const day = `${OPERATORS[by]} ${new Date(stage.clock()).toISOString().slice(0, 10)}`
        const write = (status: Funding['status']) => (after: WalletState) => ({
          ...after,
          fundings: { ...after.fundings, [made]: { direction, wallet: name, amount, by, status } },
        })
        const alone = (): Decided<WalletState>[] => {
          const sum = (before.alone[day] ?? 0) + amount
          const within = sum > ALONE ? ['within'] : []
          return decided(before, moves, within, (after) => ({
            ...write('made')(after),
            alone: { ...after.alone, [day]: sum },
          })).map((next) => ({ ...next, stored: true }))
        }
        const first: Next<WalletState>[] =
          amount <= ALONE
            ? underKey(before, { key: `operator ${key}`, content }, alone)
            : [{ state: before, answer: 'no within' }]
        return first.flatMap((next) => {
          if (next.answer !== 'no within') return [next]
          const asked = { key: `operator ${key}:ask`, content }
          return underKey(next.state, asked, () =>
            decided(next.state, [], [], write('waiting')).map((it) => ({ ...it, answer: `${it.answer} waiting` })),
          )
        })
      },
    }
  }

  const decide: Choose = (state) => {
    const asked = Object.entries(state.fundings).filter(([, { status }]) => status === 'waiting')
    const any = asked.length > 0 ? asked : Object.entries(state.fundings)
    if (any.length === 0) return move(state)
    const [name] = pick(any)
    const by = pick(['one', 'two', 'three'] as const)
    const approve = pick([true, true, false])
    const key = scene.key()
    return {
      text: `${by} ${approve ? 'approves' : 'refuses'} ${name} (${key})`,
      async run(deps) {
        const funding = await findFunding(deps.db, scene.reference(name))
        if (!funding) return 'no funding'
        const result = await decideFunding(deps, { actor, key, by: operator(by) }, funding, approve)
        return result.accepted ? 'ok' : `no ${result.code}`
      },
      model(before) {
        const funding = before.fundings[name]
        if (!funding) return [{ state: before, answer: 'no funding' }]
        const { direction, wallet: target, amount } = funding
        const moves =
          direction === 'in' ? { source: 'mint', target, amount } : { source: target, target: 'mint', amount }
        const rules: string[] = []
        if (funding.status !== 'waiting') rules.push('decided')
        if (approve && OPERATORS[funding.by as Name] === OPERATORS[by]) rules.push('same-person')
        const decision = () =>
          decided(before, approve ? [moves] : [], rules, (after) => ({
            ...after,
            fundings: {
              ...after.fundings,
              [name]: { ...funding, status: approve ? ('made' as const) : ('refused' as const) },
            },
          }))
        const input = { key: `operator ${key}`, content: `${approve} ${name}` }
        const outcomes = underKey(before, input, decision)
        // Who did not decide it is told so before its key is looked at.
        return funding.status === 'waiting' ? outcomes : [...outcomes, { state: before, answer: 'no decided' }]
      },
    }
  }

  return [decide, decide, move, move]
}
