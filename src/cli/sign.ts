import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { sealEnvelope } from '#sdk/protocol/envelope.ts'
import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac, createSigningKey } from '../credentials/envelope.ts'
import { readArguments } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { readMessage, readSigningSecret, secretOptions } from './input.ts'
import { print, printJson } from './output.ts'
import { schemeNamed } from './signing-scheme.ts'

export async function run(args: string[]): Promise<number> {
  const scheme = schemeNamed(args[0])
  return scheme === null ? signEnvelope(args) : (await import('./sign-scheme.ts')).signScheme(scheme, args.slice(1))
}

async function signEnvelope(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    ...secretOptions,
    payload: 'string',
    signature: 'boolean',
    canonical: 'boolean',
    explain: 'boolean',
    json: 'boolean',
  })
  const forms = (['signature', 'canonical', 'explain', 'json'] as const).filter((name) => options[name])
  if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} do not go together`)
  const payload = readPayload(await readMessage(options.payload, 'payload', positionals))
  const canonical = canonicalJson(payload)
  if (options.canonical) {
    print(canonical)
    return 0
  }
  const mac = createMac(createSigningKey(await readSigningSecret(options)))
  const signature = mac.sign(canonical)
  const envelope = sealEnvelope(payload, mac)
  if (options.signature) print(signature)
  else if (options.explain) explain({ canonical, signature, envelope })
  else if (options.json) printJson({ payload, canonical, signature, envelope })
  else print(envelope)
  return 0
}

function readPayload(text: string): JsonObject {
  let payload: ReturnType<typeof parseExactJson>
  try {
    payload = parseExactJson(text)
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    throw new PlainError(`the payload cannot be signed: ${error.message} (${error.code})`)
  }
  if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload
  throw new PlainError('the payload must be a JSON object')
}

function explain({ canonical, signature, envelope }: Record<'canonical' | 'signature' | 'envelope', string>): void {
  const quoted = `'${canonical.replaceAll("'", `'\\''`)}'`
  print(`1. The payload in canonical JSON (RFC 8785): members by name, no white space, numbers as JavaScript prints them.
   This text is signed, ${Buffer.byteLength(canonical)} bytes of UTF-8:

${canonical}

2. HMAC-SHA256 of it, the key being the bytes of the signing secret as it was shown; in hex:

${Buffer.from(signature, 'base64url').toString('hex')}

3. The same in base64url, without padding, is the signature:

${signature}

4. Header, payload and signature are the message:

${envelope}

The same by openssl:

printf '%s' ${quoted} |
  openssl dgst -sha256 -hmac "$BILLFOLD_SIGNING_SECRET" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '='`)
}
