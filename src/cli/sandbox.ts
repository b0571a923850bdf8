import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { removeHome } from '../engine/home.ts'
import { PlainError, UsageError } from './command.ts'

export const help = `usage: billfold sandbox show|reset

  show    prints the sandbox's credentials (sandbox.json)
  reset   deletes the sandbox: database, key, credentials and logs; the server must be stopped
`

/** What the server itself writes into its home, beside the database. */
const FILES = ['sandbox.json', 'sandbox.env', 'key', 'journal-heads.json']

export async function run([what, ...rest]: string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError(`unexpected: ${rest.join(' ')}`)
  const { config } = readConfig(process.env)
  if (what === 'show') {
    const text = await readFile(join(config.home, 'sandbox.json'), 'utf8').catch(() => null)
    if (text === null) throw new PlainError(`there is no sandbox in ${config.home}: "npm start" makes one`)
    process.stdout.write(text)
    return 0
  }
  if (what !== 'reset') throw new UsageError('say show or reset')
  if (config.mode !== 'sandbox') throw new PlainError('this is no sandbox: nothing was deleted')
  await removeHome(config.home, FILES)
  process.stdout.write(`the sandbox in ${config.home} is gone\n`)
  return 0
}
