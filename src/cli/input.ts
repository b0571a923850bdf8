import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { signingSecretContext } from '../credentials/client-states.ts'
import { findClient } from '../storage/clients.ts'
import { PlainError, UsageError } from './command.ts'
import { withDatabase } from './with-database.ts'

/** The text of a file; `-` is standard input. @throws {PlainError} */
export async function readTextFile(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new PlainError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** What is given as an option, or in the file, or on standard input. */
export async function readMessage(option: string | undefined, name: string, files: string[]): Promise<string> {
  if (files.length > 1) throw new UsageError(`unexpected: ${files[1]}`)
  if (option !== undefined && files.length > 0) throw new UsageError(`give --${name} or a file, not both`)
  if (option !== undefined) return option
  if (files[0] === undefined && process.stdin.isTTY) throw new UsageError(`give --${name}, a file, or standard input`)
  return readTextFile(files[0] ?? '-')
}

/** A secret from a file or the environment; never from an argument, which every user of the machine can see. */
export async function readSecretText(what: string, path: string | undefined, variable: string): Promise<string> {
  const secret = path === undefined ? process.env[variable] : (await readTextFile(path)).replace(/\r?\n$/, '')
  if (secret) return secret
  throw path === undefined
    ? new UsageError(`the ${what} is missing: set ${variable}, or give a file`)
    : new PlainError(`there is no ${what} in ${path}`)
}

export const secretOptions = { 'secret-file': 'string', client: 'string', secret: 'string' } as const

type SecretOptions = { [Name in keyof typeof secretOptions]: string | undefined }

/** The signing secret that the options name; only `--client` needs the database. */
export async function readSigningSecret(options: SecretOptions): Promise<string> {
  if (options.secret !== undefined) {
    throw new UsageError(
      'a secret among the arguments can be seen by every user: set BILLFOLD_SIGNING_SECRET, or --secret-file',
    )
  }
  const { client } = options
  if (client === undefined) return readSecretText('signing secret', options['secret-file'], 'BILLFOLD_SIGNING_SECRET')
  if (options['secret-file'] !== undefined) throw new UsageError('give --client or --secret-file, not both')
  return withDatabase('reads', async ({ db, keyring }) => {
    const row = await findClient(db, client)
    if (!row) throw new PlainError(`there is no client "${client}"`)
    if (!row.signing_secret) throw new PlainError(`${client} is a public client: it has no signing secret`)
    return (await keyring()).open(row.signing_secret, signingSecretContext(client))
  })
}
