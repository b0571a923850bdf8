import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { TOTP } from 'otpauth'
import { createMac, createSigningKey } from '../../src/credentials/envelope.ts'
import { hashRecoveryCode } from '../../src/credentials/recovery-codes.ts'
import { equalBytes, hashSecret, makeSecret, secretMatches } from '../../src/credentials/secrets.ts'
import { makeTotpSecret, totpStep } from '../../src/credentials/totp.ts'
import { formToken, formTokenMatches, makeCookieToken } from '../../src/credentials/web-session.ts'
import { createRandom } from '../simulation/random.ts'
import type { SignedTarget } from './target.ts'
import { jackpotV2, pledgNotification, pledgRequest } from './targets/hs256.ts'
import { webhook } from './targets/proofs.ts'
import { tillo } from './targets/tillo.ts'
import { walleo } from './targets/walleo.ts'

/** What compares something presented with a secret. `planted`: wrong on purpose, for the test to find. */
export type Comparison = {
  name: string
  planted?: true
  /** The right text, fresh each time. */
  secret: string
  compare(presented: string): unknown
}

/** Not a literal, so that no two of them are one object. */
const copyOf = (text: string) => Buffer.from(text).toString()

/** Another text of the same length, wrong at one place only, by a sign that stands elsewhere in it: those of a code have its alphabet. */
export function wrongAt(text: string, at: number): string {
  const others = [...text].filter((sign) => sign !== text[at] && /\w/.test(sign))
  return copyOf(text.slice(0, at) + others[randomInt(others.length)] + text.slice(at + 1))
}

/** The text in a valid request that proves it, in a verifier that is fuzzed. */
function ofTarget(target: SignedTarget, name: string, find: RegExp): Comparison {
  const random = createRandom(randomInt(2 ** 31))
  let wire = target.valid(random)
  while (!find.test(wire[name] ?? '')) wire = target.valid(random)
  const whole = wire[name] as string
  const secret = find.exec(whole)?.[1] as string
  const at = whole.lastIndexOf(secret)
  const [before, after] = [whole.slice(0, at), whole.slice(at + secret.length)]
  const compare = (presented: string) => target.accepts({ ...wire, [name]: before + presented + after })
  return { name: target.name, secret, compare }
}

/** With secrets of their own each time. */
export function createComparisons(): Comparison[] {
  const clientSecret = makeSecret('clientSecret')
  const storedHash = hashSecret(clientSecret)
  const apiKey = makeSecret('apiKey')
  const known = new Map([[hashSecret(apiKey).toString('hex'), true]])
  const mac = createMac(createSigningKey(randomBytes(32)))
  const text = '{"amount":10.5,"currency":"USD","endpoint":"payments","target":"us:8301234567:USD"}'
  const [formKey, cookie] = [randomBytes(32), makeCookieToken()]
  const totp = makeTotpSecret()
  const at = Date.now()
  const recovery = 'abcd-efgh-jkmn-pqrs'
  const recoveryHash = hashRecoveryCode('ada@example.com', recovery)
  const raw = createHmac('sha256', 'k').update('x').digest('hex')
  const rawBytes = Buffer.from(raw)
  const pin = '4711'
  return [
    { name: 'planted: ===', planted: true, secret: raw, compare: (presented) => presented === raw },
    {
      name: 'bytes, in constant time',
      secret: raw,
      compare: (presented) => equalBytes(Buffer.from(presented), rawBytes),
    },
    { name: 'client secret', secret: clientSecret, compare: (presented) => secretMatches(presented, storedHash) },
    {
      name: 'API key (found by hash)',
      secret: apiKey,
      compare: (presented) => known.get(hashSecret(presented).toString('hex')),
    },
    { name: 'envelope MAC', secret: mac.sign(text), compare: (presented) => mac.verify(text, presented) },
    ofTarget(walleo, 'authorization', /Signature=([0-9a-f]{64})/),
    ofTarget(tillo, 'signature', /^([0-9a-f]{64})$/),
    ofTarget(pledgRequest, 'token', /\.([\w-]{42})[\w-]$/),
    ofTarget(pledgNotification, 'body', /"signature":"([0-9A-F]{64})"/),
    ofTarget(jackpotV2, 'token', /\.([\w-]{42})[\w-]$/),
    ofTarget(webhook, 'signature', /^v1,([\w+/]{42})/),
    { name: 'PIN', secret: pin, compare: (presented) => equalBytes(hashSecret(presented.trim()), hashSecret(pin)) },
    {
      name: 'CSRF token',
      secret: formToken(formKey, cookie),
      compare: (presented) => formTokenMatches(formKey, cookie, presented),
    },
    {
      name: 'recovery code (found by hash)',
      secret: recovery,
      compare: (presented) => equalBytes(hashRecoveryCode('ada@example.com', presented), recoveryHash),
    },
    {
      name: 'one-time password',
      secret: new TOTP({ secret: totp, digits: 6, period: 30 }).generate({ timestamp: at }),
      compare: (presented) => totpStep(totp, presented, at),
    },
  ]
}
