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

export const help = `usage: billfold sign [FILE] [--payload JSON] [--client ID | --secret-file FILE] [--signature | --canonical | --explain]
       billfold sign SCHEME [FILE] [--FIELD VALUE …] [--secret-file FILE] [--explain | --snippet LANGUAGE | --json | …]

Without a scheme: makes the signed message that the wallet API takes, on one line. The payload comes from --payload, a file, or
standard input. The signing secret comes from BILLFOLD_SIGNING_SECRET, a file (- is standard input), or the database (--client).

  --signature    only the signature
  --canonical    only the text that is signed; needs no secret
  --explain      every step on the way
  --json         all of it as JSON: payload, canonical, signature, envelope

With a scheme: makes a signed request, as raw HTTP. The page /tools/signature does the same. What is signed comes from its option,
a file, or standard input; a value that begins with @ names a file. It needs neither server nor database.

  webwallet           --url --payload --access-token --idempotency-key        BILLFOLD_SIGNING_SECRET
  transaction-token   --url --claims --kid                                    TRANSACTION_KEY_FILE (a file: PEM or JWK)
  walleo              --method --url --body --api-key --identifier            WALLEO_SHARED_KEY
  tillo               --method --url --body --api-key --form simplified|full  TILLO_SECRET
  pledg-request       --url --payload --path purchaseLink|…                   PLEDG_SECRET
  pledg-notification  --url --body --form hash|token                          PLEDG_SECRET
  jackpot             --url --claims --api-key --version v2|v1                JACKPOT_API_SIGNATURE
  webhook             --url --id --body                                       WEBHOOK_SECRET

  --timestamp N       walleo, tillo, webhook: the time that is signed; now where it is absent
  --secret-file FILE  in place of the environment variable
  --example           made-up values for every field that is not given, the secret too
  --signature, --string-to-sign, --explain, --json
  --snippet LANGUAGE  a program that signs and sends it: curl, node, php, ruby, python

  billfold sign --client gateway --payload '{"endpoint":"funds","amount":25,"currency":"USD","target":"us:8301234567:USD"}' |
    curl -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d @- "$BILLFOLD_URL/us:8301234567:USD/funds"
  BILLFOLD_SIGNING_SECRET=test-signing-secret billfold sign payload.json --explain
  billfold sign walleo --example --explain
  billfold sign tillo --example --snippet php
  billfold sign walleo card.json --url https://api.example/partners/v1/cards --api-key KEY --identifier ID --secret-file key
`

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
