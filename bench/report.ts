import { readFileSync } from 'node:fs'
import type { BenchDatabase } from './database.ts'

export type Bench = {
  readonly database: BenchDatabase
  readonly quick: boolean
  /** sizes that take an hour are wanted, too */
  readonly huge?: boolean
  say(line: string): void
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export const round = (value: number): string => Math.round(value).toLocaleString('en')
export const times = (value: number): string => `${value.toFixed(2)} ×`

/** A line of a result: what, how much, and the bar it is held against. */
export function line(what: string, value: string, bar = ''): string {
  return `${what.padEnd(58)} ${value.padStart(16)}  ${bar}`
}

/** Share of the processors' time that the host gave to others since the last call: what noise there was. */
export function createStealMeter(): () => number {
  const read = () => {
    const fields = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] as string)
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number)
    return { steal: fields[7] ?? 0, total: fields.slice(0, 8).reduce((sum, value) => sum + value, 0) }
  }
  let last = read()
  return () => {
    const now = read()
    const share = (now.steal - last.steal) / Math.max(1, now.total - last.total)
    last = now
    return share
  }
}
