/**
 * Conditions of a search, those with a value alone: a condition that is not asked for must not be in the statement, or the planner
 * would plan for both.
 * @param conditions texts with `$` where their value goes
 * @param values those that stand before
 * @returns text after `where`, and all values
 */
export function where(
  conditions: readonly (readonly [text: string, value: unknown])[],
  values: readonly unknown[] = [],
): { text: string; values: unknown[] } {
  const all = [...values]
  const texts: string[] = []
  for (const [text, value] of conditions) {
    if (value === undefined) continue
    const place = all.push(value)
    texts.push(text.replaceAll('$', () => `$${place}`))
  }
  return { text: texts.length === 0 ? 'true' : texts.join(' and '), values: all }
}

/** A pattern for `like` that finds what begins with a text. */
export const beginsWith = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : `${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** What names are searched by, in any case. */
export const lowerName = (alias: string): string => `lower(${alias}.name)`

/** How a list goes on that is searched by the beginning of a name, and so is in the order of the names. */
export type ByName = {
  readonly conditions: readonly (readonly [text: string, value: unknown])[]
  readonly order: string
}

/**
 * What a search by name reads lies together in an index of names, however many begin so and wherever their ids are: in the order of the
 * ids, the planner would have to guess whether to walk through all rows or to sort all that match.
 * @param of.table with the alias that stands before its columns
 * @param of.name what the index is of, without alias: `lower(name)`
 * @param of.after id of the last one of the page before
 */
export function byName(of: {
  table: string
  alias: string
  name: (alias: string) => string
  beginning: string | undefined
  after: string | undefined
}): ByName {
  const { table, alias, name, beginning, after } = of
  const id = `${alias}.id`
  if (beginning === undefined) return { conditions: [[`${id} > $`, after]], order: id }
  const mine = name(alias)
  const last = `(select ${name('z')} from ${table} z where z.id = $)`
  return {
    conditions: [
      [`${mine} like $`, beginsWith(beginning)],
      [`${mine} ~>=~ coalesce(${last}, '') and (${id} > $ or ${mine} <> ${last})`, after],
    ],
    order: `${mine} using ~<~, ${id}`,
  }
}
