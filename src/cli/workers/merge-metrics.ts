/**
 * Several processes' figures as one text of Prometheus' form: each has a label of its own for every process, and its lines stand
 * together under one head, as the form demands. Nothing is added up here: a sum would seem to begin anew whenever one process did.
 */
export function mergeMetrics(texts: readonly string[]): string {
  const linesOf = new Map<string, string[]>()
  for (const text of texts) {
    for (const block of text.split(/\n(?=# HELP )/)) {
      const [help = '', type = '', ...lines] = block.split('\n').filter((line) => line !== '')
      if (!help.startsWith('# HELP ')) continue
      const head = `${help}\n${type}`
      const known = linesOf.get(head)
      if (known) known.push(...lines)
      else linesOf.set(head, lines)
    }
  }
  return `${[...linesOf].map(([head, lines]) => [head, ...lines].join('\n')).join('\n\n')}\n`
}
