import { canonicalJson } from '../protocol/canonical-json.ts'
import type { Json } from '../protocol/exact-json.ts'
import { found, type TextGuess } from './guess.ts'

/** What people sign in place of a value's canonical JSON. @param source the text as it stands in the message */
export function jsonGuesses(source: string, value: Json): TextGuess[] {
  const right = canonicalJson(value)
  const plain = JSON.stringify(value)
  const sorted = JSON.parse(right)
  const escaped = (text: string) =>
    text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const spaced = (one: Json) => pythonLike(one)
  const guesses: TextGuess[] = [
    { text: plain, finding: found('keys-unsorted') },
    ...[spaced(value), spaced(sorted)].map((text) => ({ text, finding: found('json-with-blanks') })),
    ...[2, 4, '\t'].flatMap((indent) =>
      [value, sorted].map((one) => ({ text: JSON.stringify(one, null, indent), finding: found('json-with-blanks') })),
    ),
    ...[right, plain].flatMap((text) =>
      [escaped(text), text.replaceAll('/', '\\/'), escaped(text).replaceAll('/', '\\/')].map((changed) => ({
        text: changed,
        finding: found('json-escaped'),
      })),
    ),
    { text: right.toLowerCase(), finding: found('lower-cased') },
    { text: plain.toLowerCase(), finding: found('lower-cased') },
    ...(/\s/.test(source.replace(/"(?:[^"\\]|\\.)*"/g, ''))
      ? [{ text: source, finding: found('json-with-blanks') }]
      : [{ text: source, finding: found('json-as-sent') }]),
  ]
  const seen = new Set([right])
  return guesses.filter(({ text }) => !seen.has(text) && seen.add(text))
}

/** JSON with a blank after each comma and colon, as Python prints it. */
function pythonLike(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonLike).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${pythonLike(member)}`)
  return `{${members.join(', ')}}`
}
