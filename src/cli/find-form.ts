import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'
import { nearest } from './nearest.ts'
import type { CommandEntry, Form } from './table/entry.ts'
import { parseUsage } from './usage.ts'

/** A form of a command that was called, its verb ('' where it has none), and the arguments after it. */
export type FoundForm = { verb: string; form: Form; rest: string[] }

/** Options that every command takes. */
export const COMMON_OPTIONS = ['json', 'help'] as const

/** @throws {UsageError} when the arguments name no verb of the command, or none where it needs one */
export function findForm({ form, verbs = {} }: CommandEntry, args: string[]): FoundForm {
  for (const length of [2, 1]) {
    // A verb comes first; what belongs to it follows.
    const verb = args.slice(0, length).join(' ')
    const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (found && args.length >= length) return { verb, form: found, rest: args.slice(length) }
  }
  if (form) return { verb: '', form, rest: args }
  const [first, second] = args
  const inner = Object.keys(verbs).flatMap((verb) =>
    verb.startsWith(`${first} `) ? [verb.slice(`${first} `.length)] : [],
  )
  if (inner.length > 0) throw missing(second, inner)
  throw missing(first, [...new Set(Object.keys(verbs).map((verb) => verb.split(' ')[0] as string))])
}

function missing(word: string | undefined, names: string[]): UsageError {
  const list = names.join(', ')
  if (word === undefined || word.startsWith('-')) return new UsageError(`say what to do: ${list}`)
  return new UsageError(`there is no "${word}", only ${list}${suggestion(nearest(word, names))}`)
}

/** ` - did you mean X?`, or nothing. */
export const suggestion = (meant: string | undefined): string =>
  meant === undefined ? '' : ` - did you mean ${meant}?`

/** @throws {UsageError} for options that the form does not have, or that lack their value */
export function checkOptions({ form, rest }: FoundForm): void {
  const { options } = parseUsage(form.usage)
  const known = [...options.keys(), ...COMMON_OPTIONS]
  const strings = [...options].filter(([, { value }]) => value !== null).map(([name]) => name)
  const types = Object.fromEntries([
    ...[...known, ...(form.unlisted ?? [])].map((name) => [name, { type: 'boolean' as 'boolean' | 'string' }]),
    ...[...strings, ...(form.unlisted ?? [])].map((name) => [name, { type: 'string' as 'boolean' | 'string' }]),
    ['help', { type: 'boolean' as const, short: 'h' }],
  ])
  const { tokens } = parseArgs({ args: rest, options: types, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(types, token.name)) continue
    const meant = nearest(token.name, known)
    throw new UsageError(
      `there is no option ${token.rawName}${suggestion(meant === undefined ? undefined : `--${meant}`)}`,
    )
  }
}
