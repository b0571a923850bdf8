import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '../../src/engine/start-engine.ts'
import { eventually } from '../../test/support/eventually.ts'
import { send } from '../../test/support/wallet-client.ts'
import type { Bank } from './bank.ts'
import type { Place } from './place.ts'

export type Victim = 'server' | 'database' | 'everything'
export type Recoveries = Record<Victim, number[]>

/** Each second time a server, the one and the other in turn; each tenth time everything at once; else PostgreSQL. */
export const victimOf = (cycle: number): Victim =>
  cycle % 10 === 0 ? 'everything' : cycle % 2 === 0 ? 'database' : 'server'

/**
 * Ends a server, the postmaster or all of them by kill -9, and brings back what nobody else does: PostgreSQL is started again by
 * the engine, a server by whoever supervises it.
 * @returns ms from the kill to the first answer from the database: of the server that was killed, or of both
 */
export async function killOnce(place: Place, engine: Engine, victim: Victim, cycle: number): Promise<number> {
  const killed = performance.now()
  if (victim === 'server') {
    const i = (cycle >> 1) % 2
    await place.servers[i]?.kill()
    await place.insist(i)
    return firstAnswer(place.urls[i] as string, killed)
  }
  const postmaster = engine.pid
  process.kill(postmaster, 'SIGKILL')
  if (victim === 'everything') {
    await Promise.all(place.servers.map((server) => server.kill()))
    await Promise.all([0, 1].map((i) => place.insist(i)))
  }
  // Sessions end a moment after the postmaster; until another one runs there is nothing to recover from.
  await eventually(() => engine.pid !== postmaster, { every: 2 })
  return Math.max(...(await Promise.all(place.urls.map((url) => firstAnswer(url, killed)))))
}

const isReady = async (url: string): Promise<boolean> =>
  (await send(url, '/readyz', { timeout: 2_000 }).catch(() => null))?.status === 200

async function firstAnswer(url: string, since: number): Promise<number> {
  while (!(await isReady(url))) {
    if (performance.now() - since > 60_000) throw new Error(`${url} did not come back within a minute`)
    await delay(5)
  }
  return performance.now() - since
}

/** The longest time around a kill in which no payment at all got a definite answer; ms. */
export function silenceOf(bank: Bank, from: number, to: number): number {
  const times = [...bank.wishes.values()].map(({ answeredAt }) => answeredAt).filter((at) => at >= from && at <= to)
  times.sort((a, b) => a - b)
  return Math.max(0, ...[...times, to].map((at, i) => at - (times[i - 1] ?? from)))
}

export const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0

export const tell = (times: readonly number[]): string =>
  times.length === 0
    ? 'never'
    : `${times.length} times, median ${Math.round(median(times))} ms, worst ${Math.round(Math.max(...times))} ms`
