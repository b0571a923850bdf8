import type { Random } from '../simulation/random.ts'

/** A JSON value whose text can also be wrong: members may come twice, scalars are texts of their own. */
type Node =
  | { kind: 'object'; entries: [string, Node][] }
  | { kind: 'array'; items: Node[] }
  | { kind: 'raw'; text: string }

export const JSON_MUTATIONS = ['flip', 'add', 'drop', 'reorder', 'retype', 'duplicate'] as const

const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1',
  '1e2',
  '1E400',
  '0.1',
  '10.00',
  '1e-7',
  '9007199254740993',
  '1000000000000000',
  '100000000000000000000000',
  '0.30000000000000004',
  '""',
  '"0"',
  '"1.00"',
  '"-1"',
  '" 1"',
  '"1e3"',
  '"0x10"',
  '"NaN"',
  '"１"',
  '"null"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e"',
  '"é"',
  '"e\\u0301"',
  '"*"',
  '"__proto__"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"a":1}',
] as const

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'alg',
  'crit',
  'amount',
  'Amount',
  'amount ',
  '',
  'x',
  'signature',
  'exp',
] as const

/** Changes a JSON text as JSON: what is random is where, and by which of the mutations. A text that is no JSON comes back as it is. */
export function mutateJson(text: string, random: Random, kind: string = random.pick(JSON_MUTATIONS)): string {
  let root: Node
  try {
    root = toNode(JSON.parse(text))
  } catch {
    return text
  }
  const nodes: Node[] = []
  collect(root, nodes)
  const holders = nodes.filter((node) => node.kind !== 'raw')
  const holder = holders.length > 0 ? random.pick(holders) : null
  const list: unknown[] =
    holder === null ? [] : holder.kind === 'object' ? holder.entries : holder.kind === 'array' ? holder.items : []
  const place = random.int(list.length)
  switch (kind) {
    case 'drop':
      list.splice(place, 1)
      break
    case 'duplicate':
      if (list.length > 0) list.splice(random.int(list.length + 1), 0, structuredClone(list[place]))
      break
    case 'reorder':
      if (list.length > 1) list.push(...list.splice(place, 1))
      break
    case 'add': {
      const value: Node = { kind: 'raw', text: random.pick(SCALARS) }
      if (holder?.kind === 'object') holder.entries.splice(place, 0, [random.pick(NAMES), value])
      else if (holder?.kind === 'array') holder.items.splice(place, 0, value)
      break
    }
    case 'retype':
      replace(random.pick(nodes), { kind: 'raw', text: random.pick(SCALARS) })
      break
    default:
      flip(random.pick(nodes), random)
  }
  return print(root, random.chance(0.25) ? random.pick([' ', '\n', '\t', '\r\n ']) : '', random.chance(0.1))
}

function flip(node: Node, random: Random): void {
  if (node.kind === 'object') {
    const entry = node.entries.length > 0 ? random.pick(node.entries) : null
    if (entry) entry[0] = random.chance(0.5) ? entry[0].toUpperCase() : random.pick(NAMES)
  } else if (node.kind === 'array') {
    node.items.reverse()
  } else if (/^-?\d/.test(node.text)) {
    const other = [
      `${node.text}1`,
      `-${node.text}`,
      `${node.text}0`,
      `${node.text}.0`,
      `${node.text}e0`,
      `"${node.text}"`,
    ]
    node.text = random.pick(other)
  } else if (node.text.startsWith('"') && node.text.length > 2) {
    const at = 1 + random.int(node.text.length - 2)
    const code = node.text.charCodeAt(at)
    const other = random.chance(0.5)
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : String.fromCharCode(code ^ (1 << random.int(5)))
    node.text = node.text.slice(0, at) + other + node.text.slice(at + 1)
  } else {
    node.text = random.pick(SCALARS)
  }
}

function replace(node: Node, by: Node): void {
  for (const name of Object.keys(node)) Reflect.deleteProperty(node, name)
  Object.assign(node, by)
}

function collect(node: Node, into: Node[]): void {
  into.push(node)
  if (node.kind === 'object') for (const [, member] of node.entries) collect(member, into)
  else if (node.kind === 'array') for (const item of node.items) collect(item, into)
}

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(toNode) }
  if (typeof value !== 'object' || value === null) return { kind: 'raw', text: JSON.stringify(value) }
  return { kind: 'object', entries: Object.entries(value).map(([name, member]) => [name, toNode(member)]) }
}

function print(node: Node, gap: string, escaped: boolean): string {
  if (node.kind === 'raw') return node.text
  if (node.kind === 'array') return `[${gap}${node.items.map((item) => print(item, gap, escaped)).join(`,${gap}`)}]`
  const name = (text: string) =>
    escaped
      ? `"${text.replace(/[a-z]/, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
      : JSON.stringify(text)
  return `{${gap}${node.entries.map(([key, value]) => `${name(key)}:${gap}${print(value, gap, escaped)}`).join(`,${gap}`)}}`
}
