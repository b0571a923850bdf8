import type { Sql } from '../storage/database.ts'
import { addAhead } from '../storage/due-clock.ts'
import { OperationRefusal } from './input.ts'

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
const YEAR = 366 * 86_400_000

/**
 * Puts the sandbox's due clock ahead: by hours, days or weeks, as `12h`, `30d` or `2w`, a year at most. It never goes back.
 * @returns how far it is ahead of the real one now; ms
 * @throws {OperationRefusal}
 */
export async function advanceDueClock(sql: Sql, text: string): Promise<number> {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  if (!(ms > 0) || ms > YEAR) {
    throw new OperationRefusal('invalid_input', 'time', 'say how far, such as 12h, 30d or 2w; a year at most')
  }
  return addAhead(sql, ms)
}
