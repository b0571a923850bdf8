import { createHmac } from 'node:crypto'
import type { TilloOperation } from '#sdk/tillo/endpoints.ts'
import { tilloEndpoints } from '#sdk/tillo/endpoints.ts'
import { tilloValuesOf, tilloValuesOfQuery } from '#sdk/tillo/fields.ts'
import { tilloParts, tilloStringToSign } from '#sdk/tillo/signing.ts'
import { checkTilloRequest } from '#sdk/tillo/verification.ts'
import { equalBytes } from '../../../src/credentials/secrets.ts'
import { exactDecimal, readMembers } from '../exact-reading.ts'
import { formPairs } from '../form-pairs.ts'
import { NOW, type SignedTarget } from '../target.ts'

const SECRETS: Record<string, string> = { 'key-one': 'secret one', 'key-two': 'secret two' }
const sign = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex')

/**
 * Tillo's signature covers key, method, endpoint, time and a few fields, joined by dashes: same is whatever joins to the same text of
 * the form that was signed (sdk/src/tillo/signing.ts tells of the protocol's own ambiguities). An amount may be spelt otherwise.
 */
export const tillo: SignedTarget = {
  kind: 'signed',
  name: 'Tillo request',
  valid(random) {
    const operation: TilloOperation = random.pick([
      'digitalIssue',
      'digitalTopUp',
      'digitalCancel',
      'physicalCheckBalance',
      'brands',
      'checkFloats',
    ])
    const form = random.pick(['simplified', 'full'] as const)
    const apiKey = random.pick(Object.keys(SECRETS))
    const { method, path } = tilloEndpoints[operation]
    const body = {
      client_request_id: `order-${random.int(1e6)}`,
      brand: random.pick(['tea-house', 'books']),
      face_value: { amount: random.pick(['10.00', 10, 10.5, '7']), currency: random.pick(['GBP', 'EUR']) },
      delivery_method: 'url',
      sector: 'gift-card-mall',
    }
    const query = operation === 'brands' && random.chance(0.7) ? 'brand=tea-house&detail=true' : ''
    const values = method === 'GET' ? tilloValuesOfQuery(new URLSearchParams(query)) : tilloValuesOf(body)
    const timestamp = NOW - 5_000 + random.int(10_000)
    const text = tilloStringToSign(tilloParts({ apiKey, operation, values, form, timestamp }))
    return {
      '#form': form,
      method,
      path,
      query,
      key: apiKey,
      signature: sign(SECRETS[apiKey] as string, text),
      timestamp: String(timestamp),
      body: method === 'GET' ? '' : JSON.stringify(body),
    }
  },
  accepts({ method = '', path = '', query, key = '', signature, timestamp, body = '' }) {
    const headers: Record<string, string | undefined> = { 'api-key': key, signature, timestamp }
    const request = { method, path, query: new URLSearchParams(query), header: (name: string) => headers[name], body }
    const checked = checkTilloRequest(
      request,
      (apiKey) => (Object.hasOwn(SECRETS, apiKey) ? (text) => sign(SECRETS[apiKey] as string, text) : null),
      NOW,
    )
    return checked.ok && checked.expected.some((one) => equalBytes(Buffer.from(one), Buffer.from(checked.presented)))
  },
  says(wire, original) {
    if (['method', 'path', 'key', 'timestamp', 'signature'].some((name) => wire[name] !== original[name])) return false
    const signed = signedFields(original, original['#form'] === 'full')
    return signed !== null && [true, false].some((full) => signedFields(wire, full) === signed)
  },
}

/** Joined as the form that is signed has them, written apart from the SDK; null where a body is none. */
function signedFields(wire: Readonly<Record<string, string>>, full: boolean): string | null {
  if (wire.method === 'GET') {
    const brands = formPairs((wire.query ?? '').toWellFormed()).filter(([name]) => name === 'brand')
    return brands.length > 1 ? null : wire.path === 'brands' ? (brands[0]?.[1] ?? '') : ''
  }
  if (wire.body === '') return ''
  const body = readMembers(wire.body ?? '')
  const value = readMembers(body?.get('face_value')?.text ?? '{}')
  if (!body) return null
  const text = (member?: { text: string }) => (member?.text.startsWith('"') ? (JSON.parse(member.text) as string) : '')
  const amount = value?.get('amount')
  const fields = [text(body.get('client_request_id')), text(body.get('brand'))]
  if (full) fields.push(text(value?.get('currency')))
  if (full && wire.path !== 'physical/check-balance' && amount)
    fields.push(/^["]/.test(amount.text) ? number(text(amount)) : number(amount.text))
  return fields.filter((field) => field !== '').join('-')
}

const number = (text: string) => exactDecimal(text) ?? text
