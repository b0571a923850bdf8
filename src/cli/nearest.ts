/**
 * The name that was probably meant: at most two slips away (a letter missing, added, changed, or two changed about), one for
 * names of up to four letters; a name of which the beginning was typed counts as near.
 */
export function nearest(typed: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(typed.length, 12) <= 4 ? 2 : 3
  for (const name of names) {
    const far = distance(typed, name)
    if (far < least) [best, least] = [name, far]
  }
  if (best !== undefined || typed.length < 3) return best
  const beginning = [...names].filter((name) => name.startsWith(typed))
  return beginning.length === 1 ? beginning[0] : undefined
}

/** Damerau's distance, for neighbours that changed places once ("optimal string alignment"). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] as number
  for (let i = 1; i <= a.length; i++) {
    rows.push([i])
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const ways = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same]
      rows[i]?.push(Math.min(...ways, ...(swapped ? [at(i - 2, j - 2) + 1] : [])))
    }
  }
  return at(a.length, b.length)
}
