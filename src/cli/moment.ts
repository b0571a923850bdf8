import { UsageError } from './command.ts'

/** A moment as `2026-01-31T23:59:59Z`. @throws {UsageError} */
export function readMoment(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const moment = new Date(text)
  // Without an offset the text would mean another moment on another machine.
  if (!Number.isNaN(moment.getTime()) && /[T ].*(Z|[+-]\d\d:?\d\d)$/i.test(text)) return moment
  throw new UsageError(`--${name} reads 2026-01-31T23:59:59Z`)
}
