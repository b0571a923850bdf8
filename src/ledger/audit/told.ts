/** A JSON text of a transaction, which somebody may have changed: what is no object says nothing. */
export function readPayload(text: string | null): Record<string, unknown> {
  return asObject(parse(text))
}

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** ISO 8601 to ms since the epoch as text; null stays null. */
export const millisecondsText = (iso: unknown): string | null =>
  typeof iso === 'string' ? String(Date.parse(iso)) : null

/** Names of the columns whose value, as text, is not what the transaction says. */
export function differing(pairs: Readonly<Record<string, readonly [unknown, unknown]>>): string[] {
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  return Object.entries(pairs)
    .filter(([, [value, said]]) => text(value) !== text(said))
    .map(([name]) => name)
}

export function sayDiffering(says: string[], columns: string[], of: string): void {
  if (columns.length > 0) says.push(`${columns.join(', ')}: not what ${of} says`)
}
