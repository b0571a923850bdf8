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

export const help = `usage: billfold verify [FILE] [--message JSON] [--client ID | --secret-file FILE] [--json]
       billfold verify SCHEME [FILE] [--message TEXT] [--secret-file FILE] [--at TIME] [--json]

Without a scheme: checks a signed message of the wallet API, request or answer, as the server does, and says what is wrong with it.
The message comes from --message, a file, or standard input; the secret as for "billfold sign".

With a scheme (webwallet, transaction-token, walleo, tillo, pledg-request, pledg-notification, jackpot, webhook): says why a request
is refused. It may be raw HTTP, a curl command, the JSON of a message, an address, or a bare JWT. It needs neither server nor database.

  --secret-file FILE   in place of the environment variable ("billfold sign --help" names it)
  --public-key @FILE   transaction-token: JWK, key set or PEM to check it with
  --signed TEXT        the text that the caller's program signed: tells another key from another text
  --others-file FILE   further secrets that may have been mixed up, one a line
  --at TIME            judge it at this time, not now
  --url, --api-key, --identifier, --issuer, --audience, --version   what is known of the right request

Exit status 0: it is good, 1: it is not, 2: the call is wrong.

  curl -s -H "authorization: Bearer $TOKEN" "$BILLFOLD_URL/us:8301234567:USD/balance" | billfold verify --client gateway
  BILLFOLD_SIGNING_SECRET=test-signing-secret billfold verify message.json
  TILLO_SECRET=secret billfold verify tillo failing-request.txt
  JACKPOT_API_SIGNATURE=myApiSignature billfold verify jackpot --message "$TOKEN" --json
`

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
