import { type Json, parseExactJson } from '../../protocol/exact-json.ts'
import { decodeHex, hmacHex } from '../../protocol/hmac.ts'
import { walleoReadings } from '../../walleo/readings.ts'
import {
  decodeWalleoKey,
  importWalleoKey,
  isWalleoPayload,
  signWalleoRequest,
  walleoParts,
  walleoPayload,
  walleoStringToSign,
} from '../../walleo/signing.ts'
import { compare, found, joinedOtherwise, type KeyGuess, otherHashes, settle, type TextGuess } from '../guess.ts'
import { need, needJson, needTime, needUrl, otherSecrets } from '../input.ts'
import { jsonGuesses } from '../json-guesses.ts'
import { headerOf, type Pasted, pathOf } from '../paste/pasted.ts'
import { value } from '../snippets/recipe.ts'
import { timeFindings } from '../time.ts'
import { ExplainError, type Finding, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

const bodyOf = (values: SigningValues) => (values.body ? needJson(values, 'body') : undefined)

export const scheme: Scheme = {
  async explain(values, now) {
    const sharedKey = keyOf(values)
    const credentials = {
      apiKey: need(values, 'apiKey'),
      identifier: need(values, 'identifier'),
      key: await importWalleoKey(sharedKey),
    }
    const body = bodyOf(values)
    const request = { method: need(values, 'method').toUpperCase(), url: needUrl(values, 'url').href, body }
    const timestamp = needTime(values, 'timestamp', Math.floor(now / 1000))
    const signed = await signWalleoRequest(request, credentials, timestamp)
    const { method, url, headers, parts, stringToSign, signature } = signed
    return {
      scheme: 'walleo',
      steps: [
        ...(signed.body === undefined ? [] : [{ name: 'canonical' as const, value: signed.body }]),
        { name: 'parts', value: '', parts },
        { name: 'string-to-sign', value: stringToSign },
        { name: 'key', value: '', key: { form: 'key-hex', bytes: decodeWalleoKey(sharedKey).length } },
        { name: 'digest', value: signature },
        { name: 'authorization', value: headers.authorization as string },
      ],
      stringToSign,
      signature,
      token: null,
      request: { method, url, headers, body: signed.body },
    }
  },

  async recipe(values, now) {
    const body = bodyOf(values)
    const payload = body === undefined ? null : walleoPayload(body)
    const message = {
      method: need(values, 'method').toUpperCase(),
      url: needUrl(values, 'url').href,
      payload,
      identifier: need(values, 'identifier'),
      timestamp: needTime(values, 'timestamp', Math.floor(now / 1000)),
    }
    const parts = walleoParts(message)
    const authorization = ['Bearer ', { environment: 'WALLEO_API_KEY' }, ', Id=', value('identifier')]
    return {
      scheme: 'walleo',
      secret: { variable: 'WALLEO_SHARED_KEY', form: 'hex' },
      values: parts.map((part) => ({ name: part.name, text: part.value })),
      message: { of: parts.map(({ name }) => name), join: { text: '+' } },
      digest: 'hmac',
      spelling: 'hex',
      request: {
        method: message.method,
        url: [value('url')],
        headers: [
          ['Authorization', [...authorization, ', Signature=', value('signature'), ', Timestamp=', value('timestamp')]],
          ['Accept', ['application/json']],
          ...(payload === null ? [] : [['Content-Type', ['application/json']] as const]),
        ],
        body: payload === null ? null : [value('payload')],
      },
    }
  },

  async diagnose(pasted, values, now) {
    if (pasted.method === '' || pasted.url === '') return diagnosis([found('not-a-request')])
    const header = headerOf(pasted, 'authorization')
    if (header === null) return diagnosis([found('authorization-missing')])
    const said = readLoosely(header)
    if (said === null) return diagnosis([found('authorization-malformed')])
    for (const name of ['Id', 'Signature', 'Timestamp'] as const) {
      if (!said[name]) return diagnosis([found('part-missing', { name })])
    }
    const { Id: identifier = '', Signature: presented = '', Timestamp: time = '' } = said
    const findings: Finding[] = [
      ...(values.apiKey && values.apiKey !== said.key ? [found('other-api-key')] : []),
      ...(values.identifier && values.identifier !== identifier ? [found('other-identifier')] : []),
      ...timeFindings(time, 'seconds', now, walleoReadings.toleranceSeconds),
    ]
    if (!/^\d+$/.test(time)) return diagnosis(findings)
    let body: Json | undefined
    try {
      if (pasted.body) body = parseExactJson(pasted.body)
    } catch (error) {
      return diagnosis([...findings, found('body-malformed', { reason: (error as Error).message })])
    }
    const sharedKey = keyOf(values)
    const payload = body === undefined ? null : walleoPayload(body)
    const url = urlOf(pasted, values)
    const message = { method: pasted.method.toUpperCase(), url, payload, identifier, timestamp: Number(time) }
    const texts = textsOf(pasted, message, body, said.key)
    const keys = keysOf(sharedKey, values)
    const match = await compare(presented, 'hex', texts, keys)
    const pieces = walleoParts(message)
    const facts = { presented, wanted: 'hex' as const, pieces, separator: '+', signed: values.signed, keys }
    const stringToSign = walleoStringToSign(message)
    const expected = await hmacHex(await importWalleoKey(sharedKey), stringToSign)
    return diagnosis([...findings, ...(await settle(match, facts))], stringToSign, expected)
  },
}

function keyOf(values: SigningValues): string {
  const sharedKey = need(values, 'secret').trim()
  if (decodeHex(sharedKey) !== null) return sharedKey
  throw new ExplainError('secret', 'not-a-key', 'the shared key is not an even number of hexadecimal digits')
}

type Said = { key: string } & Partial<Record<'Id' | 'Signature' | 'Timestamp', string>>

/** The header's parts, whatever is wrong with their values. */
function readLoosely(header: string): Said | null {
  const [first = '', ...rest] = header.split(/,\s*/)
  const key = /^bearer\s+(\S+)$/i.exec(first.trim())?.[1]
  if (key === undefined) return null
  const said: Said = { key }
  for (const part of rest) {
    const at = part.indexOf('=')
    const name = (['Id', 'Signature', 'Timestamp'] as const).find(
      (known) => known.toLowerCase() === part.slice(0, Math.max(0, at)).trim().toLowerCase(),
    )
    if (name === undefined || said[name] !== undefined) return null
    said[name] = part.slice(at + 1).trim()
  }
  return said
}

/** The address that a server takes: that of the request, below the public one where it is given. */
function urlOf(pasted: Pasted, values: SigningValues): string {
  const path = pathOf(pasted.url)
  if (values.url && URL.canParse(values.url)) return new URL(values.url).origin + path
  if (/^https?:/i.test(pasted.url)) return new URL(pasted.url).origin + path
  return `https://${headerOf(pasted, 'host') ?? 'localhost'}${path}`
}

function textsOf(
  pasted: Pasted,
  message: Parameters<typeof walleoParts>[0],
  body: Json | undefined,
  apiKey: string,
): TextGuess[] {
  const { method, url, payload, identifier } = message
  const time = String(message.timestamp)
  const pieces = walleoParts(message).map((part) => part.value)
  const join = (...list: string[]) => list.join('+')
  const sent = body === undefined ? [] : [payload as string]
  const withUrl = (changed: string, finding: Finding): TextGuess => ({
    text: walleoStringToSign({ ...message, url: changed }),
    finding,
  })
  const path = pathOf(url)
  const hosts = [
    headerOf(pasted, 'host'),
    /^https?:/i.test(pasted.url) ? new URL(pasted.url).host : null,
    new URL(url).host,
  ]
  const origins = hosts.flatMap((host) => (host === null ? [] : [`https://${host}`, `http://${host}`]))
  const { origin } = new URL(url)
  return [
    { text: walleoStringToSign(message), finding: null },
    ...(payload === null ? [{ text: walleoStringToSign({ ...message, payload: '' }), finding: null }] : []),
    // Sorted and compact already: it may be signed as it stands.
    ...(body !== undefined && isWalleoPayload(pasted.body as string, body)
      ? [{ text: walleoStringToSign({ ...message, payload: pasted.body }), finding: null }]
      : []),
    ...(body === undefined
      ? []
      : jsonGuesses(pasted.body as string, body).map(({ text, finding }) => ({
          text: walleoStringToSign({ ...message, payload: text }),
          finding,
        }))),
    ...(body === undefined ? [] : [{ text: join(method, url, identifier, time), finding: found('body-left-out') }]),
    { text: join(method, url, ...sent, time), finding: found('identifier-left-out') },
    { text: join(method, url, ...sent, apiKey, time), finding: found('api-key-signed') },
    ...[...new Set([...origins, 'http://localhost', 'https://localhost'])]
      .filter((other) => other !== origin)
      .map((other) => withUrl(other + path, found('wrong-host', { signed: other, right: origin }))),
    withUrl(path, found('path-only')),
    withUrl(path.replace(/\?.*$/s, ''), found('path-only')),
    ...(url.includes('?') ? [withUrl(url.replace(/\?.*$/s, ''), found('query-left-out'))] : []),
    withUrl(`${url}/`, found('path-changed', { signed: `${path}/`, right: path })),
    ...[method.toLowerCase(), 'GET', 'POST'].map((other) => ({
      text: walleoStringToSign({ ...message, method: other }),
      finding: found('method-changed', { signed: other, right: method }),
    })),
    ...otherTimes(message),
    ...joinedOtherwise(pieces, '+'),
  ]
}

function otherTimes(message: Parameters<typeof walleoParts>[0]): TextGuess[] {
  const seconds = message.timestamp
  return [seconds * 1000, Math.floor(seconds / 1000)].map((timestamp) => ({
    text: walleoStringToSign({ ...message, timestamp }),
    finding: found('time-differs', { signed: String(timestamp) }),
  }))
}

function keysOf(sharedKey: string, values: SigningValues): KeyGuess[] {
  const bytes = decodeWalleoKey(sharedKey)
  const asText = [sharedKey, sharedKey.toLowerCase(), sharedKey.toUpperCase(), `${sharedKey}\n`]
  const others = otherSecrets(values, 'apiKey', 'identifier').flatMap(({ name, secret }) => {
    const decoded = decodeHex(secret)
    const finding = found('wrong-key', { name })
    return [{ key: secret, finding }, ...(decoded ? [{ key: decoded, finding }] : [])]
  })
  return [
    { key: bytes, finding: null },
    ...[...new Set(asText)].map((key) => ({ key, finding: found('key-as-text') })),
    ...otherHashes(bytes),
    ...others,
  ]
}
