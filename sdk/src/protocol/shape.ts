import { isJsonObject } from './json-object.ts'

/** Returns the value, the same one, if it is a `T`; else throws a {@link ShapeError}. Members that nobody asked for may be there. */
export type Check<T> = (value: unknown, path: string) => T

/** A value that is not what it should be. The message names the place and never the value, which may be a card's code. */
export class ShapeError extends Error {
  /** `card.amount`, `[3].code`. */
  readonly path: string

  constructor(path: string, expected: string) {
    super(`${path === '' ? 'The answer' : path} is not ${expected}`)
    this.name = 'ShapeError'
    this.path = path
  }
}

const check =
  <T>(is: (value: unknown) => boolean, expected: string): Check<T> =>
  (value, path) => {
    if (!is(value)) throw new ShapeError(path, expected)
    return value as T
  }

export const text = check<string>((value) => typeof value === 'string', 'a text')
export const boolean = check<boolean>((value) => typeof value === 'boolean', 'true or false')
export const number = check<number>((value) => typeof value === 'number' && Number.isFinite(value), 'a number')
export const integer = check<number>(Number.isSafeInteger, 'an integer')
export const anything: Check<unknown> = (value) => value

/** One of these texts. */
export const word = <const T extends string>(...words: readonly T[]): Check<T> =>
  check<T>((value) => (words as readonly unknown[]).includes(value), `one of ${words.join(', ')}`)

export const either =
  <A, B>(a: Check<A>, b: Check<B>): Check<A | B> =>
  (value, path) => {
    try {
      return a(value, path)
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      return b(value, path)
    }
  }

export const nullable =
  <T>(item: Check<T>): Check<T | null> =>
  (value, path) =>
    value === null ? null : item(value, path)

/** May be left out, or null. */
export const maybe =
  <T>(item: Check<T>): Check<T | null | undefined> =>
  (value, path) =>
    value === null || value === undefined ? value : item(value, path)

/** May be left out. */
export const optional =
  <T>(item: Check<T>): Check<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : item(value, path)

export const list =
  <T>(item: Check<T>): Check<T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, 'a list')
    for (const [index, each] of value.entries()) item(each, `${path}[${index}]`)
    return value
  }

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`)

/** An object by names that are not known beforehand. */
export const record =
  <T>(item: Check<T>): Check<Record<string, T>> =>
  (value, path) => {
    if (!isJsonObject(value)) throw new ShapeError(path, 'an object')
    for (const [name, member] of Object.entries(value)) item(member, join(path, name))
    return value as Record<string, T>
  }

/** An object with at least these members. */
export const object =
  <T extends object>(members: { [K in keyof T]-?: Check<T[K]> }): Check<T> =>
  (value, path) => {
    if (!isJsonObject(value)) throw new ShapeError(path, 'an object')
    for (const name in members) members[name](value[name], join(path, name))
    return value as T
  }
