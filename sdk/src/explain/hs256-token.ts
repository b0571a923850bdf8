import { encodeBase64url } from '../protocol/base64url.ts'
import { importSigningKey } from '../protocol/envelope.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { encodeHex, hmacSha256 } from '../protocol/hmac.ts'
import type { JwtParts } from '../protocol/hs256-jwt.ts'
import { compare, found, type KeyGuess, settle, type TextGuess } from './guess.ts'
import { headerFindings, readTokenLoosely } from './token.ts'
import type { Finding, Step } from './types.ts'

/** The steps of an HS256 token. @param token as the SDK signed it */
export async function tokenSteps(parts: JwtParts, token: string, secret: string): Promise<Step[]> {
  const code = await hmacSha256(await importSigningKey(secret), parts.signingInput)
  return [
    { name: 'header', value: parts.header, parts: [{ name: 'base64url', value: parts.encodedHeader }] },
    { name: 'claims', value: parts.payload, parts: [{ name: 'base64url', value: parts.encodedPayload }] },
    { name: 'string-to-sign', value: parts.signingInput },
    { name: 'key', value: '', key: { form: 'key-text', bytes: new TextEncoder().encode(secret).length } },
    { name: 'digest', value: encodeHex(code) },
    { name: 'signature', value: signatureOf(token) },
    { name: 'token', value: token },
  ]
}

export const signatureOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1)

export type TokenJudgement = {
  findings: Finding[]
  /** Null where nothing can be read. */
  payload: JsonObject | null
  stringToSign: string | null
  expected: string | null
}

/** What is wrong with an HS256 token but its claims and times, which are the scheme's. */
export async function judgeToken(
  text: string,
  secret: () => string,
  keysOf: (secret: string) => readonly KeyGuess[],
  signed: string | undefined,
): Promise<TokenJudgement> {
  const read = readTokenLoosely(text)
  if (Array.isArray(read)) return { findings: read, payload: null, stringToSign: null, expected: null }
  const { header, payload, encodedHeader, encodedPayload, signature } = read
  const findings = [...read.findings, ...headerFindings(header, 'HS256')]
  const isUnsigned = findings.some(({ mistake }) => mistake === 'alg-none') || signature === ''
  if (isUnsigned) {
    const missing = findings.some(({ mistake }) => mistake === 'alg-none') ? [] : [found('signature-missing')]
    return { findings: [...findings, ...missing], payload, stringToSign: null, expected: null }
  }
  const key = secret()
  const input = `${encodedHeader}.${encodedPayload}`
  const texts: TextGuess[] = [
    { text: input, finding: null },
    { text: `${input}\n`, finding: found('trailing-newline') },
    { text: encodedPayload, finding: found('payload-only-signed') },
    ...[`${JSON.stringify(header)}.${JSON.stringify(payload)}`, JSON.stringify(payload)].map((unencoded) => ({
      text: unencoded,
      finding: found('unencoded-signed'),
    })),
    ...[encodedHeader + encodedPayload, `${encodedHeader}+${encodedPayload}`, `${encodedHeader}-${encodedPayload}`].map(
      (joined) => ({ text: joined, finding: found('wrong-separator', { used: 'another character', right: '"."' }) }),
    ),
    ...canonicalInputs(encodedHeader, encodedPayload),
  ]
  const keys = keysOf(key)
  const match = await compare(signature, 'base64url', texts, keys)
  // A token is known by its header already: another hash is what its alg says.
  const known = new Set(findings.map(({ mistake }) => mistake))
  const rest = match.findings.filter(({ mistake }) => !(mistake === 'wrong-hash' && known.has('alg-wrong')))
  const pieces = [
    { name: 'header', value: encodedHeader },
    { name: 'payload', value: encodedPayload },
  ]
  const facts = { presented: signature, wanted: 'base64url' as const, pieces, separator: '.', signed, keys }
  const settled = await settle({ ...match, findings: rest }, facts)
  const expected = encodeBase64url(await hmacSha256(await importSigningKey(key), input))
  return { findings: [...findings, ...settled], payload, stringToSign: input, expected }
}

/** The parts as they should have been encoded, where they were not: it may be only the copy that is wrong. */
function canonicalInputs(header: string, payload: string): TextGuess[] {
  const fix = (part: string) =>
    part
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, '')
  const text = `${fix(header)}.${fix(payload)}`
  return text === `${header}.${payload}` ? [] : [{ text, finding: null }]
}
