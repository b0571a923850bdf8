import { createHmac } from 'node:crypto'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import type { Envelope } from '#sdk/protocol/envelope.ts'

type Guess = { what: string; text: string; secret: string | Buffer; algorithm?: string }

/**
 * Why a signature does not fit: the mistakes that are made most, tried one after the other.
 * @param message the whole message, as it came
 * @returns a sentence, or null when none of them was made
 */
export function diagnose(message: string, { payload, signature }: Envelope, secret: string): string | null {
  const code = decode(signature ?? '')
  if (code === null) return null
  const canonical = canonicalJson(payload)
  const source = payloadText(message)
  const guesses: Guess[] = [
    { what: 'It is right, but not written in base64url without padding', text: canonical, secret },
    { what: 'The key was the secret with a line break at its end', text: canonical, secret: `${secret}\n` },
    {
      what: 'The text that was signed ends with a line break: use printf rather than echo',
      text: `${canonical}\n`,
      secret,
    },
    { what: 'The payload was signed as it stands in the message, not in canonical form', text: source, secret },
    { what: 'The payload was signed with its members unsorted', text: JSON.stringify(payload), secret },
    {
      what: 'The whole message was signed, not the payload alone',
      text: canonicalJson({ header: { alg: 'hs256' }, payload }),
      secret,
    },
    {
      what: 'The key was the secret decoded from base64; it is the bytes of its text',
      text: canonical,
      secret: Buffer.from(secret, 'base64'),
    },
    {
      what: 'The key was the secret decoded from hex; it is the bytes of its text',
      text: canonical,
      secret: Buffer.from(secret, 'hex'),
    },
    { what: 'The code is SHA-512, not SHA-256', text: canonical, secret, algorithm: 'sha512' },
    { what: 'The code is SHA-1, not SHA-256', text: canonical, secret, algorithm: 'sha1' },
  ]
  const found = guesses.find(({ text, secret: key, algorithm = 'sha256' }) => {
    return createHmac(algorithm, key).update(text).digest().equals(code)
  })
  return found?.what ?? null
}

function decode(signature: string): Buffer | null {
  if (/^([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(signature)) return Buffer.from(signature, 'hex')
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(signature) ? Buffer.from(signature, 'base64') : null
}

/** The payload's own text, white space and order included; the message is known to be JSON. */
function payloadText(message: string): string {
  const start = /"payload"\s*:\s*/.exec(message)
  if (!start) return ''
  const from = start.index + start[0].length
  for (let end = message.indexOf('}', from); end >= 0; end = message.indexOf('}', end + 1)) {
    const text = message.slice(from, end + 1)
    if (isJson(text)) return text
  }
  return ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
