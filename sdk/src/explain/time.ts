import { found } from './guess.ts'
import { span } from './input.ts'
import type { Finding } from './types.ts'

/**
 * What is wrong with the time of a request.
 * @param text as it stands in the request
 * @param now milliseconds since the epoch
 * @param tolerance in the unit, both ways
 */
export function timeFindings(
  text: string,
  unit: 'seconds' | 'milliseconds',
  now: number,
  tolerance: number,
): Finding[] {
  const perUnit = unit === 'seconds' ? 1000 : 1
  if (!/^[1-9]\d*$/.test(text)) {
    return /^\d{4}-\d\d-\d\d/.test(text)
      ? [found('iso-time', { unit })]
      : [found('time-malformed', { value: text, unit })]
  }
  const time = Number(text)
  // A time in the other unit is a thousand times too far away, and lies near now when it is read as that.
  if (unit === 'seconds' && text.length >= 12) return [found('milliseconds-for-seconds')]
  if (unit === 'milliseconds' && text.length <= 10) return [found('seconds-for-milliseconds')]
  const age = now - time * perUnit
  const values = { age: span(Math.abs(age) / 1000), allowed: span((tolerance * perUnit) / 1000) }
  if (age > tolerance * perUnit) return [found('stale-time', values)]
  return age < -tolerance * perUnit ? [found('future-time', values)] : []
}
