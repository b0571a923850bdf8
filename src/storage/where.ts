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
