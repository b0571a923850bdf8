import type { AccountStatus, Leg } from '../../src/domain/posting.ts'
import { sumOf } from './effects.ts'

/** Written from docs/ledger.md, not from the code: plain maps, and rules in the words of the page. */
export type ModelAccount = {
  asset: number
  balance: bigint
  lower: bigint | null
  upper: bigint | null
  status: AccountStatus
  /** how many entries it has */
  entries: number
  version: number
}

export type ModelHold = { source: bigint; target: bigint; amount: bigint; expiresAt: number; state: string }

export type Posted = { account: bigint; seq: number; amount: bigint; balance: bigint }

export type ModelEffect = { name: string; row: readonly (string | null)[] }

const MOST = 2n ** 62n

export type Model = ReturnType<typeof createModel>

export function createModel() {
  const accounts = new Map<bigint, ModelAccount>()
  const holds = new Map<string, ModelHold>()
  const sums = new Map<string, bigint>()

  /** What open holds reserve, added up anew each time: the books keep counters, the model does not. */
  function reserved(id: bigint, side: 'source' | 'target'): bigint {
    let sum = 0n
    for (const hold of holds.values()) if (hold.state === 'open' && hold[side] === id) sum += hold.amount
    return sum
  }

  function refusedMove(leg: { source: bigint; target: bigint; amount: bigint }): string | null {
    const from = accounts.get(leg.source)
    const to = accounts.get(leg.target)
    if (leg.source === leg.target) return 'same-account'
    if (!from) return 'source-not-found'
    if (!to) return 'target-not-found'
    if (from.asset !== to.asset) return 'asset-mismatch'
    if (from.status === 'closed') return 'source-closed'
    if (to.status === 'closed') return 'target-closed'
    if (from.status === 'frozen') return 'source-frozen'
    const left = from.balance - reserved(leg.source, 'source') - leg.amount
    const full = to.balance + reserved(leg.target, 'target') + leg.amount
    if (from.lower !== null && left < from.lower) return 'unavailable-funds'
    if (to.upper !== null && full > to.upper) return 'unreceivable-funds'
    return left < -MOST || full > MOST ? 'amount-out-of-range' : null
  }

  function post(leg: { source: bigint; target: bigint }, amount: bigint, posted: Posted[]): void {
    for (const [id, signed] of [
      [leg.source, -amount],
      [leg.target, amount],
    ] as const) {
      const account = accounts.get(id) as ModelAccount
      account.balance += signed
      account.entries++
      posted.push({ account: id, seq: account.entries, amount: signed, balance: account.balance })
    }
  }

  function brokenLimits(id: bigint, account: ModelAccount): string | null {
    const { lower, upper, balance } = account
    if (lower !== null && upper !== null && lower > upper) return 'limits-crossed'
    if (lower !== null && balance - reserved(id, 'source') < lower) return 'limit-broken'
    return upper !== null && balance + reserved(id, 'target') > upper ? 'limit-broken' : null
  }

  function step(leg: Leg, now: number, posted: Posted[]): string | null {
    if (leg.type === 'transfer' || leg.type === 'hold') {
      const refused = refusedMove(leg)
      if (refused) return refused
      if (leg.type === 'transfer') post(leg, leg.amount, posted)
      else {
        const { source, target, amount, expiresAt } = leg
        holds.set(leg.hold, { source, target, amount, expiresAt, state: 'open' })
      }
      return null
    }
    if (leg.type === 'capture' || leg.type === 'release') {
      if (!accounts.has(leg.source)) return 'source-not-found'
      if (!accounts.has(leg.target)) return 'target-not-found'
      const hold = holds.get(leg.hold)
      if (!hold || hold.source !== leg.source || hold.target !== leg.target) return 'hold-not-found'
      if (hold.state === 'expired') return 'hold-expired'
      if (hold.state !== 'open') return 'hold-ended'
      if (leg.type === 'release') {
        hold.state = hold.expiresAt <= now ? 'expired' : 'released'
        return null
      }
      if (hold.expiresAt <= now) return 'hold-expired'
      if (leg.amount > hold.amount) return 'capture-exceeds-hold'
      hold.state = 'captured'
      post(leg, leg.amount, posted)
      return null
    }
    const account = accounts.get(leg.account)
    if (leg.type === 'open-account') {
      if (account) return 'account-exists'
      const { assetId: asset, lower, upper } = leg
      const opened: ModelAccount = { asset, balance: 0n, lower, upper, status: 'open', entries: 0, version: 1 }
      const broken = brokenLimits(leg.account, opened)
      if (!broken) accounts.set(leg.account, opened)
      return broken
    }
    if (!account) return 'account-not-found'
    if (account.status === 'closed') return 'account-closed'
    if (leg.lower !== undefined) account.lower = leg.lower
    if (leg.upper !== undefined) account.upper = leg.upper
    if (leg.status !== undefined) account.status = leg.status
    account.version++
    const broken = brokenLimits(leg.account, account)
    if (broken || account.status !== 'closed') return broken
    const left = [account.balance, reserved(leg.account, 'source'), reserved(leg.account, 'target')]
    return left.every((amount) => amount === 0n) ? null : 'account-not-empty'
  }

  /** Everything that a command may change, to be put back when it is refused. */
  function remember(legs: readonly Leg[]): () => void {
    const before = legs.flatMap((leg) => ('account' in leg ? [leg.account] : [leg.source, leg.target]))
    const kept = before.map((id) => [id, { ...(accounts.get(id) as ModelAccount) }, accounts.has(id)] as const)
    const names = legs.flatMap((leg) => ('hold' in leg ? [leg.hold] : []))
    const keptHolds = names.map((id) => [id, { ...(holds.get(id) as ModelHold) }, holds.has(id)] as const)
    return () => {
      for (const [id, account, was] of kept) was ? accounts.set(id, account) : accounts.delete(id)
      for (const [id, hold, was] of keptHolds) was ? holds.set(id, hold) : holds.delete(id)
    }
  }

  return {
    accounts,
    holds,
    sums,
    reserved,

    /** @returns why it would be refused (every reason that may be told), and what it posts otherwise */
    submit(
      legs: readonly Leg[],
      effects: readonly ModelEffect[],
      now: number,
    ): { refused: string[]; posted: Posted[] } {
      const forget = remember(legs)
      const posted: Posted[] = []
      const refused: string[] = []
      for (const leg of legs) {
        const reason = step(leg, now, posted)
        if (reason === null) continue
        refused.push(reason)
        break
      }
      const added = effects.map(({ name, row }) => sumOf(name, row))
      for (const { name, adds, cap, code, constraint } of added) {
        if ((sums.get(name) ?? 0n) + adds > cap) refused.push(`${code} ${constraint}`)
      }
      if (refused.length > 0) forget()
      else for (const { name, adds } of added) sums.set(name, (sums.get(name) ?? 0n) + adds)
      return { refused, posted }
    },

    /** Ends the holds past their time that reserve room on one of the accounts. @returns their ids */
    expire(locked: ReadonlySet<bigint>, now: number): string[] {
      const ended: string[] = []
      for (const [id, hold] of holds) {
        if (hold.state !== 'open' || hold.expiresAt > now) continue
        if (!locked.has(hold.source) && !locked.has(hold.target)) continue
        hold.state = 'expired'
        ended.push(id)
      }
      return ended
    },
  }
}
