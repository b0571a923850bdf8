import { CanonicalJsonError } from './errors.ts'

const maxDepth = 64
const sortByHandUpTo = 16

/**
 * The JSON Canonicalization Scheme (RFC 8785): members ordered by the UTF-16 units of their names, numbers as JavaScript prints
 * them, no white space. Two texts that mean the same have one canonical form, so they have one signature.
 *
 * Members that are `undefined` are left out, as in `JSON.stringify`, so that optional fields can be passed on as they are.
 * Everything else without a JSON of its own is refused with a {@link CanonicalJsonError}: `undefined` in an array, functions,
 * symbols, bigints, `NaN`, infinities, lone surrogates, dates and other class instances (`toJSON` is not called), and values
 * more than 64 levels deep, cycles among them.
 */
export function canonicalJson(value: unknown): string {
  return print(value, 0)
}

function print(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return printString(value)
    case 'number':
      if (!Number.isFinite(value))
        throw new CanonicalJsonError('canonical-number-not-finite', `${value} is no JSON number`)
      return `${value}`
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth === maxDepth) throw new CanonicalJsonError('canonical-too-deep', `More than ${maxDepth} levels`)
      return Array.isArray(value) ? printArray(value, depth + 1) : printObject(value, depth + 1)
    default:
      throw unsupported(typeof value)
  }
}

function printArray(items: unknown[], depth: number): string {
  let text = '['
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ','
    text += print(items[i], depth)
  }
  return `${text}]`
}

function printObject(object: object, depth: number): string {
  if (!isPlain(object)) throw unsupported('an instance of a class')
  const members = object as Record<string, unknown>
  let text = ''
  for (const name of sortedNames(members)) {
    const member = members[name]
    if (member === undefined) continue
    text += `${text === '' ? '{' : ','}${printString(name)}:${print(member, depth)}`
  }
  return text === '' ? '{}' : `${text}}`
}

// Objects from another realm (a frame, a worker's structured clone) have another Object.prototype, whose prototype is null too.
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

// `<` and the default sort both compare UTF-16 units; for the handful of members of a payload, insertion is the faster one.
function sortedNames(members: Record<string, unknown>): string[] {
  const names = Object.keys(members)
  if (names.length > sortByHandUpTo) return names.sort()
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string
    let at = i
    while (at > 0 && (names[at - 1] as string) > name) {
      names[at] = names[at - 1] as string
      at--
    }
    names[at] = name
  }
  return names
}

// Anything but characters that stand for themselves: control characters, `"`, `\` and surrogates.
const mayNeedEscape = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

function printString(string: string): string {
  if (!mayNeedEscape.test(string)) return `"${string}"`
  if (!string.isWellFormed()) throw new CanonicalJsonError('canonical-lone-surrogate', 'Half of a surrogate pair')
  return JSON.stringify(string)
}

function unsupported(what: string): CanonicalJsonError {
  return new CanonicalJsonError('canonical-unsupported-value', `There is no canonical JSON for ${what}`)
}
