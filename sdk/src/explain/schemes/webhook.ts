import { encodeHex, hmacSha256 } from '../../protocol/hmac.ts'
import { encodeBase64 } from '../../webhooks/base64.ts'
import {
  decodeWebhookSecret,
  importWebhookKey,
  signWebhook,
  type WebhookMessage,
  webhookParts,
  webhookText,
  webhookToleranceSeconds,
} from '../../webhooks/verify.ts'
import { decodeLoosely } from '../code.ts'
import {
  compare,
  found,
  joinedOtherwise,
  type KeyGuess,
  type Match,
  otherHashes,
  settle,
  type TextGuess,
} from '../guess.ts'
import { need, needTime, needUrl, otherSecrets } from '../input.ts'
import { headerOf } from '../paste/pasted.ts'
import { value } from '../snippets/recipe.ts'
import { timeFindings } from '../time.ts'
import { ExplainError, type Finding, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

const messageOf = (values: SigningValues, now: number): WebhookMessage => ({
  id: need(values, 'id'),
  timestamp: needTime(values, 'timestamp', Math.floor(now / 1000)),
  body: need(values, 'body'),
})

export const scheme: Scheme = {
  async explain(values, now) {
    const message = messageOf(values, now)
    const secret = secretOf(values)
    const key = await importWebhookKey(secret)
    const headers = await signed(message, key)
    const signature = (headers['webhook-signature'] as string).slice('v1,'.length)
    const text = webhookText(message)
    return {
      scheme: 'webhook',
      steps: [
        { name: 'parts', value: '', parts: webhookParts(message) },
        { name: 'string-to-sign', value: text },
        { name: 'key', value: '', key: { form: 'key-base64', bytes: decodeWebhookSecret(secret).length } },
        { name: 'digest', value: encodeHex(await hmacSha256(key, text)) },
        { name: 'signature', value: signature },
        { name: 'authorization', value: headers['webhook-signature'] as string },
      ],
      stringToSign: text,
      signature,
      token: null,
      request: {
        method: 'POST',
        url: needUrl(values, 'url').href,
        headers: { 'content-type': 'application/json', ...headers },
        body: message.body,
      },
    }
  },

  async recipe(values, now) {
    const parts = webhookParts(messageOf(values, now))
    return {
      scheme: 'webhook',
      secret: { variable: 'WEBHOOK_SECRET', form: 'whsec' },
      values: parts.map((part) => ({ name: part.name, text: part.value })),
      message: { of: parts.map(({ name }) => name), join: { text: '.' } },
      digest: 'hmac',
      spelling: 'base64',
      request: {
        method: 'POST',
        url: [needUrl(values, 'url').href],
        headers: [
          ['Content-Type', ['application/json']],
          ['webhook-id', [value('id')]],
          ['webhook-timestamp', [value('timestamp')]],
          ['webhook-signature', ['v1,', value('signature')]],
        ],
        body: [value('body')],
      },
    }
  },

  async diagnose(pasted, values, now) {
    if (pasted.kind !== 'http' && pasted.kind !== 'curl') return diagnosis([found('not-a-request')])
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      if (!headerOf(pasted, name)) return diagnosis([found('header-missing', { name })])
    }
    const [id = '', time = '', signatures = ''] = ['id', 'timestamp', 'signature'].map(
      (name) => headerOf(pasted, `webhook-${name}`) ?? '',
    )
    const findings = [
      ...(/^[!-,\-/-~]{1,256}$/.test(id) ? [] : [found('id-malformed')]),
      ...timeFindings(time, 'seconds', now, webhookToleranceSeconds),
    ]
    if (!pasted.body) findings.push(found('body-missing'))
    if (!/^\d+$/.test(time) || !pasted.body) return diagnosis(findings)
    const secret = secretOf(values)
    const message = { id, timestamp: Number(time), body: pasted.body }
    const keys = keysOf(secret, values)
    const texts = textsOf(message)
    const facts = {
      wanted: 'base64' as const,
      pieces: webhookParts(message),
      separator: '.',
      signed: values.signed,
      keys,
    }
    const tries = await Promise.all(
      versions(signatures).map(async ({ presented, wrong }) => {
        const match = await compare(presented, 'base64', texts, keys)
        return { match: { ...match, findings: [...wrong, ...match.findings] } as Match, presented }
      }),
    )
    // While a secret is replaced there are two signatures; the one that is nearest to right speaks for the delivery.
    tries.sort(
      (a, b) => Number(b.match.matched) - Number(a.match.matched) || a.match.findings.length - b.match.findings.length,
    )
    const best = tries[0] as (typeof tries)[number]
    const text = webhookText(message)
    const expected = encodeBase64(await hmacSha256(await importWebhookKey(secret), text))
    return diagnosis(
      [...findings, ...(await settle(best.match, { ...facts, presented: best.presented }))],
      text,
      expected,
    )
  },
}

async function signed(message: WebhookMessage, key: CryptoKey): Promise<Record<string, string>> {
  try {
    return await signWebhook(message, [key])
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ExplainError('id', 'refused', error.message)
  }
}

function secretOf(values: SigningValues): string {
  const secret = need(values, 'secret').trim()
  try {
    decodeWebhookSecret(secret)
    return secret
  } catch (error) {
    throw new ExplainError('secret', 'not-a-key', (error as Error).message)
  }
}

/** The signatures of a header: those of version 1, or, where there are none, whatever stands there. */
function versions(header: string): { presented: string; wrong: Finding[] }[] {
  const all = header.split(' ').filter((one) => one !== '')
  const known = all.filter((one) => one.startsWith('v1,'))
  if (known.length > 0) return known.map((one) => ({ presented: one.slice(3), wrong: [] }))
  return all.map((one) => ({ presented: one.replace(/^v\d+[a-z]?[,=]/, ''), wrong: [found('version-missing')] }))
}

function textsOf(message: WebhookMessage): TextGuess[] {
  const { id, timestamp, body } = message
  const pieces = webhookParts(message).map((part) => part.value)
  const join = (...list: (string | number)[]) => list.join('.')
  return [
    { text: webhookText(message), finding: null },
    { text: join(timestamp, body), finding: found('id-left-out') },
    { text: body, finding: found('id-left-out') },
    { text: join(id, timestamp), finding: found('body-left-out') },
    ...[timestamp * 1000, Math.floor(timestamp / 1000)].map((other) => ({
      text: join(id, other, body),
      finding: found('time-differs', { signed: String(other) }),
    })),
    ...reprinted(body).map((text) => ({ text: join(id, timestamp, text), finding: found('body-reserialised') })),
    ...joinedOtherwise(pieces, '.'),
  ]
}

/** A JSON body as programs print it again. */
function reprinted(body: string): string[] {
  try {
    const json: unknown = JSON.parse(body)
    const texts = [JSON.stringify(json), JSON.stringify(json, null, 2), JSON.stringify(json, null, 4), body.trim()]
    const spaced = JSON.stringify(json, null, 1)
      .replace(/\n\s*/g, ' ')
      .replace(/([{[]) /g, '$1')
      .replace(/ ([}\]])/g, '$1')
    return [...texts, spaced, JSON.stringify(json).replaceAll('/', '\\/')].filter((text) => text !== body)
  } catch {
    return []
  }
}

function keysOf(secret: string, values: SigningValues): KeyGuess[] {
  const bytes = decodeWebhookSecret(secret)
  const rest = secret.slice('whsec_'.length)
  const others = otherSecrets(values).flatMap(({ name, secret: other }) => {
    const decoded = decodeLoosely(other.replace(/^whsec_/, ''))
    const finding = found('wrong-key', { name })
    return [...(decoded ? [{ key: decoded, finding }] : []), { key: other, finding }]
  })
  return [
    { key: bytes, finding: null },
    { key: rest, finding: found('key-not-decoded') },
    { key: secret, finding: found('key-with-prefix') },
    { key: `${secret}\n`, finding: found('key-with-prefix') },
    ...otherHashes(bytes),
    ...others,
  ]
}
