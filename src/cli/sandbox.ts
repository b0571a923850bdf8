import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { removeHome } from '../engine/home.ts'
import { advanceDueClock } from '../operations/advance-due-clock.ts'
import { requirePositionals } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { withDatabase } from './with-database.ts'

export const help = `usage: billfold sandbox show|reset|advance TIME

  show    prints the sandbox's credentials (sandbox.json)
  reset   deletes the sandbox: database, key, credentials and logs; the server must be stopped
  advance puts the due clock ahead by hours, days or weeks: what purchases owe becomes due, links and authorizations
          end. It never goes back. Nothing that is signed, and no entry of the books, is dated by it

  billfold sandbox advance 30d
`

/** What the server itself writes into its home, beside the database. */
const FILES = ['sandbox.json', 'sandbox.env', 'key', 'journal-heads.json']

export async function run([what, ...rest]: string[]): Promise<number> {
  if (what === 'advance') return advance(rest)
  if (rest.length > 0) throw new UsageError(`unexpected: ${rest.join(' ')}`)
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
  process.stdout.write(`the sandbox in ${config.home} is gone\n`)
  return 0
}

/** Running servers see it at their next look, which is within seconds. */
async function advance(args: string[]): Promise<number> {
  const [time = ''] = requirePositionals(args, 'TIME')
  if (readConfig(process.env).config.mode !== 'sandbox')
    throw new PlainError('this is no sandbox: its clock stays as it is')
  await withDatabase('writes', async ({ db, clock }) => {
    const ahead = await advanceDueClock(db, time)
    process.stdout.write(`the due clock says ${new Date(clock() + ahead).toISOString()}\n`)
  })
  return 0
}
