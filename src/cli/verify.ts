import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { checkEnvelope, type Envelope, readEnvelope } from '#sdk/protocol/envelope.ts'
import { EnvelopeError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac, createSigningKey } from '../credentials/envelope.ts'
import { readArguments } from './arguments.ts'
import { diagnose } from './diagnose.ts'
import { readMessage, readSigningSecret, secretOptions } from './input.ts'
import { print, printJson } from './output.ts'

export const help = `usage: billfold verify [FILE] [--message JSON] [--client ID | --secret-file FILE] [--json]

Checks a signed message, request or answer, as the server does, and says what is wrong with it. The message comes from
--message, a file, or standard input; the secret as for "billfold sign". Exit status 0: it is good, 1: it is not.

  curl -s -H "authorization: Bearer $TOKEN" "$BILLFOLD_URL/us:8301234567:USD/balance" | billfold verify --client gateway
  BILLFOLD_SIGNING_SECRET=test-signing-secret billfold verify message.json
`

type Verdict = { valid: boolean; code?: string; message?: string; hint?: string | null; canonical?: string }

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { ...secretOptions, message: 'string', json: 'boolean' })
  const message = await readMessage(options.message, 'message', positionals)
  const verdict = judge(message, await readSigningSecret(options))
  if (options.json) printJson(verdict)
  else if (verdict.valid) print('the signature is good')
  else {
    print(`${verdict.message} (${verdict.code})`)
    if (verdict.hint) print(verdict.hint)
    if (verdict.canonical !== undefined) print(`this text has to be signed:\n${verdict.canonical}`)
  }
  return verdict.valid ? 0 : 1
}

function judge(message: string, secret: string): Verdict {
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
      hint: diagnose(message, envelope, secret),
      canonical: canonicalJson(envelope.payload),
    }
  }
}
