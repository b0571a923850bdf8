import { isUuid } from '../../operations/input.ts'
import { filterOf } from './list.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** A filter that is an id: what cannot be one finds nothing, rather than everything. @returns undefined when it is absent */
export function uuidFilter(query: URLSearchParams, name: string): string | undefined {
  const value = filterOf(query, name)
  return value === undefined ? undefined : isUuid(value) ? value.toLowerCase() : NOBODY
}

/** A filter that is one of a closed list; undefined for anything else. */
export const choiceFilter = <T extends string>(
  query: URLSearchParams,
  name: string,
  choices: readonly T[],
): T | undefined => choices.find((choice) => choice === query.get(name))
