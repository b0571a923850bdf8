import type { KeyForm, StepName } from './types.ts'

/** What each step of a signature is, in plain English. */
export const stepWords: Readonly<Record<StepName, string>> = {
  parts: 'The parts, in their order',
  header: 'The header: JSON, and the same in base64url',
  claims: 'The claims: JSON, and the same in base64url',
  canonical: 'The canonical form: members sorted by name, no white space',
  'string-to-sign': 'The text that is signed, in UTF-8',
  key: 'The key',
  digest: 'The digest, in hexadecimal',
  signature: 'The signature, as it is sent',
  token: 'The token: header, claims and signature, joined by dots',
  message: 'The message',
  authorization: 'The header that carries it',
}

/** How a secret becomes a key; `{bytes}` is how many bytes it has. */
export const keyWords: Readonly<Record<KeyForm, string>> = {
  'key-text': 'The secret’s text as it was shown, not decoded: {bytes} bytes.',
  'key-hex': 'The secret is hexadecimal text; the key is what it stands for: {bytes} bytes.',
  'key-base64': 'What follows “whsec_” is base64; the key is what it stands for: {bytes} bytes.',
  'key-es256': 'A private key of P-256; whoever has the public key can check the signature.',
  'key-separator': 'There is none: the secret, {bytes} bytes, stands between the pairs.',
}
