import { diagnose } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import { mistakes } from '#sdk/explain/mistakes.ts'
import type { SigningScheme } from '#sdk/explain/types.ts'
import { showInvisible } from '#sdk/explain/visible.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './command.ts'
import { readMessage, readTextFile } from './input.ts'
import { print, printJson } from './output.ts'
import { asCommandError, fieldOptions, readSchemeSecret, readValues } from './signing-scheme.ts'

/** `billfold verify SCHEME`: says why a request, as it was logged or typed, is refused. */
export async function verifyScheme(scheme: SigningScheme, args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    ...fieldOptions(scheme),
    'secret-file': 'string',
    secret: 'string',
    'others-file': 'string',
    message: 'string',
    at: 'string',
    json: 'boolean',
  })
  if (options.secret !== undefined)
    throw new UsageError('a secret among the arguments can be seen by every user: use --secret-file or the environment')
  const file = (name: 'secret-file' | 'others-file') => options[name] as string | undefined
  const given = await readValues(scheme, options)
  // A transaction token is checked with what everyone may know.
  const secret = given.publicKey === undefined ? { secret: await readSchemeSecret(scheme, file('secret-file')) } : {}
  const others = file('others-file') === undefined ? {} : { others: await readTextFile(file('others-file') as string) }
  const pasted = await readMessage(options.message as string | undefined, 'message', positionals)
  const now = timeOf(options.at as string | undefined)
  const verdict = await diagnose(scheme, pasted, { ...given, ...secret, ...others }, now).catch(asCommandError)
  const findings = verdict.findings.map(({ mistake, values }) => ({
    mistake,
    message: fillIn(mistakes[mistake], values),
    values,
  }))
  if (options.json) printJson({ ...verdict, findings })
  else if (verdict.valid) print('the signature is good')
  else {
    for (const { mistake, message } of findings) print(`${message} (${mistake})`)
    if (verdict.stringToSign !== null) print(`this text has to be signed:\n${showInvisible(verdict.stringToSign)}`)
  }
  return verdict.valid ? 0 : 1
}

/** Seconds or milliseconds since the epoch, or a date. */
function timeOf(text: string | undefined): number {
  if (text === undefined) return Date.now()
  const time = /^\d+$/.test(text) ? Number(text) * (text.length > 11 ? 1 : 1000) : Date.parse(text)
  if (Number.isFinite(time)) return time
  throw new UsageError('--at must be a time: 2026-11-22T08:00:00Z, or seconds since 1970')
}
