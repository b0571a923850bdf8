import type { Worker } from 'node:cluster'
import type { FromWorker, ToWorker } from './messages.ts'

/** A worker that does not count within this time is left out; ms. */
const PATIENCE = 1_000

/** Brings the workers' figures together for the one that was asked for them. */
export type Meeting = {
  hear(worker: Worker, message: Extract<FromWorker, { kind: 'count' | 'gather' }>): void
  /** A worker that is gone is not waited for. */
  left(worker: Worker): void
}

type Round = { readonly missing: Set<Worker>; readonly texts: string[]; end(): void }

/** @param alive those that are ready */
export function createMeeting(alive: ReadonlySet<Worker>, restarts: () => number): Meeting {
  const rounds = new Map<number, Round>()
  let next = 0

  function gather(asking: Worker, asked: number): void {
    const id = ++next
    const missing = new Set([...alive].filter((worker) => worker !== asking))
    const texts: string[] = []
    const end = () => {
      clearTimeout(timer)
      if (rounds.delete(id)) tell(asking, { kind: 'counted', id: asked, texts, restarts: restarts() })
    }
    const timer = setTimeout(end, PATIENCE)
    rounds.set(id, { missing, texts, end })
    for (const worker of missing) tell(worker, { kind: 'count', id })
    if (missing.size === 0) end()
  }

  function tick(round: Round | undefined, worker: Worker, text?: string): void {
    if (!round?.missing.delete(worker)) return
    if (text !== undefined) round.texts.push(text)
    if (round.missing.size === 0) round.end()
  }

  return {
    hear(worker, message) {
      if (message.kind === 'gather') gather(worker, message.id)
      else tick(rounds.get(message.id), worker, message.text)
    },
    left(worker) {
      for (const round of rounds.values()) tick(round, worker)
    },
  }
}

/** A message to a worker that just died is for nobody. */
export function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {})
}
