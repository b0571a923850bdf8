import { malformed } from './errors.ts'
import * as schemas from './query-schemas.ts'

/** What follows the question mark: each name at most once, and none but those that the endpoint takes. */
export function readQuery<Name extends string>(
  search: string,
  endpoint: string,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const read: Partial<Record<Name, string>> = {}
  const twice = new Set<string>()
  for (const [name, value] of new URLSearchParams(search)) {
    if (!(names as readonly string[]).includes(name)) {
      throw malformed('query-unknown', `${endpoint} takes ${names.join(', ')}`)
    }
    if (Object.hasOwn(read, name)) twice.add(name)
    read[name as Name] = value
  }
  // Only after all names are known: what is unknown is said first.
  for (const name of twice) throw malformed('query-invalid', `${name} is there twice`)
  return read
}

const PAGE_LIMIT = 100

export function pageLimit(text = '20'): number {
  if (schemas.limit.safeParse(text).success) return Number(text)
  throw notWhole('limit', PAGE_LIMIT)
}

export function wholeNumber(text: string, name: string, most: number): number {
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most)) throw notWhole(name, most)
  return value
}

const notWhole = (name: string, most: number) =>
  malformed('query-invalid', `${name} must be a whole number from 1 to ${most}`)

export function oneOf<Value extends string>(
  text: string | undefined,
  name: string,
  values: readonly Value[],
): Value | undefined {
  if (text === undefined || (values as readonly string[]).includes(text)) return text as Value | undefined
  throw malformed('query-invalid', `${name} is one of ${values.join(', ')}`)
}

/** RFC 3339 with an offset: `2026-01-31T23:59:59Z`. */
export function readMoment(text: string | undefined, name: string): Date | undefined {
  if (text === undefined) return undefined
  if (schemas.momentText.safeParse(text).success) return new Date(text)
  throw malformed('query-invalid', `${name} reads 2026-01-31T23:59:59Z`)
}

export const isReference = (text: string): boolean => schemas.reference.safeParse(text).success

/** A cursor that is a reference. */
export function referenceCursor(text: string | undefined): string | undefined {
  if (text === undefined || isReference(text)) return text
  throw malformed('query-invalid', 'cursor must be the `next` of the page before')
}
