import {
  importJackpotKey,
  type JackpotClaims,
  jackpotParts,
  jackpotReadings,
  signJackpotToken,
} from '../../jackpot/signing.ts'
import type { JsonObject } from '../../protocol/exact-json.ts'
import { found, textKeys } from '../guess.ts'
import { judgeToken, signatureOf, tokenSteps } from '../hs256-token.ts'
import { need, needObject, needUrl, otherSecrets } from '../input.ts'
import type { Pasted } from '../paste/pasted.ts'
import { tokenTemplate } from '../snippets/recipe.ts'
import { timeFindings } from '../time.ts'
import type { Finding, SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

export const scheme: Scheme = {
  async explain(values, now) {
    const claims = claimsOf(values, now)
    const secret = need(values, 'secret')
    const parts = jackpotParts(claims)
    const token = await signJackpotToken(claims, await importJackpotKey(secret))
    const { url, before, after } = requestOf(values)
    return {
      scheme: 'jackpot',
      steps: await tokenSteps(parts, token, secret),
      stringToSign: parts.signingInput,
      signature: signatureOf(token),
      token,
      request: { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: before + token + after },
    }
  },

  async recipe(values, now) {
    const parts = jackpotParts(claimsOf(values, now))
    const { url, before, after } = requestOf(values)
    return {
      scheme: 'jackpot',
      secret: { variable: 'JACKPOT_API_SIGNATURE', form: 'text' },
      values: [
        { name: 'header', text: parts.header, encode: 'base64url' },
        { name: 'payload', text: parts.payload, encode: 'base64url' },
      ],
      message: { of: ['header', 'payload'], join: { text: '.' } },
      digest: 'hmac',
      spelling: 'base64url',
      request: {
        method: 'POST',
        url: [url],
        headers: [['Content-Type', ['application/json']]],
        body: [before, ...tokenTemplate, after],
      },
    }
  },

  async diagnose(pasted, values, now) {
    const { text, version, findings: places } = tokenOf(pasted, values)
    if (text === null) return diagnosis([...places, found('token-missing')])
    const judged = await judgeToken(
      text,
      () => need(values, 'secret'),
      (secret) => textKeys(secret, otherSecrets(values, 'apiKey', 'clientSecret')),
      values.signed,
    )
    const claims = judged.payload === null ? [] : claimFindings(judged.payload, version, now)
    return diagnosis([...places, ...judged.findings, ...claims], judged.stringToSign, judged.expected)
  },
}

const versionOf = (values: SigningValues) => (values.version === 'v1' ? 'v1' : 'v2')

/** The claims as they were filled in, `iat` added where it is missing: the order of the members is kept. */
function claimsOf(values: SigningValues, now: number): JackpotClaims {
  const claims = needObject(values, 'claims')
  return (claims.iat === undefined ? { ...claims, iat: Math.floor(now / 1000) } : claims) as JackpotClaims
}

function requestOf(values: SigningValues): { url: string; before: string; after: string } {
  const apiKey = need(values, 'apiKey')
  const base = needUrl(values, 'url').href.replace(/\/+$/, '')
  if (versionOf(values) === 'v1') {
    return { url: `${base}/token`, before: `{"apiKey":${JSON.stringify(apiKey)},"initializationToken":"`, after: '"}' }
  }
  const before = `{"grant_type":"${grantType}","client_id":${JSON.stringify(apiKey)},"assertion":"`
  return { url: `${base}/v2/token`, before, after: '"}' }
}

type Found = { text: string | null; version: 'v1' | 'v2'; findings: Finding[] }

/** The token of a request, and what is wrong with the request around it. */
function tokenOf(pasted: Pasted, values: SigningValues): Found {
  if (pasted.kind === 'token') {
    // A bare token says by its claims which version it is meant for.
    return { text: pasted.body, version: versionOf(values), findings: [] }
  }
  const body = membersOf(pasted.body)
  const first = body.initializationToken
  if (first !== undefined) {
    const wrong = values.apiKey && body.apiKey !== undefined && body.apiKey !== values.apiKey
    return { text: String(first), version: 'v1', findings: wrong ? [found('client-id-differs')] : [] }
  }
  const findings: Finding[] = []
  if (body.grant_type !== grantType) {
    findings.push(found('grant-type-wrong', { signed: String(body.grant_type ?? ''), right: grantType }))
  }
  if (values.apiKey && body.client_id !== values.apiKey) findings.push(found('client-id-differs'))
  return { text: body.assertion === undefined ? null : String(body.assertion), version: 'v2', findings }
}

/** JSON, or a form. */
function membersOf(body: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return Object.fromEntries(new URLSearchParams(body ?? ''))
  }
}

const types: Record<string, { type: string; right: string }> = {
  amount: { type: 'number', right: 'a number, not a text' },
  iat: { type: 'number', right: 'a number of seconds' },
  notificationKey: { type: 'string', right: 'a text of 1 to 255 characters' },
  cp: { type: 'string', right: 'a text' },
  age: { type: 'number', right: 'a number' },
  gender: { type: 'string', right: 'a text' },
  userId: { type: 'string', right: 'a text' },
  forceManualConfirm: { type: 'boolean', right: 'true or false' },
}
const required = {
  v1: ['amount', 'cp', 'age', 'gender', 'userId', 'iat', 'notificationKey'],
  v2: ['amount', 'iat', 'notificationKey'],
} as const

function claimFindings(claims: JsonObject, version: 'v1' | 'v2', now: number): Finding[] {
  const findings: Finding[] = []
  for (const name of required[version]) if (claims[name] === undefined) findings.push(found('claim-missing', { name }))
  for (const [name, { type, right }] of Object.entries(types)) {
    const claim = claims[name]
    if (claim !== undefined && typeof claim !== type) findings.push(found('claim-type', { name, right }))
  }
  if (typeof claims.amount === 'number' && !/^\d{1,15}(?:\.\d{1,2})?$/.test(String(claims.amount))) {
    findings.push(found('claim-type', { name: 'amount', right: 'above zero, with two decimals at most' }))
  }
  if (claims.notificationKey === '') {
    findings.push(found('claim-type', { name: 'notificationKey', right: types.notificationKey?.right as string }))
  }
  if (typeof claims.iat === 'number') findings.push(...ageFindings(claims.iat, now))
  return findings
}

function ageFindings(iat: number, now: number): Finding[] {
  const isFuture = iat * 1000 > now
  const { oldestSeconds, futureSeconds } = jackpotReadings
  return timeFindings(String(iat), 'seconds', now, isFuture ? futureSeconds : oldestSeconds)
}
