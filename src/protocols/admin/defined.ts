type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without the members that are absent: an optional member and one that is `undefined` are not the same to the operations. */
export function defined<T extends object>(input: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>
}
