import { decodeBase64url } from '../../protocol/base64url.ts'
import type { SigningScheme } from '../types.ts'
import { headerOf, type Pasted, pathOf, queryOf } from './pasted.ts'

/** Which scheme a pasted text belongs to, as far as it shows; null where it does not. */
export function detectScheme(pasted: Pasted): SigningScheme | null {
  if (headerOf(pasted, 'webhook-id') !== null || headerOf(pasted, 'webhook-signature') !== null) return 'webhook'
  if (
    /\bsignature=|\bId=/.test(headerOf(pasted, 'authorization') ?? '') ||
    /, *id=/i.test(headerOf(pasted, 'authorization') ?? '')
  )
    return 'walleo'
  if (headerOf(pasted, 'api-key') !== null) return 'tillo'
  if (pasted.kind === 'token') return schemeOfToken(pasted.body ?? '')
  const path = pathOf(pasted.url)
  if (
    queryOf(pasted.url).has('signature') ||
    /\/(?:purchase_link|payment_by_transfer|payment_solutions)\b/.test(path)
  ) {
    return 'pledg-request'
  }
  const body = membersOf(pasted.body)
  if ('assertion' in body || 'initializationToken' in body) return 'jackpot'
  if ('payload' in body) return 'webwallet'
  if ('signature' in body) return 'pledg-notification'
  return null
}

function schemeOfToken(token: string): SigningScheme | null {
  const [header = '', payload = ''] = token.split('.')
  const { typ, alg } = decode(header)
  if (typ === 'transaction+jwt' || alg === 'ES256') return 'transaction-token'
  const claims = decode(payload)
  if ('notificationKey' in claims) return 'jackpot'
  if ('data' in claims || 'merchantUid' in claims) return 'pledg-request'
  if ('reference' in claims) return 'pledg-notification'
  if ('jti' in claims && 'aud' in claims) return 'transaction-token'
  return null
}

function decode(part: string): Record<string, unknown> {
  const bytes = decodeBase64url(
    part
      .trim()
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  )
  return bytes ? membersOf(new TextDecoder().decode(bytes)) : {}
}

function membersOf(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
