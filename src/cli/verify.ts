import { diagnose } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import { mistakes } from '#sdk/explain/mistakes.ts'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { checkEnvelope, type Envelope, readEnvelope } from '#sdk/protocol/envelope.ts'
import { EnvelopeError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac, createSigningKey } from '../credentials/envelope.ts'
import { readArguments } from './arguments.ts'
import { readMessage, readSigningSecret, secretOptions } from './input.ts'
import { print, printJson } from './output.ts'
import { schemeNamed } from './signing-scheme.ts'

type Verdict = { valid: boolean; code?: string; message?: string; hint?: string | null; canonical?: string }

export async function run(args: string[]): Promise<number> {
  const scheme = schemeNamed(args[0])
  return scheme === null
    ? verifyMessage(args)
    : (await import('./verify-scheme.ts')).verifyScheme(scheme, args.slice(1))
}

async function verifyMessage(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...secretOptions, message: 'string', json: 'boolean' })
  const message = await readMessage(options.message, 'message', positionals)
  const verdict = await judge(message, await readSigningSecret(options))
  if (options.json) printJson(verdict)
  else if (verdict.valid) print('the signature is good')
  else {
    print(`${verdict.message} (${verdict.code})`)
    if (verdict.hint) print(verdict.hint)
    if (verdict.canonical !== undefined) print(`this text has to be signed:\n${verdict.canonical}`)
  }
  return verdict.valid ? 0 : 1
}

async function judge(message: string, secret: string): Promise<Verdict> {
  const mac = createMac(createSigningKey(secret))
  let envelope: Envelope | undefined
  try {
    envelope = readEnvelope(parseExactJson(message))
    return { valid: true, canonical: checkEnvelope(envelope, mac) }
  } catch (error) {
    if (!(error instanceof ExactJsonError) && !(error instanceof EnvelopeError)) throw error
    const { code, message: why } = error
    if (!envelope) return { valid: false, code, message: why }
    return {
      valid: false,
      code,
      message: why,
      hint: await hintOf(message, secret),
      canonical: canonicalJson(envelope.payload),
    }
  }
}

/** Which of the usual mistakes was made; null where it is none of them. */
async function hintOf(message: string, secret: string): Promise<string | null> {
  const { findings } = await diagnose('webwallet', message, { secret })
  const [first] = findings.filter(({ mistake }) => mistake !== 'signature-mismatch')
  return first === undefined ? null : fillIn(mistakes[first.mistake], first.values)
}
