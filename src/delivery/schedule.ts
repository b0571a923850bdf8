import type { AttemptEnd } from '../storage/delivery-queue.ts'

/** A tenth more or less, so that what failed together does not come back together. */
const jitter = (ms: number, random: number) => ms * (0.9 + random / 5)

/**
 * What becomes of a delivery whose n-th attempt has failed.
 * @param attempt from 1
 * @param now ms since the epoch
 * @param random 0 to 1
 * @param atLeast ms that the receiver asked for
 */
export function afterFailure(
  pauses: readonly number[],
  attempt: number,
  now: number,
  random: number,
  atLeast = 0,
): AttemptEnd {
  const pause = pauses[attempt - 1]
  if (pause === undefined) return { outcome: 'failed' }
  return { outcome: 'waiting', next: new Date(now + Math.max(jitter(pause, random), atLeast)) }
}

/** How long a receiver is left alone that says it has too much to do: what it asks for, an hour at most. */
export function restAfter(status: number, retryAfter: number | null): number {
  if (status !== 429 && status !== 502 && status !== 503 && status !== 504) return 0
  return Math.min(retryAfter ?? 5, 3_600) * 1000
}
