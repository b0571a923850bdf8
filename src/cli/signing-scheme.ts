import { fillExample, type SigningField, signingFields } from '#sdk/explain/fields.ts'
import { ExplainError, type SigningScheme, signingSchemes } from '#sdk/explain/types.ts'
import type { OptionTypes } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { readMessage, readSecretText, readTextFile } from './input.ts'

/** The environment variable of each scheme's secret: the one that the snippets read, too. */
export const secretVariables: Readonly<Record<SigningScheme, string>> = {
  webwallet: 'BILLFOLD_SIGNING_SECRET',
  'transaction-token': 'TRANSACTION_KEY_FILE',
  walleo: 'WALLEO_SHARED_KEY',
  tillo: 'TILLO_SECRET',
  'pledg-request': 'PLEDG_SECRET',
  'pledg-notification': 'PLEDG_SECRET',
  jackpot: 'JACKPOT_API_SIGNATURE',
  webhook: 'WEBHOOK_SECRET',
}

/** The scheme that the first argument names; null where it names none, so it may be a file. */
export const schemeNamed = (word: string | undefined): SigningScheme | null =>
  signingSchemes.find((scheme) => scheme === word) ?? null

const optionOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The field that a file or standard input fills when one signs: the one of its contents. */
export const contentOf = (scheme: SigningScheme): string =>
  (signingFields[scheme].find(({ kind }) => kind === 'json') as SigningField).name

/** The options of a scheme's fields, secrets aside, which are never given as arguments. */
export function fieldOptions(scheme: SigningScheme): OptionTypes {
  const fields = signingFields[scheme].filter(({ name }) => name !== 'secret' && name !== 'others')
  return {
    ...Object.fromEntries(fields.map(({ name }) => [optionOf(name), 'string' as const])),
    'access-token': 'string',
  }
}

/** The values of the fields that were given; one that begins with `@` names a file. */
export async function readValues(
  scheme: SigningScheme,
  options: Readonly<Record<string, unknown>>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const name of [...signingFields[scheme].map((field) => field.name), 'accessToken']) {
    const given = options[optionOf(name)]
    if (typeof given !== 'string') continue
    values[name] = given.startsWith('@') ? (await readTextFile(given.slice(1))).replace(/\r?\n$/, '') : given
  }
  return values
}

/** The examples, for what was not given: so that a scheme can be looked at before one has anything. */
export function withExamples(scheme: SigningScheme, values: Record<string, string>): Record<string, string> {
  const origin = process.env.BILLFOLD_URL ?? 'http://127.0.0.1:8080'
  const examples = signingFields[scheme].map(({ name, example }) => [name, fillExample(example, origin, Date.now())])
  return { ...Object.fromEntries(examples), ...values }
}

/** The content to sign, from its option, a file, or standard input; '' where the method has none. */
export async function readContent(
  scheme: SigningScheme,
  values: Record<string, string>,
  files: string[],
): Promise<string> {
  const name = contentOf(scheme)
  if (values[name] === undefined && files.length === 0 && ['GET', 'HEAD'].includes(values.method ?? '')) return ''
  return readMessage(values[name], name, files)
}

/** The scheme's secret, from the file that an option names or from the environment. */
export async function readSchemeSecret(scheme: SigningScheme, file: string | undefined): Promise<string> {
  const variable = secretVariables[scheme]
  if (scheme !== 'transaction-token') return readSecretText('secret', file, variable)
  const path = file ?? process.env[variable]
  if (!path) throw new UsageError(`the private key is missing: name its file in ${variable} or --secret-file`)
  return readTextFile(path)
}

/** Turns what the engine cannot work with into what a command says. */
export function asCommandError(error: unknown): never {
  if (!(error instanceof ExplainError)) throw error
  if (error.reason === 'missing') throw new UsageError(`--${optionOf(error.field)} is missing`)
  throw new PlainError(error.message, { cause: error })
}
