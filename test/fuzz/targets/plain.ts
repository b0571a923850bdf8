import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { ExactJsonError, WalletIdError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { walletIdFromPath } from '#sdk/protocol/wallet-id.ts'
import { AmountError, parseAmount } from '../../../src/domain/money.ts'
import { BodyRefusal, readForm } from '../../../src/protocols/oauth/request-body.ts'
import { exactDecimal, readMembers } from '../exact-reading.ts'
import { formPairs } from '../form-pairs.ts'
import type { PlainTarget } from '../target.ts'

const SPELLINGS = [
  '10',
  '10.00',
  '"10.00"',
  '0.01',
  '"0.1"',
  '"1000000000000.00"',
  '1e2',
  '123456.78',
  '"7"',
  '0.005',
  '"999999999999999"',
]

/** Minor units of a JSON number or a decimal text, by whole-number arithmetic alone. */
export const amounts: PlainTarget = {
  kind: 'plain',
  name: 'amounts',
  valid: (random) => {
    const exponent = random.pick(['0', '2', '3'])
    const spelling = random.pick(SPELLINGS)
    const fits = unitsOf(spelling, Number(exponent)) !== null
    return fits ? { amount: spelling, '#exponent': exponent } : { amount: '"12"', '#exponent': exponent }
  },
  reads({ amount = '', '#exponent': exponent }) {
    try {
      return String(parseAmount(parseExactJson(amount) as never, Number(exponent)))
    } catch (error) {
      if (error instanceof AmountError || error instanceof ExactJsonError) return null
      throw error
    }
  },
  expected: ({ amount = '', '#exponent': exponent }) => unitsOf(amount, Number(exponent))?.toString() ?? null,
}

function unitsOf(json: string, exponent: number): bigint | null {
  const source = json.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  let decimal = exactDecimal(source)
  if (decimal !== null) {
    const number = Number(source)
    // What a double changes is refused.
    if (!Number.isFinite(number) || exactDecimal(String(number).replace('e+', 'e')) !== decimal) return null
  } else {
    const members = readMembers(`{"text":${source}}`)
    if (members?.size !== 1 || !members.has('text') || !source.startsWith('"')) return null
    const text: string = JSON.parse(source)
    if (text.length > 64 || !/^(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text)) return null
    decimal = exactDecimal(text) as string
  }
  if (decimal === '0' || decimal.startsWith('-')) return null
  const [digits = '', power = ''] = decimal.split('e')
  const shift = Number(power) + exponent
  if (shift < 0 || digits.length + shift > 16) return null
  const units = BigInt(digits) * 10n ** BigInt(shift)
  return units > 10n ** 15n ? null : units
}

/** Wallet ids as they stand in a path. */
export const walletIds: PlainTarget = {
  kind: 'plain',
  name: 'wallet ids',
  valid: (random) => ({
    segment: random.pick([
      'us:8301234567:USD',
      'US%3A83-01_2.3%3ausd',
      'fr:0612345678:EUR',
      '2DiUVbkFNmg9FJPnDdkdEgBC8H9u',
      'shop:x:PTS',
    ]),
  }),
  reads({ segment = '' }) {
    try {
      return walletIdFromPath(segment)
    } catch (error) {
      if (error instanceof WalletIdError) return null
      throw error
    }
  },
  expected({ segment = '' }) {
    const text = segment.split(/%3[aA]/).join(':')
    const of = (signs: string, from: number, to: number, part: string) =>
      part.length >= from && part.length <= to && [...part].every((sign) => signs.includes(sign))
    if (of('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', 20, 28, text)) return text
    const parts = text.split(':')
    const [namespace = '', number = '', currency = ''] = parts
    const good =
      parts.length === 3 &&
      of(LETTERS, 2, 32, namespace) &&
      of(`${LETTERS}${DIGITS}._-`, 1, 64, number) &&
      of(LETTERS + DIGITS, 2, 12, currency)
    return good ? `${namespace.toLowerCase()}:${number}:${currency.toUpperCase()}` : null
  },
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGITS = '0123456789'

/** Bodies of the token endpoint, as JSON and as forms: which parameters they have, repeated ones included. */
export const oauthBodies: PlainTarget = {
  kind: 'plain',
  name: 'OAuth token request bodies',
  valid(random) {
    const members = {
      grant_type: random.pick(['client_credentials', 'authorization_code', 'refresh_token']),
      client_id: 'till',
      client_secret: 'bfs_a+b/c=',
      code: 'é & co',
    }
    if (random.chance(0.5)) return { type: 'application/json', body: JSON.stringify(members) }
    return { type: 'application/x-www-form-urlencoded; charset=utf-8', body: new URLSearchParams(members).toString() }
  },
  async reads({ type = '', body = '' }) {
    const headers = { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }
    const request = Object.assign(Readable.from([Buffer.from(body)]), { headers }) as unknown as IncomingMessage
    try {
      return print([...new URLSearchParams((await readForm(request)).toString())])
    } catch (error) {
      if (error instanceof BodyRefusal) return null
      throw error
    }
  },
  expected({ type = '', body = '' }) {
    const media = (type.split(';')[0] ?? '').replace(/^\s+|\s+$/g, '').toLowerCase()
    if (media === 'application/x-www-form-urlencoded') {
      // A question mark before all else is no part of it, as in an address.
      return [...body].every((sign) => sign < '\x80') ? print(formPairs(body.replace(/^\?/, ''))) : null
    }
    if (media !== 'application/json') return null
    let value: unknown
    try {
      value = JSON.parse(body.toWellFormed())
    } catch {
      return null
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const pairs = Object.entries(value)
    if (pairs.some(([, one]) => typeof one !== 'string')) return null
    if (countColons(body) !== pairs.length) return null
    return print(pairs.map(([name, one]) => [name.toWellFormed(), String(one).toWellFormed()]))
  },
}

/** Outside of texts: one for each member that a flat object writes down, of which a parser keeps fewer where a name comes twice. */
function countColons(body: string): number {
  let count = 0
  let inside = false
  for (let at = 0; at < body.length; at++) {
    if (body[at] === '"') inside = !inside
    else if (inside && body[at] === '\\') at++
    else if (!inside && body[at] === ':') count++
  }
  return count
}

/** Scopes, tokens and response types are put into other words; that they are there is what is compared. */
const print = (pairs: [string, string][]): string =>
  JSON.stringify(pairs.map(([name, value]) => [name, ['scope', 'token', 'response_type'].includes(name) ? '…' : value]))
