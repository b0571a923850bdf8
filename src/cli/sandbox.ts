import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { removeHome } from '../engine/home.ts'
import { advanceDueClock } from '../operations/advance-due-clock.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { print, printJson } from './output.ts'
import { withDatabase } from './with-database.ts'

/** What the server itself writes into its home, beside the database. */
const FILES = ['sandbox.json', 'sandbox.env', 'key', 'journal-heads.json', 'journal-heads.json.lock']

export async function run([what, ...rest]: string[]): Promise<number> {
  if (what === 'advance') return advance(rest)
  const { options, positionals } = readArguments(rest, { json: 'boolean' })
  requirePositionals(positionals)
  const { config } = readConfig(process.env)
  if (what === 'show') {
    const text = await readFile(join(config.home, 'sandbox.json'), 'utf8').catch(() => null)
    if (text === null) throw new PlainError(`there is no sandbox in ${config.home}: "npm start" makes one`)
    process.stdout.write(text)
    return 0
  }
  if (what !== 'reset') throw new UsageError('say show, reset or advance')
  if (config.mode !== 'sandbox') throw new PlainError('this is no sandbox: nothing was deleted')
  await removeHome(config.home, FILES)
  if (options.json) printJson({ home: config.home, deleted: true })
  else print(`the sandbox in ${config.home} is gone`)
  return 0
}

/** Running servers see it at their next look, which is within seconds. */
async function advance(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [time = ''] = requirePositionals(positionals, 'TIME')
  if (readConfig(process.env).config.mode !== 'sandbox')
    throw new PlainError('this is no sandbox: its clock stays as it is')
  await withDatabase('writes', async ({ db, clock }) => {
    const ahead = await advanceDueClock(db, time)
    const says = new Date(clock() + ahead).toISOString()
    if (options.json) printJson({ due_clock: says })
    else print(`the due clock says ${says}`)
  })
  return 0
}
