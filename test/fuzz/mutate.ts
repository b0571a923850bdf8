import type { Random } from '../simulation/random.ts'
import { JSON_MUTATIONS, mutateJson } from './mutate-json.ts'

/** A request, or whatever else is verified, as named texts. Names that begin with `#` are notes of the test, and never changed. */
export type Wire = Readonly<Record<string, string>>

const PIECES = [
  ' ',
  '\t',
  '\r\n',
  '\n',
  '\0',
  '"',
  '\\',
  '/',
  '+',
  '-',
  '_',
  '=',
  '==',
  '.',
  ',',
  ';',
  ':',
  '%',
  '%00',
  '&',
  '0',
  '1',
  'a',
  'A',
  'é',
  '１',
  '\ufeff',
  '\u202e',
  '\ud800',
  '{}',
  '[]',
  'null',
  '-0',
  'e9',
  '__proto__',
  'none',
  'Bearer ',
  '\u2028',
  "'",
] as const

/** One mutation of one of the texts; now and then a text is taken from another valid request, left out, or made empty. */
export function mutate(wire: Wire, other: Wire, random: Random): Wire {
  const names = Object.keys(wire).filter((name) => !name.startsWith('#'))
  const name = random.pick(names)
  const text = wire[name] as string
  const choice = random.int(32)
  if (choice === 0) return { ...wire, [name]: other[name] ?? '' }
  if (choice === 1) return { ...wire, [name]: '' }
  if (choice === 2) return { ...wire, [name]: wire[random.pick(names)] as string }
  return { ...wire, [name]: mutateText(text, random) }
}

/** By its structure where it has one (JSON, a token in three parts), otherwise by its characters. */
export function mutateText(text: string, random: Random): string {
  const structured = random.chance(0.6)
  if (structured && /^\s*[{[]/.test(text)) return mutateJson(text, random)
  if (structured && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return mutateToken(text, random)
  return mutateCharacters(text, random)
}

function mutateCharacters(text: string, random: Random): string {
  const at = random.int(text.length + 1)
  const length = 1 + random.int(random.chance(0.1) ? 64 : 3)
  switch (random.pick(JSON_MUTATIONS)) {
    case 'add':
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at)
    case 'drop':
      return text.slice(0, at) + text.slice(at + length)
    case 'duplicate':
      return text.slice(0, at + length) + text.slice(at)
    case 'reorder':
      return (
        text.slice(0, at) +
        text.slice(at + length, at + 2 * length) +
        text.slice(at, at + length) +
        text.slice(at + 2 * length)
      )
    case 'retype':
      return random.chance(0.5) ? swapCase(text, at) : text.slice(0, at) + random.pick(PIECES) + text.slice(at + 1)
    default: {
      const code = text.charCodeAt(at)
      if (Number.isNaN(code)) return text + random.pick(PIECES)
      return text.slice(0, at) + String.fromCharCode(code ^ (1 << random.int(7))) + text.slice(at + 1)
    }
  }
}

function swapCase(text: string, at: number): string {
  const one = text.charAt(at)
  return text.slice(0, at) + (one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase()) + text.slice(at + 1)
}

const HEADERS = [
  { alg: 'none' },
  { alg: 'None' },
  { alg: '' },
  { alg: ' HS256' },
  { alg: 'hs256' },
  { alg: 'HS512' },
  { alg: 'RS256' },
  { alg: 'HS256', crit: ['exp'] },
  { alg: 'HS256', jku: 'https://evil.example' },
  { alg: 'HS256', b64: false },
  { alg: ['HS256'] },
  { alg: 'ES256', typ: 'JWT' },
  {},
] as const

function mutateToken(token: string, random: Random): string {
  const parts = token.split('.')
  const at = random.int(parts.length)
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  switch (random.int(6)) {
    case 0:
      parts.splice(at, 1)
      break
    case 1:
      parts.splice(at, 0, parts[random.int(parts.length)] as string)
      break
    case 2:
      parts.push(...parts.splice(at, 1))
      break
    case 3:
      parts[0] = encode(JSON.stringify(random.pick(HEADERS)))
      if (random.chance(0.3)) parts[2] = ''
      break
    case 4:
      parts[at % 2] = encode(mutateJson(Buffer.from(parts[at % 2] ?? '', 'base64url').toString(), random))
      break
    default:
      parts[at] = mutateCharacters(parts[at] as string, random)
  }
  return parts.join('.')
}

/** Texts that come from nothing valid. */
export function rubbish(like: Wire, random: Random): Wire {
  const text = () => {
    let made = ''
    for (let left = random.int(40); left > 0; left--) {
      made += random.chance(0.5)
        ? random.pick(PIECES)
        : String.fromCharCode(random.chance(0.9) ? 32 + random.int(95) : random.int(0x10000))
    }
    return made
  }
  return Object.fromEntries(
    Object.keys(like).map((name) => [name, name.startsWith('#') ? (like[name] as string) : text()]),
  )
}
