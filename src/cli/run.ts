import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config.ts'
import { EngineError } from '../engine/engine-error.ts'
import { OperationRefusal } from '../operations/input.ts'
import { UsageError } from './command.ts'
import { checkOptions, type FoundForm, findForm, suggestion } from './find-form.ts'
import { commandPage, mainPage, verbPage } from './help.ts'
import { loadCommand } from './load-command.ts'
import { nearest } from './nearest.ts'
import { jsonWanted, print, printJson } from './output.ts'
import { paint } from './paint.ts'
import { commandEntries, commands, isCommand } from './table/commands.ts'
import type { CommandEntry } from './table/entry.ts'

/**
 * The command line: finds the command in the table, holds the call against it, runs it, and says what went wrong.
 * @returns the exit status: 0 done, 1 refused or failed, 2 wrong usage
 */
export async function runCommandLine(argv: string[]): Promise<number> {
  const [name, ...args] = argv
  const json = jsonWanted(argv)
  if (name === '--version' || name === '-V') return printVersion(json)
  if (name === undefined || name.startsWith('-') || name === 'help') return withoutCommand(argv, json)
  if (!isCommand(name)) {
    const meant = nearest(name, Object.keys(commands))
    const error = new UsageError(`there is no command "${name}"${suggestion(meant)}`)
    return complain(error, { json, help: meant === undefined ? mainPage(process.stderr) : '' })
  }
  const entry: CommandEntry = commands[name]
  let found: FoundForm | undefined
  try {
    if (asksForHelp(args)) return printHelp(name, entry, args, json)
    found = findForm(entry, args)
    checkOptions(found)
    const { run } = await loadCommand(name)
    return await run(args)
  } catch (error) {
    const help = () => pageOf(process.stderr, name, entry, found)
    return complain(error, { json, name, help: error instanceof UsageError ? help() : '' })
  }
}

/** `billfold`, `billfold help [COMMAND [VERB]]`, `billfold --help`, and options where a command should be. */
function withoutCommand([first, ...rest]: string[], json: boolean): Promise<number> | number {
  const words = rest.filter((arg) => !arg.startsWith('-'))
  if (first === 'help' && words.length > 0) return runCommandLine([...words, '--help', ...(json ? ['--json'] : [])])
  const known = first === undefined || ['help', '--help', '-h', '--json'].includes(first)
  if (!known) {
    return complain(new UsageError(`there is no option ${first}`), { json, help: mainPage(process.stderr) })
  }
  if (first === undefined || first === '--json') {
    return complain(new UsageError('say what to do'), { json, help: mainPage(process.stderr) })
  }
  if (json) printJson({ commands: commandEntries.map(([name, entry]) => viewOf(name, entry)) })
  else process.stdout.write(mainPage(process.stdout))
  return 0
}

const asksForHelp = (args: string[]) => {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function printHelp(name: string, entry: CommandEntry, args: string[], json: boolean): number {
  const words = args.filter((arg) => !arg.startsWith('-'))
  const found = words.length > 0 ? findForm(entry, words) : undefined
  if (json) printJson(viewOf(name, entry))
  else process.stdout.write(pageOf(process.stdout, name, entry, found))
  return 0
}

const pageOf = (stream: NodeJS.WriteStream, name: string, entry: CommandEntry, found: FoundForm | undefined) =>
  found && found.verb !== ''
    ? verbPage(stream, name, found.verb, found.form, entry.about)
    : commandPage(stream, name, entry)

/** A command of the table, for programs. */
const viewOf = (name: string, { summary, form, verbs, about }: CommandEntry) => ({
  name,
  summary,
  ...(form && { usage: form.usage, examples: form.examples }),
  ...(verbs && { verbs }),
  about: about ?? null,
})

async function printVersion(json: boolean): Promise<number> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  if (json) printJson({ version })
  else print(`billfold ${version}`)
  return 0
}

/** Says on standard error why a call did nothing, in words or as JSON. @returns the exit status */
function complain(error: unknown, { json, name, help = '' }: { json: boolean; name?: string; help?: string }): number {
  const usage = error instanceof UsageError
  const plain =
    usage ||
    error instanceof ConfigError ||
    error instanceof EngineError ||
    (error as { plain?: boolean }).plain === true
  const { message, stack, cause } = error as Error
  if (json) {
    const refusal = cause instanceof OperationRefusal ? { code: cause.code, field: cause.field } : {}
    const kind = usage ? 'usage' : cause instanceof OperationRefusal ? 'refused' : 'failed'
    const text = plain ? message : (stack ?? String(error))
    process.stderr.write(`${JSON.stringify({ error: { kind, ...refusal, message: text } })}\n`)
  } else {
    const start = paint(process.stderr, 'red', `billfold${name === undefined ? '' : ` ${name}`}:`)
    const text = plain ? message : (stack ?? error)
    process.stderr.write(`${start} ${text}\n${help === '' ? '' : `\n${help}`}`)
  }
  return usage ? 2 : 1
}
