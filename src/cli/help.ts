import { paint } from './paint.ts'
import { commandEntries } from './table/commands.ts'
import type { CommandEntry, Form } from './table/entry.ts'

type Stream = { readonly isTTY?: boolean | undefined }

/** Where options stand in a help page that is read by a person, or where it is read by nobody yet. */
const WIDTH = 118

/** What every page ends with. */
export const COMMON = `--json prints JSON, and what went wrong as JSON on standard error.
Exit status 0: done, 1: refused or failed, 2: the call is wrong.`

/** The list of commands. */
export function mainPage(stream: Stream): string {
  return `${usageWord(stream)} billfold COMMAND [options]

${twoColumns(
  stream,
  commandEntries.map(([name, { summary }]) => [name, summary]),
)}

"billfold COMMAND --help" tells more, "billfold --version" which one this is.

${COMMON}
`
}

/** A command: its forms, what holds for all of them, examples. */
export function commandPage(stream: Stream, name: string, entry: CommandEntry): string {
  const { form, verbs = {}, called = 'VERB', about } = entry
  const listed = Object.entries(verbs)
  const usage = [...(form ? [callOf(name, form)] : []), ...(listed.length > 0 ? [`billfold ${name} ${called} …`] : [])]
  const parts = [
    usage.map((line, i) => `${i === 0 ? usageWord(stream) : '      '} ${wrap(line, 9)}`).join('\n'),
    ...(form ? [sentence(form.summary)] : []),
    ...(listed.length > 0
      ? [
          twoColumns(
            stream,
            listed.map(([verb, { summary }]) => [verb, summary]),
          ),
          `"billfold ${name} ${called} --help" shows its options.`,
        ]
      : []),
    ...(about === undefined ? [] : [about]),
    examplesPart(stream, form ? form.examples : listed.flatMap(([, verb]) => verb.examples.slice(0, 1)).slice(0, 6)),
    COMMON,
  ]
  return `${parts.join('\n\n')}\n`
}

/** One verb of a command. */
export function verbPage(stream: Stream, name: string, verb: string, form: Form, about: string | undefined): string {
  const parts = [
    `${usageWord(stream)} ${wrap(callOf(`${name} ${verb}`, form), 9)}`,
    sentence(form.summary),
    ...(about === undefined ? [] : [about]),
    examplesPart(stream, form.examples),
    COMMON,
  ]
  return `${parts.join('\n\n')}\n`
}

const usageWord = (stream: Stream) => paint(stream, 'bold', 'usage:')

export const callOf = (name: string, { usage }: Form): string => {
  const json = usage.includes('--json') ? '' : ' [--json]'
  return `billfold ${name}${usage === '' ? '' : ` ${usage}`}${json}`
}

const sentence = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

const examplesPart = (stream: Stream, examples: readonly string[]) =>
  `${paint(stream, 'bold', 'examples:')}\n\n${examples.map((line) => line.replace(/^/gm, '  ')).join('\n')}`

function twoColumns(stream: Stream, rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows
    .map(
      ([name = '', text = '']) =>
        `  ${paint(stream, 'bold', name.padEnd(width))}  ${wrap(text, width + 4, WIDTH - width - 4)}`,
    )
    .join('\n')
}

/** Breaks a line between arguments, never within brackets, and indents what goes on. */
export function wrap(text: string, indent: number, width = WIDTH - indent): string {
  const lines = ['']
  for (const piece of text.match(/\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\]…?|\S+/g) ?? []) {
    const line = lines.at(-1) as string
    if (line !== '' && line.length + piece.length >= width) lines.push(piece)
    else lines[lines.length - 1] = line === '' ? piece : `${line} ${piece}`
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
