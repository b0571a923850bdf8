import { ExactJsonError, type ExactJsonErrorCode } from './errors.ts'
import { isExactNumber } from './exact-number.ts'

type Frame = { names: Set<string> | null; name: string | null; index: number }

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]|-?\d[\d.eE+-]*/g

/** The first thing in a valid JSON text that {@link parseExactJson} refuses, with its place; undefined if there is none. */
export function findRefusal(text: string, maxDepth: number): ExactJsonError | undefined {
  const frames: Frame[] = []
  let expectsName = false
  for (const match of text.matchAll(tokens)) {
    const token = match[0]
    const frame = frames.at(-1)
    const refuse = (code: ExactJsonErrorCode, message: string) =>
      new ExactJsonError(code, message, { offset: match.index, path: pathOf(frames) })

    if (token === '{' || token === '[') {
      if (frames.length === maxDepth) return refuse('json-too-deep', `More than ${maxDepth} levels`)
      frames.push({ names: token === '{' ? new Set() : null, name: null, index: 0 })
      expectsName = token === '{'
    } else if (token === '}' || token === ']') {
      frames.pop()
      expectsName = false
    } else if (token === ',') {
      if (frame) frame.index++
      expectsName = frame?.names != null
    } else if (token.startsWith('"')) {
      const string: string = JSON.parse(token)
      const isName: boolean = expectsName && frame?.names != null
      if (isName && frame) frame.name = string
      if (string.includes('\0')) return refuse('json-nul-character', 'U+0000')
      if (!string.isWellFormed()) return refuse('json-lone-surrogate', 'Half of a surrogate pair')
      if (isName && frame?.names) {
        if (string === '__proto__') return refuse('json-forbidden-member', 'The member name __proto__')
        if (frame.names.has(string)) return refuse('json-duplicate-member', 'A second member of the same name')
        frame.names.add(string)
        expectsName = false
      }
    } else if (!isExactNumber(token)) {
      return Number.isFinite(Number(token))
        ? refuse('json-number-inexact', 'A number that a double changes; write it as a string')
        : refuse('json-number-out-of-range', 'A number beyond the range of a double')
    }
  }
  return undefined
}

function pathOf(frames: Frame[]): string {
  const step = ({ names, name, index }: Frame) => {
    if (names === null) return `[${index}]`
    if (name === null) return ''
    return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
  }
  return `$${frames.map(step).join('')}`
}
