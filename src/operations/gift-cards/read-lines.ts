/** A line of a text, or null for one that is longer than it may be. */
export type Line = string | null

/**
 * Splits a stream of UTF-8 into lines, by the chunk, holding no more than one line and one chunk. A line ends with `\n` or
 * `\r\n`. What is no UTF-8 comes as U+FFFD.
 * @param longest characters of a line
 */
export async function* readLines(source: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  let skipping = false
  const read = (text: string): Line[] => {
    const lines: Line[] = (rest + text).split('\n')
    rest = lines.pop() as string
    if (lines.length > 0 && skipping) {
      lines[0] = null
      skipping = false
    }
    if (skipping || rest.length > longest + 1) {
      skipping = true
      rest = ''
    }
    return lines.map((line) => limited(line, longest))
  }
  for await (const chunk of source) {
    const lines = read(decoder.decode(chunk, { stream: true }))
    if (lines.length > 0) yield lines
  }
  const last = read(decoder.decode())
  if (skipping) last.push(null)
  else if (rest !== '') last.push(limited(rest, longest))
  if (last.length > 0) yield last
}

function limited(line: Line, longest: number): Line {
  if (line === null) return null
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  return text.length > longest ? null : text
}
