import { decodeBase64url } from '../../protocol/base64url.ts'
import type { JsonObject } from '../../protocol/exact-json.ts'
import { isExplicitId, normaliseWalletId } from '../../protocol/wallet-id.ts'
import { signJwt } from '../../webwallet/jwt.ts'
import { readCode } from '../code.ts'
import { fromDer, importPrivateKey, importPublicKeys, type PublicKey } from '../es256-keys.ts'
import { found } from '../guess.ts'
import { signatureOf } from '../hs256-token.ts'
import { need, needObject, needUrl, span } from '../input.ts'
import { headerOf, type Pasted } from '../paste/pasted.ts'
import { tokenTemplate } from '../snippets/recipe.ts'
import { headerFindings, readTokenLoosely } from '../token.ts'
import { ExplainError, type Finding, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

const typ = 'transaction+jwt'

export const scheme: Scheme = {
  async explain(values) {
    const { header, claims, key } = await read(values)
    const token = await signJwt(header, claims, key)
    const [encodedHeader = '', encodedPayload = '', signature = ''] = token.split('.')
    const stringToSign = `${encodedHeader}.${encodedPayload}`
    const url = needUrl(values, 'url').href
    return {
      scheme: 'transaction-token',
      steps: [
        { name: 'header', value: JSON.stringify(header), parts: [{ name: 'base64url', value: encodedHeader }] },
        { name: 'claims', value: JSON.stringify(claims), parts: [{ name: 'base64url', value: encodedPayload }] },
        { name: 'string-to-sign', value: stringToSign },
        { name: 'key', value: '', key: { form: 'key-es256', bytes: 32 } },
        { name: 'signature', value: signature },
        { name: 'token', value: token },
      ],
      stringToSign,
      signature: signatureOf(token),
      token,
      request: {
        method: 'POST',
        url,
        headers: {
          authorization: `Bearer ${values.accessToken || 'ACCESS_TOKEN'}`,
          'content-type': 'application/json',
        },
        body: useOf(claims).before + token + useOf(claims).after,
      },
    }
  },

  async recipe(values) {
    const { header, claims } = await read(values)
    return {
      scheme: 'transaction-token',
      secret: { variable: 'TRANSACTION_KEY_FILE', form: 'pem-file' },
      values: [
        { name: 'header', text: JSON.stringify(header), encode: 'base64url' },
        { name: 'payload', text: JSON.stringify(claims), encode: 'base64url' },
      ],
      message: { of: ['header', 'payload'], join: { text: '.' } },
      digest: 'es256',
      spelling: 'base64url',
      request: {
        method: 'POST',
        url: [needUrl(values, 'url').href],
        headers: [
          ['Authorization', ['Bearer ', { environment: 'BILLFOLD_ACCESS_TOKEN' }]],
          ['Content-Type', ['application/json']],
        ],
        body: [useOf(claims).before, ...tokenTemplate, useOf(claims).after],
      },
    }
  },

  async diagnose(pasted, values, now) {
    const text = tokenOf(pasted)
    if (text === null) return diagnosis([found('token-missing')])
    const read = readTokenLoosely(text)
    if (Array.isArray(read)) return diagnosis(read)
    const { header, payload, encodedHeader, encodedPayload, signature } = read
    const findings = [...read.findings, ...headerFindings(header, 'ES256')]
    const isOther = findings.some(({ mistake }) => ['alg-none', 'alg-wrong', 'alg-missing'].includes(mistake))
    if (header.typ !== typ) findings.push(found('typ-wrong', { typ: String(header.typ ?? ''), right: typ }))
    const input = `${encodedHeader}.${encodedPayload}`
    if (!isOther) {
      const keys = await importPublicKeys(
        values.publicKey || need(values, 'secret'),
        values.publicKey ? 'publicKey' : 'secret',
      )
      findings.push(...(await signatureFindings(header, input, signature, keys)))
    }
    findings.push(...claimFindings(payload, values, now))
    return diagnosis(findings, input)
  },
}

async function read(values: SigningValues): Promise<{ header: object; claims: JsonObject; key: CryptoKey }> {
  const claims = needObject(values, 'claims')
  const { key, kid } = await importPrivateKey(need(values, 'secret'), 'secret')
  const named = values.kid || kid
  if (!named) throw new ExplainError('kid', 'missing', 'kid is missing: the key does not name itself')
  return { header: { alg: 'ES256', typ, kid: named }, claims, key }
}

/**
 * How the token is used: a payload that says what it says, in an envelope without a signature, as public clients send it. A client
 * with a signing secret signs the payload (`webwallet`).
 */
function useOf(claims: JsonObject): { before: string; after: string } {
  const named = ['endpoint', 'source', 'target', 'amount', 'currency', 'details', 'description', 'metadata']
  const said = named.filter((name) => claims[name] !== undefined && claims[name] !== '*')
  const members = said.map((name) => `${JSON.stringify(name)}:${JSON.stringify(claims[name])},`)
  return { before: `{"payload":{${members.join('')}"token":"`, after: '"}}' }
}

/** A bare token, the member `token` of a payload or an answer, or the bearer of a request. */
function tokenOf(pasted: Pasted): string | null {
  if (pasted.kind === 'token') return pasted.body
  const member = /"token"\s*:\s*"([^"]+)"/.exec(pasted.body ?? '')?.[1]
  return member ?? /^bearer\s+(.+)$/is.exec(headerOf(pasted, 'authorization') ?? '')?.[1] ?? null
}

const ecdsa = { name: 'ECDSA', hash: 'SHA-256' }

async function signatureFindings(
  header: JsonObject,
  input: string,
  signature: string,
  keys: readonly PublicKey[],
): Promise<Finding[]> {
  const { kid } = header
  if (signature === '') return [found('signature-missing')]
  const findings: Finding[] = []
  const named = keys.filter((one) => one.kid === null || one.kid === kid)
  if (typeof kid !== 'string' || kid === '') findings.push(found('kid-missing'))
  else if (named.length === 0) findings.push(found('kid-unknown', { kid }))
  const tried = named.length > 0 ? named : keys
  const texts = [
    { text: input, finding: null },
    { text: `${input}\n`, finding: found('trailing-newline') },
    { text: input.slice(input.indexOf('.') + 1), finding: found('payload-only-signed') },
    { text: unencoded(input), finding: found('unencoded-signed') },
  ]
  const readings = readCode(signature, 'base64url')
  if (readings.length === 0) return [...findings, found('signature-malformed', { wanted: 'base64url' })]
  for (const { text, finding } of texts) {
    const bytes = new TextEncoder().encode(text)
    for (const reading of readings) {
      const der = fromDer(reading.bytes)
      const code = der ?? reading.bytes
      const wrong = der ? [found('signature-der')] : []
      for (const { key } of tried) {
        if (code.length === 64 && (await crypto.subtle.verify(ecdsa, key, code as Uint8Array<ArrayBuffer>, bytes))) {
          return [...findings, ...(finding ? [finding] : []), ...wrong, ...reading.wrong]
        }
      }
    }
  }
  const spelled = readings.length === 1 ? (readings[0]?.wrong ?? []) : []
  // The key that has the name must fit; where none has it, the name is what is wrong.
  return [
    ...findings,
    ...spelled,
    ...(findings.some(({ mistake }) => mistake === 'kid-unknown') ? [] : [found('signature-mismatch')]),
  ]
}

const unencoded = (input: string) =>
  input
    .split('.')
    .map((part) => new TextDecoder().decode(decodeBase64url(part) ?? new Uint8Array()))
    .join('.')

const texts = ['iss', 'sub', 'aud', 'endpoint', 'source', 'target', 'currency', 'jti'] as const
const skewSeconds = 60

function claimFindings(claims: JsonObject, values: SigningValues, now: number): Finding[] {
  const findings: Finding[] = []
  for (const name of [...texts, 'amount', 'iat', 'exp']) {
    if (claims[name] === undefined) findings.push(found('claim-missing', { name }))
  }
  for (const name of texts) {
    if (claims[name] !== undefined && typeof claims[name] !== 'string')
      findings.push(found('claim-type', { name, right: 'a text' }))
  }
  for (const name of ['iat', 'nbf', 'exp'] as const) {
    const time = claims[name]
    if (time === undefined) continue
    if (typeof time !== 'number') findings.push(found('claim-type', { name, right: 'a number of seconds' }))
    else if (time > 1e11) return [...findings, found('milliseconds-for-seconds')]
  }
  const { iss, aud, exp } = claims
  if (values.issuer && typeof iss === 'string' && iss !== values.issuer) {
    findings.push(found('issuer-wrong', { signed: iss, right: values.issuer }))
  }
  if (values.audience && typeof aud === 'string' && aud !== '*' && one(aud) !== one(values.audience)) {
    findings.push(found('audience-wrong', { signed: aud, right: values.audience }))
  }
  const seconds = now / 1000
  if (typeof exp === 'number' && exp <= seconds) findings.push(found('expired', { age: span(seconds - exp) }))
  const from = claims.nbf ?? claims.iat
  if (typeof from === 'number' && from > seconds + skewSeconds) {
    findings.push(found('not-yet-valid', { age: span(from - seconds) }))
  }
  return findings
}

const one = (id: string) => (isExplicitId(id) ? normaliseWalletId(id) : id)
