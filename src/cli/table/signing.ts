import { signingFields } from '#sdk/explain/fields.ts'
import { type SigningScheme, signingSchemes } from '#sdk/explain/types.ts'
import type { CommandEntry, Form } from './entry.ts'

const optionOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** A scheme's fields but its secrets, which are never given as arguments. */
const fieldUsage = (scheme: SigningScheme) => {
  const fields = signingFields[scheme].map(({ name }) => name).filter((name) => name !== 'secret' && name !== 'others')
  return [...new Set([...fields.map(optionOf), 'access-token'])].map((name) => `[--${name} VALUE]`).join(' ')
}

const forms = (make: (scheme: SigningScheme) => Form): Record<string, Form> =>
  Object.fromEntries(signingSchemes.map((scheme) => [scheme, { ...make(scheme), unlisted: ['secret'] }]))

export const sign: CommandEntry = {
  summary: 'sign a message or request of any protocol, and show the steps',
  form: {
    summary: 'makes the signed message that the wallet API takes, on one line',
    usage:
      '[FILE] [--payload JSON] [--client ID | --secret-file FILE] [--signature | --canonical | --explain | --json]',
    unlisted: ['secret'],
    examples: [
      'billfold sign --client gateway --payload \'{"endpoint":"funds","amount":25,"currency":"USD","target":"us:8301234567:USD"}\'',
      'echo \'{"endpoint":"balance"}\' | BILLFOLD_SIGNING_SECRET=test-signing-secret billfold sign --explain',
    ],
  },
  called: 'SCHEME',
  verbs: forms((scheme) => ({
    summary: `makes a signed ${scheme} request, as raw HTTP`,
    usage:
      `[FILE] ${fieldUsage(scheme)} [--secret-file FILE] [--example] ` +
      '[--signature | --string-to-sign | --explain | --snippet curl|node|php|ruby|python | --json]',
    examples: [`billfold sign ${scheme} --example --explain`, `billfold sign ${scheme} --example --snippet curl`],
  })),
  about: `Without a scheme the payload comes from --payload, a file, or standard input, and the signing secret from
BILLFOLD_SIGNING_SECRET, a file (- is standard input), or the database (--client). --canonical prints only the text that
is signed, and needs no secret; --explain every step on the way; --json all of it.

With a scheme it does what the page /tools/signature does. What is signed comes from its option, a file, or standard
input; a value that begins with @ names a file. It needs neither server nor database. The secret comes from a file, or from

  webwallet           BILLFOLD_SIGNING_SECRET       pledg-request        PLEDG_SECRET
  transaction-token   TRANSACTION_KEY_FILE          pledg-notification   PLEDG_SECRET
  walleo              WALLEO_SHARED_KEY             jackpot              JACKPOT_API_SIGNATURE
  tillo               TILLO_SECRET                  webhook              WEBHOOK_SECRET

where TRANSACTION_KEY_FILE names a file: PEM or JWK. --example takes made-up values for every field that is not given, the
secret too; --timestamp is the time that is signed, now where it is absent; --snippet prints a program that signs and sends.`,
}

export const verify: CommandEntry = {
  summary: 'say why a signed message or request is refused',
  form: {
    summary:
      'checks a signed message of the wallet API, request or answer, as the server does, and says what is wrong with it',
    usage: '[FILE] [--message JSON] [--client ID | --secret-file FILE]',
    unlisted: ['secret'],
    examples: [
      'curl -s -H "authorization: Bearer $TOKEN" "$BILLFOLD_URL/us:8301234567:USD/balance" | billfold verify --client gateway',
      'BILLFOLD_SIGNING_SECRET=test-signing-secret billfold verify message.json',
    ],
  },
  called: 'SCHEME',
  verbs: forms((scheme) => ({
    summary: `says why a ${scheme} request is refused`,
    usage: `[FILE] [--message TEXT] ${fieldUsage(scheme)} [--secret-file FILE] [--others-file FILE] [--at TIME]`,
    examples: [`billfold verify ${scheme} failing-request.txt --secret-file secret --json`],
  })),
  about: `A request may be raw HTTP, a curl command, the JSON of a message, an address, or a bare JWT. With a scheme it needs neither
server nor database. The secret comes from where "billfold sign" takes it.

  --public-key @FILE   transaction-token: JWK, key set or PEM to check it with
  --signed TEXT        the text that the caller's program signed: tells another key from another text
  --others-file FILE   further secrets that may have been mixed up, one a line
  --at TIME            judge it at this time, not now
  --url, --api-key, --identifier, --issuer, --audience, --version   what is known of the right request

Exit status 0: it is good, 1: it is not, 2: the call is wrong.`,
}
