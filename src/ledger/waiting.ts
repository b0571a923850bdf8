import { accountsOf } from '../domain/posting.ts'
import type { Command, Outcome, Settled } from './command.ts'
import type { KeyRecord, LockRequest } from './store.ts'

/** A command whose caller waits for it. */
export type Waiting = {
  readonly command: Command
  /** of the caller's key, if it gave one */
  readonly keyId: string | null
  readonly settle: (settled: Settled) => void
  readonly fail: (error: Error) => void
  /** later arrivals with the same key: they take this one's answer, or the conflict */
  readonly twins: Waiting[]
}

/** What must be locked and looked up before a batch is decided. */
export function lockRequest(batch: Waiting[], lookUpKeys: boolean): LockRequest {
  const accounts = new Set<bigint>()
  const holds = new Set<string>()
  const keys: string[] = []
  for (const { command, keyId } of batch) {
    if (lookUpKeys && keyId !== null) keys.push(keyId)
    for (const leg of command.legs) {
      for (const account of accountsOf(leg)) accounts.add(account)
      if (leg.type === 'capture' || leg.type === 'release') holds.add(leg.hold)
    }
  }
  return { accounts, holds, keys }
}

/** Answers what is known already; of several commands with one key the first goes on and carries the others. */
export function foldTwins(
  batch: readonly Waiting[],
  known: (key: string) => KeyRecord | undefined,
  inHand: readonly Waiting[],
): Waiting[] {
  const firsts = new Map<string, Waiting>()
  for (const waiting of inHand) if (waiting.keyId !== null) firsts.set(waiting.keyId, waiting)
  const primaries: Waiting[] = []
  for (const waiting of batch) {
    const { keyId } = waiting
    if (keyId === null) {
      primaries.push(waiting)
      continue
    }
    const record = known(keyId)
    if (record) {
      settleKnown(waiting, record)
      continue
    }
    const first = firsts.get(keyId)
    if (first) first.twins.push(waiting)
    else {
      firsts.set(keyId, waiting)
      primaries.push(waiting)
    }
  }
  return primaries
}

export function settleFirst(waiting: Waiting, settled: Settled): void {
  const { key } = waiting.command
  if (key) for (const twin of waiting.twins) settleKnown(twin, { hash: key.hash, answer: settled.answer })
  waiting.settle(settled)
}

export function settleKnown(waiting: Waiting, record: KeyRecord): void {
  const same = record.hash === waiting.command.key?.hash
  const outcome: Outcome = { accepted: false, refusal: { code: 'idempotency-conflict' }, at: Date.now() }
  for (const twin of waiting.twins) settleKnown(twin, record)
  if (same) {
    waiting.settle({ answer: record.answer, outcome: null, replayed: true })
    return
  }
  try {
    waiting.settle({ answer: waiting.command.answer(outcome), outcome, replayed: false })
  } catch (error) {
    waiting.fail(error as Error)
  }
}

/** Tells every caller of a batch. */
export function failAll(batch: Waiting[], error: Error): void {
  for (const waiting of batch) for (const each of [waiting, ...waiting.twins]) each.fail(error)
}
