import { encodeBase64url } from '../../protocol/base64url.ts'
import { canonicalJson } from '../../protocol/canonical-json.ts'
import { type Envelope, importSigningKey, readEnvelope, signEnvelope } from '../../protocol/envelope.ts'
import { EnvelopeError } from '../../protocol/errors.ts'
import { type Json, type JsonObject, parseExactJson } from '../../protocol/exact-json.ts'
import { encodeHex, hmacSha256 } from '../../protocol/hmac.ts'
import { isExplicitId, normaliseWalletId } from '../../protocol/wallet-id.ts'
import { compare, found, settle, textKeys } from '../guess.ts'
import { need, needObject, needUrl, otherSecrets } from '../input.ts'
import { jsonGuesses } from '../json-guesses.ts'
import { memberText } from '../member-text.ts'
import { headerOf, type Pasted, pathOf } from '../paste/pasted.ts'
import { value } from '../snippets/recipe.ts'
import type { Finding } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

export const scheme: Scheme = {
  async explain(values) {
    const payload = needObject(values, 'payload')
    const secret = need(values, 'secret')
    const key = await importSigningKey(secret)
    const body = await signEnvelope(payload, key)
    const signature = (readEnvelope(parseExactJson(body)) as Envelope).signature as string
    const canonical = canonicalJson(payload)
    return {
      scheme: 'webwallet',
      steps: [
        { name: 'canonical', value: canonical },
        { name: 'string-to-sign', value: canonical },
        { name: 'key', value: '', key: { form: 'key-text', bytes: new TextEncoder().encode(secret).length } },
        { name: 'digest', value: encodeHex(await hmacSha256(key, canonical)) },
        { name: 'signature', value: signature },
        { name: 'message', value: body },
      ],
      stringToSign: canonical,
      signature,
      token: null,
      request: {
        method: 'POST',
        url: needUrl(values, 'url').href,
        headers: {
          authorization: `Bearer ${values.accessToken || 'ACCESS_TOKEN'}`,
          'content-type': 'application/json',
          ...(values.idempotencyKey ? { 'idempotency-key': values.idempotencyKey } : {}),
        },
        body,
      },
    }
  },

  async recipe(values) {
    const payload = canonicalJson(needObject(values, 'payload'))
    const key = values.idempotencyKey
    return {
      scheme: 'webwallet',
      secret: { variable: 'BILLFOLD_SIGNING_SECRET', form: 'text' },
      values: [{ name: 'payload', text: payload }],
      message: { of: ['payload'], join: { text: '' } },
      digest: 'hmac',
      spelling: 'base64url',
      request: {
        method: 'POST',
        url: [needUrl(values, 'url').href],
        headers: [
          ['Authorization', ['Bearer ', { environment: 'BILLFOLD_ACCESS_TOKEN' }]],
          ['Content-Type', ['application/json']],
          ...(key ? [['Idempotency-Key', [key]] as const] : []),
        ],
        body: ['{"header":{"alg":"hs256"},"payload":', value('payload'), ',"signature":"', value('signature'), '"}'],
      },
    }
  },

  async diagnose(pasted, values) {
    const { body } = pasted
    if (pasted.kind === 'token' || pasted.kind === 'unknown') return diagnosis([found('unreadable')])
    if (!body) return diagnosis([found('body-missing')])
    let message: Json
    try {
      message = parseExactJson(body)
    } catch (error) {
      return diagnosis([found('body-malformed', { reason: (error as Error).message })])
    }
    const shape = shapeOf(message)
    if ('mistake' in shape) return diagnosis([shape])
    const { payload, signature, findings } = shape
    findings.push(...requestFindings(pasted, payload))
    const secret = need(values, 'secret')
    const canonical = canonicalJson(payload)
    const source = memberText(body, 'payload')
    const whole = { header: { alg: 'hs256' }, payload }
    const texts = [
      { text: canonical, finding: null },
      { text: `${canonical}\n`, finding: found('trailing-newline') },
      ...jsonGuesses(source, payload),
      ...[canonicalJson(whole), JSON.stringify(whole), `{"header":{"alg":"hs256"},"payload":${source}}`].map(
        (text) => ({
          text,
          finding: found('whole-message-signed'),
        }),
      ),
      { text: `{"payload":${canonical}}`, finding: found('whole-message-signed') },
    ]
    const keys = textKeys(secret, otherSecrets(values, 'clientSecret'))
    const match = await compare(signature, 'base64url', texts, keys)
    const pieces = [{ name: 'payload', value: canonical }]
    const facts = {
      presented: signature,
      wanted: 'base64url' as const,
      pieces,
      separator: '',
      signed: values.signed,
      keys,
    }
    const expected = encodeBase64url(await hmacSha256(await importSigningKey(secret), canonical))
    return diagnosis([...findings, ...(await settle(match, facts))], canonical, expected)
  },
}

type Shape = { payload: JsonObject; signature: string; findings: Finding[] }

/** The message's parts, by the SDK's own reading; what it refuses of the header is noted and passed over. */
function shapeOf(message: Json): Shape | Finding {
  const findings: Finding[] = []
  let read: Envelope | undefined
  try {
    read = readEnvelope(message)
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error
    const loose = message as { header?: JsonObject; payload?: JsonObject; signature?: string } | null
    const alg = loose?.header?.alg
    if (error.code === 'envelope-algorithm-refused') {
      findings.push(alg === undefined ? found('alg-missing') : found('alg-wrong', { alg: String(alg), right: 'hs256' }))
    } else if (error.code === 'envelope-header-refused') {
      const name = Object.keys(loose?.header ?? {}).find((known) => !['alg', 'kid', 'typ'].includes(known)) ?? ''
      findings.push(found('header-refused', { name }))
    } else return found('envelope-malformed', { reason: error.message })
    if (typeof loose?.payload === 'object' && typeof loose.signature === 'string') {
      read = { payload: loose.payload, signature: loose.signature, kid: null }
    }
  }
  if (!read?.signature) return findings[0] ?? found('signature-missing')
  return { payload: read.payload, signature: read.signature, findings }
}

/** What the address and the headers say against the payload. */
function requestFindings(pasted: Pasted, payload: JsonObject): Finding[] {
  if (pasted.kind !== 'http' && pasted.kind !== 'curl') return []
  const findings: Finding[] = []
  const authorization = headerOf(pasted, 'authorization')
  if (authorization === null) findings.push(found('authorization-missing'))
  else if (!/^(?:bearer|dpop) +\S+$/i.test(authorization)) findings.push(found('bearer-missing'))
  const segments = pathOf(pasted.url)
    .replace(/\?.*$/s, '')
    .split('/')
    .filter((segment) => segment !== '')
  const [wallet = '', endpoint = ''] = segments.slice(-2).map((segment) => segment.replace(/%3a/gi, ':'))
  if (typeof payload.endpoint === 'string' && endpoint !== '' && payload.endpoint !== endpoint) {
    findings.push(found('endpoint-differs', { signed: payload.endpoint, right: endpoint }))
  }
  const named = [payload.source, payload.target].filter((id) => typeof id === 'string' && isExplicitId(id)) as string[]
  // A payment may name its target only; then the address is the payer's own wallet, and there is nothing to compare.
  if (isExplicitId(wallet) && named.length > 0 && !(endpoint === 'payments' && payload.source === undefined)) {
    const right = normaliseWalletId(wallet)
    const ids = named.map(normaliseWalletId)
    if (!ids.includes(right)) findings.push(found('wallet-differs', { signed: ids.join(', '), right }))
  }
  return findings
}
