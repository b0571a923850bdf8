import {
  importPledgKey,
  type PledgRequest,
  pledgParts,
  pledgReadings,
  pledgSignedPaths,
  pledgSignedUrl,
  signPledgRequest,
} from '../../pledg/signing.ts'
import type { JsonObject } from '../../protocol/exact-json.ts'
import { isJsonObject } from '../../protocol/json-object.ts'
import { found, textKeys } from '../guess.ts'
import { judgeToken, signatureOf, tokenSteps } from '../hs256-token.ts'
import { need, needObject, needUrl, otherSecrets, span } from '../input.ts'
import type { Pasted } from '../paste/pasted.ts'
import { tokenTemplate } from '../snippets/recipe.ts'
import { ExplainError, type Finding, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

export const scheme: Scheme = {
  async explain(values) {
    const request = requestOf(values)
    const secret = need(values, 'secret')
    const parts = pledgParts(request)
    const token = await signPledgRequest(request, await importPledgKey(secret))
    const { base, path } = placeOf(values)
    return {
      scheme: 'pledg-request',
      steps: await tokenSteps(parts, token, secret),
      stringToSign: parts.signingInput,
      signature: signatureOf(token),
      token,
      request: { method: methodOf(path), url: pledgSignedUrl(base, path, token), headers: {}, body: undefined },
    }
  },

  async recipe(values) {
    const parts = pledgParts(requestOf(values))
    const { base, path } = placeOf(values)
    return {
      scheme: 'pledg-request',
      secret: { variable: 'PLEDG_SECRET', form: 'text' },
      values: [
        { name: 'header', text: parts.header, encode: 'base64url' },
        { name: 'payload', text: parts.payload, encode: 'base64url' },
      ],
      message: { of: ['header', 'payload'], join: { text: '.' } },
      digest: 'hmac',
      spelling: 'base64url',
      request: {
        method: methodOf(path),
        url: [pledgSignedUrl(base, path, ''), ...tokenTemplate],
        headers: [],
        body: null,
      },
    }
  },

  async diagnose(pasted, values, now) {
    const { text, findings: places } = tokenOf(pasted)
    if (text === null) return diagnosis([...places, found('token-missing')])
    const judged = await judgeToken(
      text,
      () => need(values, 'secret'),
      (secret) => textKeys(secret, otherSecrets(values, 'merchantUid')),
      values.signed,
    )
    const claims = judged.payload === null ? [] : claimFindings(judged.payload, now)
    return diagnosis([...places, ...judged.findings, ...claims], judged.stringToSign, judged.expected)
  },
}

type Path = keyof typeof pledgSignedPaths

function placeOf(values: SigningValues): { base: string; path: Path } {
  const path = values.path || 'purchaseLink'
  if (!Object.hasOwn(pledgSignedPaths, path)) throw new ExplainError('path', 'refused', 'path is none of the four')
  return { base: needUrl(values, 'url').href, path: path as Path }
}

// The pages of the front are opened, the calls of the back are sent.
const methodOf = (path: Path) => (path === 'purchase' || path === 'paymentSolutions' ? 'GET' : 'POST')

function requestOf(values: SigningValues): PledgRequest {
  const payload = needObject(values, 'payload')
  const { data, purchase_link_settings: settings, exp } = payload
  if (!isJsonObject(data)) throw new ExplainError('payload', 'refused', 'the payload has no object “data”')
  return {
    data,
    ...(isJsonObject(settings) ? { purchase_link_settings: settings } : {}),
    ...(typeof exp === 'number' ? { exp } : {}),
  }
}

/** The token of an address, wherever it was put. */
function tokenOf(pasted: Pasted): { text: string | null; findings: Finding[] } {
  if (pasted.kind === 'token') return { text: pasted.body, findings: [] }
  // By hand: what was encoded twice, and a plus sign, must stay to be seen.
  const inQuery = /[?&]signature=([^&#\s]*)/.exec(pasted.url)?.[1]
  if (inQuery !== undefined) return { text: /%25/.test(inQuery) ? inQuery : safely(inQuery), findings: [] }
  const inBody = /["'&]?\bsignature["']?\s*[=:]\s*["']?([A-Za-z0-9+/=_.-]+)/.exec(pasted.body ?? '')?.[1]
  return inBody === undefined ? { text: null, findings: [] } : { text: inBody, findings: [found('token-in-body')] }
}

function safely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Required in `data`, whatever the contract. */
const required = ['amountCents', 'email', 'firstName', 'lastName', 'reference', 'title']

function claimFindings(payload: JsonObject, now: number): Finding[] {
  const { data } = payload
  if (!isJsonObject(data)) {
    return 'amountCents' in payload || 'merchantUid' in payload
      ? [found('claims-not-in-data')]
      : [found('claim-missing', { name: 'data' })]
  }
  const findings: Finding[] = []
  for (const name of required)
    if (data[name] === undefined) findings.push(found('claim-missing', { name: `data.${name}` }))
  if (data.merchantUid === undefined && data.companyUid === undefined) {
    findings.push(found('claim-missing', { name: 'data.merchantUid' }))
  }
  if (data.amountCents !== undefined && !Number.isSafeInteger(data.amountCents)) {
    findings.push(found('claim-type', { name: 'data.amountCents', right: 'a whole number of cents' }))
  }
  return [...findings, ...expiryFindings(payload, now)]
}

function expiryFindings({ exp, nbf }: JsonObject, now: number): Finding[] {
  const seconds = now / 1000
  for (const [name, time] of Object.entries({ exp, nbf })) {
    if (time === undefined) continue
    if (typeof time !== 'number') return [found('claim-type', { name, right: 'a number of seconds' })]
    if (time > 1e11) return [found('milliseconds-for-seconds')]
  }
  const { leewaySeconds: leeway } = pledgReadings
  if (typeof exp === 'number' && seconds >= exp + leeway) return [found('expired', { age: span(seconds - exp) })]
  if (typeof nbf === 'number' && seconds < nbf - leeway) return [found('not-yet-valid', { age: span(nbf - seconds) })]
  return []
}
