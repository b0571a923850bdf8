import { ExactJsonError } from './errors.ts'
import { isExactNumber } from './exact-number.ts'
import { findRefusal } from './json-refusal.ts'

/** A value that JSON can say. */
export type Json = null | boolean | number | string | Json[] | JsonObject
/** A JSON object. */
export type JsonObject = { [member: string]: Json }

/** What a text may cost. */
export type JsonLimits = {
  /** Nested objects and arrays; 16 if left out. */
  depth?: number
  /** UTF-16 units of the text; 65,536 if left out. */
  length?: number
}

export const defaultDepth = 16
export const defaultLength = 65_536

/**
 * Parses JSON whose meaning may be signed: the value's canonical JSON (RFC 8785) says exactly what the text says, or the text is
 * refused with an {@link ExactJsonError}. Refused are malformed JSON, duplicate members, numbers that a double changes, lone
 * surrogates, U+0000, the member name `__proto__`, and texts that are too deep or too long.
 *
 * The result is plain JavaScript; objects have the ordinary prototype and own members only.
 */
export function parseExactJson(text: string, limits: JsonLimits = {}): Json {
  const depth = limits.depth ?? defaultDepth
  const length = limits.length ?? defaultLength
  if (text.length > length) {
    throw new ExactJsonError('json-too-large', `The JSON text is longer than ${length} characters`)
  }
  let value: Json
  try {
    value = JSON.parse(text)
  } catch {
    throw new ExactJsonError('json-malformed', 'The text is not JSON')
  }
  // The quick look says "fine" or "perhaps not"; the thorough one, ten times slower, knows why, and decides.
  const members = scan(text, depth)
  if (members < 0 || members !== countMembers(value)) {
    const refusal = findRefusal(text, depth)
    if (refusal) throw refusal
  }
  return value
}

const quote = 34
const plus = 43
const minus = 45
const dot = 46
const zero = 48
const nine = 57
const colon = 58
const bracketOpen = 91
const backslash = 92
const bracketClose = 93
const braceOpen = 123
const braceClose = 125

/**
 * Reads a valid JSON text once. Returns the number of members it writes down (of which `JSON.parse` keeps fewer when one occurs
 * twice: even a dropped object lacks at least its own name), or -1 when something needs the thorough look.
 *
 * A reviver with source text access would tell the numbers too, but costs five times as much and is missing in older browsers.
 */
function scan(text: string, maxDepth: number): number {
  if (!text.isWellFormed() || text.includes('__proto__')) return -1
  const end = text.length
  let members = 0
  let depth = 0
  let i = 0
  while (i < end) {
    const c = text.charCodeAt(i++)
    if (c === quote) {
      for (let s = text.charCodeAt(i++); s !== quote; s = text.charCodeAt(i++)) {
        if (s === backslash && text.charCodeAt(i++) === 117 && needsCare(text, i)) return -1
      }
    } else if (c === colon) {
      members++
    } else if (c === braceOpen || c === bracketOpen) {
      if (++depth > maxDepth) return -1
    } else if (c === braceClose || c === bracketClose) {
      depth--
    } else if (c === minus || (c >= zero && c <= nine)) {
      const start = i - 1
      let digits = c === minus ? 0 : 1
      let exponent = false
      for (; i < end; i++) {
        const d = text.charCodeAt(i)
        if (d >= zero && d <= nine) digits++
        else if (d === 101 || d === 69) exponent = true
        else if (d !== dot && d !== plus && d !== minus) break
      }
      if ((exponent || digits > 15) && !isExactNumber(text.slice(start, i))) return -1
    }
  }
  return members
}

// Surrogates, `\u0000` and ASCII (`__pr\u006fto__`); every other escape is an ordinary character.
function needsCare(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  if (first === 100 || first === 68) return true
  return first === zero && text.charCodeAt(at + 1) === zero && text.charCodeAt(at + 2) < 56
}

function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += countMembers(item)
    return count
  }
  const names = Object.keys(value)
  count = names.length
  for (const name of names) {
    const member = value[name] as Json
    if (typeof member === 'object' && member !== null) count += countMembers(member)
  }
  return count
}
