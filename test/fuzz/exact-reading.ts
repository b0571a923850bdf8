/**
 * What a JSON text says, read apart from the server's code: by hand, member by member, numbers as exact decimals. Two texts have one
 * reading exactly when they say the same; null for whatever two parsers may read in two ways (a member twice, half a surrogate pair,
 * U+0000, `__proto__`) and for what is no JSON.
 */
export function exactReading(text: string): string | null {
  const reader = new Reader(text)
  try {
    const value = reader.value(0)
    reader.blank()
    return reader.at === text.length ? print(value) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** The members of an object's text, each with its reading and its own text; null where {@link exactReading} is. */
export function readMembers(text: string): Map<string, { reading: string; text: string }> | null {
  if (exactReading(text) === null || !/^[ \t\n\r]*\{/.test(text)) return null
  const reader = new Reader(text)
  const value = reader.value(0)
  if (value.kind !== 'object') return null
  return new Map(
    [...value.members].map(([name, member]) => [
      name,
      { reading: print(member), text: text.slice(member.from, member.to) },
    ]),
  )
}

/** A decimal as sign, digits and power of ten, in one spelling per value. */
export function exactDecimal(source: string): string | null {
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(source)
  if (!match) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  let digits = whole + fraction
  let power = BigInt(exponent) - BigInt(fraction.length)
  while (digits.endsWith('0')) {
    digits = digits.slice(0, -1)
    power += 1n
  }
  while (digits.startsWith('0')) digits = digits.slice(1)
  return digits === '' ? '0' : `${sign}${digits}e${power}`
}

type Value = { from: number; to: number } & (
  | { kind: 'scalar'; reading: string }
  | { kind: 'array'; items: Value[] }
  | { kind: 'object'; members: Map<string, Value> }
)

function print(value: Value): string {
  if (value.kind === 'scalar') return value.reading
  if (value.kind === 'array') return `[${value.items.map(print).join()}]`
  const names = [...value.members.keys()].sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${print(value.members.get(name) as Value)}`).join()}}`
}

class Reader {
  at = 0
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  blank(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? 'x')) this.at++
  }

  take(wanted: string): boolean {
    this.blank()
    if (!this.text.startsWith(wanted, this.at)) return false
    this.at += wanted.length
    return true
  }

  need(wanted: string): void {
    if (!this.take(wanted)) throw new SyntaxError(wanted)
  }

  value(depth: number): Value {
    if (depth > 200) throw new SyntaxError('deep')
    this.blank()
    const from = this.at
    const done = <T extends object>(rest: T) => ({ from, to: this.at, ...rest })
    if (this.take('{')) return done({ kind: 'object', members: this.members(depth) })
    if (this.take('[')) return done({ kind: 'array', items: this.items(depth) })
    if (this.text[this.at] === '"') return done({ kind: 'scalar', reading: JSON.stringify(this.string()) })
    for (const word of ['true', 'false', 'null']) if (this.take(word)) return done({ kind: 'scalar', reading: word })
    const number = /[-+.0-9eE]*/y
    number.lastIndex = this.at
    const source = number.exec(this.text)?.[0] ?? ''
    const reading = exactDecimal(source)
    if (reading === null) throw new SyntaxError('value')
    this.at += source.length
    return done({ kind: 'scalar', reading })
  }

  members(depth: number): Map<string, Value> {
    const members = new Map<string, Value>()
    if (this.take('}')) return members
    do {
      this.blank()
      const name = this.string()
      if (members.has(name) || name === '__proto__') throw new SyntaxError('member')
      this.need(':')
      members.set(name, this.value(depth + 1))
    } while (this.take(','))
    this.need('}')
    return members
  }

  items(depth: number): Value[] {
    const items: Value[] = []
    if (this.take(']')) return items
    do items.push(this.value(depth + 1))
    while (this.take(','))
    this.need(']')
    return items
  }

  string(): string {
    const from = this.at
    if (this.text[this.at++] !== '"') throw new SyntaxError('string')
    for (; this.text[this.at] !== '"'; this.at++) {
      if (this.at >= this.text.length) throw new SyntaxError('string')
      if (this.text[this.at] === '\\') this.at++
    }
    this.at++
    const string: string = JSON.parse(this.text.slice(from, this.at))
    if (string.includes('\0') || !string.isWellFormed()) throw new SyntaxError('string')
    return string
  }
}
