import {
  type PledgHashed,
  pledgHashedFields,
  pledgNotificationHash,
  pledgNotificationParts,
  pledgNotificationText,
} from '../../pledg/notifications.ts'
import { importPledgKey } from '../../pledg/signing.ts'
import { type JsonObject, parseExactJson } from '../../protocol/exact-json.ts'
import { jwtParts, signJwt } from '../../protocol/hs256-jwt.ts'
import { compare, found, type KeyGuess, settle, type TextGuess, textKeys } from '../guess.ts'
import { judgeToken, signatureOf, tokenSteps } from '../hs256-token.ts'
import { need, needObject, needUrl, otherSecrets } from '../input.ts'
import type { Pasted } from '../paste/pasted.ts'
import { tokenTemplate, value } from '../snippets/recipe.ts'
import { type Diagnosis, ExplainError, type Explanation, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

const headers = { 'content-type': 'application/json' }
const isToken = (values: SigningValues) => values.form === 'token'

export const scheme: Scheme = {
  async explain(values) {
    const body = bodyOf(values)
    const secret = need(values, 'secret')
    const url = needUrl(values, 'url').href
    return isToken(values) ? explainToken(body, secret, url) : explainHash(body, secret, url)
  },

  async recipe(values) {
    const body = bodyOf(values)
    const base = {
      scheme: 'pledg-notification' as const,
      secret: { variable: 'PLEDG_SECRET', form: 'text' as const },
    }
    const request = {
      method: 'POST',
      url: [needUrl(values, 'url').href],
      headers: [['Content-Type', ['application/json']]] as const,
    }
    if (isToken(values)) {
      const parts = jwtParts(body)
      return {
        ...base,
        values: [
          { name: 'header', text: parts.header, encode: 'base64url' },
          { name: 'payload', text: parts.payload, encode: 'base64url' },
        ],
        message: { of: ['header', 'payload'], join: { text: '.' } },
        digest: 'hmac',
        spelling: 'base64url',
        request: { ...request, body: ['{"signature":"', ...tokenTemplate, '"}'] },
      }
    }
    const pairs = pledgNotificationParts(hashedOf(body))
    const names = pairs.map(({ name }) => name.replaceAll('_', '-'))
    return {
      ...base,
      values: pairs.map((pair, at) => ({ name: names[at] as string, text: `${pair.name}=${pair.value}` })),
      message: { of: names, join: 'secret' },
      digest: 'sha256',
      spelling: 'hex-upper',
      request: { ...request, body: [`${JSON.stringify(body).slice(0, -1)},"signature":"`, value('signature'), '"}'] },
    }
  },

  async diagnose(pasted, values, now) {
    if (pasted.kind === 'token') return diagnoseToken(pasted.body ?? '', values, now)
    const body = readBody(pasted)
    if ('findings' in body) return body
    const { content } = body
    const { signature, ...rest } = content
    if (typeof signature !== 'string') return diagnosis([found('unsigned')])
    if (Object.keys(rest).length === 0) return diagnoseToken(signature, values, now)
    return diagnoseHash(rest, signature, values)
  },
}

function bodyOf(values: SigningValues): JsonObject {
  const { signature: _, ...body } = needObject(values, 'body')
  if (Object.keys(body).length === 0) throw new ExplainError('body', 'refused', 'the body has no members')
  return body
}

function hashedOf(body: JsonObject): PledgHashed {
  for (const name of pledgHashedFields) {
    const member = body[name]
    if (member === undefined) throw new ExplainError('body', 'refused', `the body has no ${name}, which is hashed`)
    if (typeof member === 'object' && member !== null)
      throw new ExplainError('body', 'refused', `${name} is no plain value`)
  }
  return body as PledgHashed
}

async function explainHash(body: JsonObject, secret: string, url: string): Promise<Explanation> {
  const fields = hashedOf(body)
  const signature = await pledgNotificationHash(fields, secret)
  const stringToSign = pledgNotificationText(fields, '[secret]')
  const sent = JSON.stringify({ ...body, signature })
  return {
    scheme: 'pledg-notification',
    steps: [
      { name: 'parts', value: '', parts: pledgNotificationParts(fields) },
      { name: 'key', value: '', key: { form: 'key-separator', bytes: new TextEncoder().encode(secret).length } },
      { name: 'string-to-sign', value: stringToSign },
      { name: 'digest', value: signature },
      { name: 'message', value: sent },
    ],
    stringToSign,
    signature,
    token: null,
    request: { method: 'POST', url, headers, body: sent },
  }
}

async function explainToken(body: JsonObject, secret: string, url: string): Promise<Explanation> {
  const parts = jwtParts(body)
  const token = await signJwt(body, await importPledgKey(secret))
  const sent = JSON.stringify({ signature: token })
  return {
    scheme: 'pledg-notification',
    steps: [...(await tokenSteps(parts, token, secret)), { name: 'message', value: sent }],
    stringToSign: parts.signingInput,
    signature: signatureOf(token),
    token,
    request: { method: 'POST', url, headers, body: sent },
  }
}

function readBody({ body }: Pasted): Diagnosis | { content: JsonObject } {
  if (!body) return diagnosis([found('body-missing')])
  try {
    const content = parseExactJson(body, { depth: 32 })
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { content }
    return diagnosis([found('body-malformed', { reason: 'it is no JSON object' })])
  } catch (error) {
    return diagnosis([found('body-malformed', { reason: (error as Error).message })])
  }
}

async function diagnoseToken(token: string, values: SigningValues, _now: number): Promise<Diagnosis> {
  const judged = await judgeToken(
    token,
    () => need(values, 'secret'),
    (secret) => textKeys(secret, otherSecrets(values)),
    values.signed,
  )
  const isWrapped = judged.payload !== null && 'data' in judged.payload && judged.payload.reference === undefined
  const claims = isWrapped
    ? [found('data-wrapped')]
    : judged.payload !== null && judged.payload.reference === undefined
      ? [found('claim-missing', { name: 'reference' })]
      : []
  return diagnosis([...judged.findings, ...claims], judged.stringToSign, judged.expected)
}

async function diagnoseHash(body: JsonObject, signature: string, values: SigningValues): Promise<Diagnosis> {
  const missing = pledgHashedFields.filter((name) => body[name] === undefined)
  if (missing.length > 0) return diagnosis(missing.map((name) => found('field-missing', { name })))
  const secret = need(values, 'secret')
  const fields = body as PledgHashed
  const pieces = pledgNotificationParts(fields).map((part) => ({
    name: part.name,
    value: `${part.name}=${part.value}`,
  }))
  // A plain hash: the secret is in the text, so other secrets and keys are other texts.
  const plain: KeyGuess[] = [{ key: 'none', plain: true, finding: null }]
  const keyed: KeyGuess[] = [{ key: secret, finding: found('hmac-for-hash') }]
  const guesses = textsOf(body, fields, secret, values)
  const keys = [...plain, ...keyed]
  const match = await compare(signature, 'hex-upper', guesses, keys)
  const facts = {
    presented: signature,
    wanted: 'hex-upper' as const,
    pieces,
    separator: secret,
    signed: values.signed,
    keys: plain,
  }
  const settled = await settle(match, facts)
  return diagnosis(settled, pledgNotificationText(fields, '[secret]'), await pledgNotificationHash(fields, secret))
}

function textsOf(body: JsonObject, fields: PledgHashed, secret: string, values: SigningValues): TextGuess[] {
  const right = pledgNotificationText(fields, secret)
  const pairs = pledgNotificationParts(fields).map(({ name, value }) => `${name}=${value}`)
  const printed = (form: (member: unknown) => string, names: readonly string[] = pledgHashedFields) =>
    names.map((name) => `${name}=${form(body[name])}`).join(secret)
  const plain = (member: unknown) => (member === null ? '' : String(member))
  const boolean = (yes: string, no: string) => (member: unknown) =>
    member === true ? yes : member === false ? no : plain(member)
  const asNull = (text: string) => (member: unknown) => (member === null ? text : plain(member))
  const asSent = Object.keys(body).filter((name) => (pledgHashedFields as readonly string[]).includes(name))
  const everything = Object.keys(body).filter((name) => typeof body[name] !== 'object' || body[name] === null)
  const whole = Object.keys(body).toSorted()
  const json = (member: unknown) =>
    typeof member === 'object' && member !== null ? JSON.stringify(member) : plain(member)
  const listed = ['reference', 'id', 'status', 'created_at', 'sandbox', 'error']
  const others = otherSecrets(values)
  const guesses: TextGuess[] = [
    ...[printed(plain, asSent), printed(plain, listed), printed(plain, pledgHashedFields.toReversed())].map((text) => ({
      text,
      finding: found('pairs-unsorted'),
    })),
    ...[printed(plain, everything.toSorted()), printed(json, whole), printed(plain, everything)].map((text) => ({
      text,
      finding: found('extra-fields'),
    })),
    ...[`${secret}${right}`, `${right}${secret}`, `${secret}${right}${secret}`].map((text) => ({
      text,
      finding: found('secret-around'),
    })),
    { text: pairs.join(''), finding: found('secret-left-out') },
    ...['&', ',', '|', ';', '-', '+'].flatMap((used) =>
      [pairs.join(used), secret + pairs.join(used), pairs.join(used) + secret].map((text) => ({
        text,
        finding: found('wrong-separator', { used: JSON.stringify(used), right: '[secret]' }),
      })),
    ),
    ...[
      ['True', 'False'],
      ['1', ''],
      ['1', '0'],
      ['TRUE', 'FALSE'],
      ['yes', 'no'],
    ].map(([yes = '', no = '']) => ({
      text: printed(boolean(yes, no)),
      finding: found('boolean-form', { signed: `${yes}, ${no}` }),
    })),
    ...['null', 'None', 'nil', 'NULL', 'undefined'].map((text) => ({
      text: printed(asNull(text)),
      finding: found('null-form', { signed: text }),
    })),
    {
      text: pledgHashedFields.map((name) => plain(fields[name])).join(secret),
      finding: found('values-only'),
    },
    { text: `${right}\n`, finding: found('trailing-newline') },
    { text: pledgNotificationText(fields, `${secret}\n`), finding: found('key-with-newline') },
    { text: pledgNotificationText(fields, secret.trim()), finding: found('secret-has-blanks') },
    ...[secret.toLowerCase(), secret.toUpperCase()].map((other) => ({
      text: pledgNotificationText(fields, other),
      finding: found('key-in-other-case'),
    })),
    ...others.map(({ name, secret: other }) => ({
      text: pledgNotificationText(fields, other),
      finding: found('wrong-key', { name }),
    })),
  ]
  return [{ text: right, finding: null }, ...guesses.filter(({ text }) => text !== right)]
}
