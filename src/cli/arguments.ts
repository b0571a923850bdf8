import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './command.ts'

export type OptionTypes = Record<string, 'string' | 'strings' | 'boolean'>

/** What every command that lists takes. */
export const paging = { limit: 'string', cursor: 'string', json: 'boolean' } as const

export type Options<Types extends OptionTypes> = {
  [Name in keyof Types]: Types[Name] extends 'strings'
    ? string[]
    : (Types[Name] extends 'string' ? string : boolean) | undefined
}

/** @throws {UsageError} for options that the command does not have, or that lack their value */
export function readArguments<Types extends OptionTypes>(
  args: string[],
  types: Types,
): { options: Options<Types>; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, type] of Object.entries(types)) {
    options[name] = { type: type === 'boolean' ? 'boolean' : 'string', multiple: type === 'strings' }
  }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    for (const [name, type] of Object.entries(types)) if (type === 'strings') values[name] ??= []
    return { options: values as Options<Types>, positionals }
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0] as string)
  }
}

/** The positional arguments, exactly as many as are named. @throws {UsageError} */
export function requirePositionals(positionals: string[], ...names: string[]): string[] {
  if (positionals.length === names.length) return positionals
  const extra = positionals[names.length]
  throw new UsageError(extra === undefined ? `${names[positionals.length]} is missing` : `unexpected: ${extra}`)
}

/** @throws {UsageError} when the option is not there */
export function requireOption(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing`)
  return value
}

/** A whole number above zero. @throws {UsageError} */
export function wholeNumber(name: string, value: string | undefined, most: number): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
  if (number >= 0 && number <= most) return number
  throw new UsageError(`--${name} must be a whole number up to ${most}`)
}

/** Runs the verb that the first argument names. @throws {UsageError} when there is no such verb */
export function runVerb(
  verbs: Record<string, (args: string[]) => Promise<number>>,
  [verb, ...args]: string[],
): Promise<number> {
  const run = verb !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (run) return run(args)
  const names = Object.keys(verbs).join(', ')
  throw new UsageError(verb === undefined ? `say what to do: ${names}` : `there is no "${verb}", only ${names}`)
}
