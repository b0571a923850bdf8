import { hmacHex } from '../../protocol/hmac.ts'
import { type TilloOperation, tilloEndpoints, tilloOperationAt, tilloSlug } from '../../tillo/endpoints.ts'
import { readTilloBody, type TilloValues, tilloValuesOf, tilloValuesOfQuery } from '../../tillo/fields.ts'
import { tilloReadings } from '../../tillo/readings.ts'
import {
  importTilloKey,
  signTilloRequest,
  type TilloPart,
  tilloParts,
  tilloPartsOfAllForms,
  tilloStringToSign,
} from '../../tillo/signing.ts'
import { compare, found, joinedOtherwise, settle, type TextGuess, textKeys } from '../guess.ts'
import { need, needObject, needTime, needUrl, otherSecrets } from '../input.ts'
import { headerOf, type Pasted, pathOf, queryOf } from '../paste/pasted.ts'
import { value } from '../snippets/recipe.ts'
import { timeFindings } from '../time.ts'
import { ExplainError, type SigningValues } from '../types.ts'
import { diagnosis, type Scheme } from './scheme.ts'

export const scheme: Scheme = {
  async explain(values, now) {
    const { url, operation, body, form, timestamp } = read(values, now)
    const secret = need(values, 'secret')
    const credentials = { apiKey: need(values, 'apiKey'), key: await importTilloKey(secret) }
    const request = { operation, query: url.searchParams, body, form }
    const signed = await signTilloRequest(request, credentials, timestamp)
    const { method, headers, parts, stringToSign, signature } = signed
    return {
      scheme: 'tillo',
      steps: [
        { name: 'parts', value: '', parts },
        { name: 'string-to-sign', value: stringToSign },
        { name: 'key', value: '', key: { form: 'key-text', bytes: new TextEncoder().encode(secret).length } },
        { name: 'digest', value: signature },
      ],
      stringToSign,
      signature,
      token: null,
      request: { method, url: url.href, headers, body: signed.body },
    }
  },

  async recipe(values, now) {
    const { url, operation, body, form, timestamp } = read(values, now)
    const { method } = tilloEndpoints[operation]
    const signed = method === 'GET' ? tilloValuesOfQuery(url.searchParams) : tilloValuesOf(body)
    const parts = tilloParts({ apiKey: need(values, 'apiKey'), operation, values: signed, form, timestamp })
    const names = parts.map(({ name }) => name.replace('apiKey', 'api-key').replaceAll('_', '-'))
    return {
      scheme: 'tillo',
      secret: { variable: 'TILLO_SECRET', form: 'text' },
      values: parts.map((part, at) => ({ name: names[at] as string, text: part.value })),
      message: { of: names, join: { text: '-' } },
      digest: 'hmac',
      spelling: 'hex',
      request: {
        method,
        url: [url.href],
        headers: [
          ['API-Key', [value('api-key')]],
          ['Signature', [value('signature')]],
          ['Timestamp', [value('timestamp')]],
          ['Content-Type', ['application/json']],
          ['Accept', ['application/json']],
        ],
        body: body === undefined ? null : [JSON.stringify(body)],
      },
    }
  },

  async diagnose(pasted, values, now) {
    if (pasted.method === '' || pasted.url === '') return diagnosis([found('not-a-request')])
    const operation = operationOf(pasted.method, pathOf(pasted.url))
    if (operation === undefined) {
      return diagnosis([found('unknown-endpoint', { method: pasted.method, path: pathOf(pasted.url) })])
    }
    for (const name of ['API-Key', 'Signature', 'Timestamp']) {
      if (!headerOf(pasted, name)) return diagnosis([found('header-missing', { name })])
    }
    const [apiKey = '', presented = '', time = ''] = ['api-key', 'signature', 'timestamp'].map(
      (name) => headerOf(pasted, name) ?? '',
    )
    const findings = [
      ...(values.apiKey && values.apiKey !== apiKey ? [found('other-api-key')] : []),
      ...timeFindings(time, 'milliseconds', now, tilloReadings.toleranceMilliseconds),
    ]
    if (!/^\d+$/.test(time)) return diagnosis(findings)
    let readings: TilloValues[]
    try {
      readings =
        tilloEndpoints[operation].method === 'GET'
          ? [tilloValuesOfQuery(queryOf(pasted.url))]
          : readTilloBody(pasted.body ?? '').readings
    } catch (error) {
      return diagnosis([...findings, found('body-malformed', { reason: (error as Error).message })])
    }
    const secret = need(values, 'secret')
    const signed = readings[0] as TilloValues
    const message = { apiKey, operation, values: signed, timestamp: Number(time) }
    const right = readings.flatMap((one) => tilloPartsOfAllForms({ ...message, values: one }))
    const texts = [
      ...right.map((parts) => ({ text: tilloStringToSign(parts), finding: null })),
      ...textsOf(pasted, message),
    ]
    const keys = textKeys(secret, otherSecrets(values, 'apiKey'))
    const match = await compare(presented, 'hex', texts, keys)
    const forms = tilloPartsOfAllForms(message)
    // The list of fields is the one that the author's own text has as many parts of.
    const pieces = forms.toSorted((a, b) => likeness(values.signed, b) - likeness(values.signed, a))[0] as TilloPart[]
    const facts = { presented, wanted: 'hex' as const, pieces, separator: '-', signed: values.signed, keys }
    const stringToSign = tilloStringToSign(forms[0] as TilloPart[])
    const expected = await hmacHex(await importTilloKey(secret), stringToSign)
    return diagnosis([...findings, ...(await settle(match, facts))], stringToSign, expected)
  },
}

const likeness = (signed: string | undefined, parts: readonly TilloPart[]) =>
  parts.filter((part) => signed?.includes(part.value)).length - (signed ? 0 : parts.length)

function read(values: SigningValues, now: number) {
  const url = needUrl(values, 'url')
  const method = need(values, 'method').toUpperCase()
  const operation = operationOf(method, pathOf(url.href))
  if (operation === undefined) throw new ExplainError('url', 'refused', `Tillo's API has no ${method} ${url.pathname}`)
  const body = values.body ? needObject(values, 'body') : undefined
  const form = values.form === 'full' ? ('full' as const) : ('simplified' as const)
  return { url, operation, body, form, timestamp: needTime(values, 'timestamp', now) }
}

/** The operation at the end of a path, below whatever base. */
function operationOf(method: string, path: string): TilloOperation | undefined {
  const segments = path
    .replace(/\?.*$/s, '')
    .split('/')
    .filter((segment) => segment !== '')
  for (const count of [2, 1]) {
    const operation = tilloOperationAt(method.toUpperCase(), segments.slice(-count).join('/'))
    if (operation !== undefined && segments.length >= count) return operation
  }
  return undefined
}

type Message = { apiKey: string; operation: TilloOperation; values: TilloValues; timestamp: number }

function textsOf(pasted: Pasted, message: Message): TextGuess[] {
  const { method, path } = tilloEndpoints[message.operation]
  const time = String(message.timestamp)
  const forms = tilloPartsOfAllForms(message)
  const guesses: TextGuess[] = []
  const add = (pieces: readonly string[], finding: TextGuess['finding']) =>
    guesses.push({ text: pieces.join('-'), finding })
  for (const parts of forms) {
    const pieces = parts.map((part) => part.value)
    const change = (name: TilloPart['name'], changed: string) =>
      parts.map((part) => (part.name === name ? changed : part.value))
    add(change('endpoint', path), found('endpoint-with-slashes'))
    const base = pathOf(pasted.url).replace(/\?.*$/s, '')
    add(change('endpoint', tilloSlug(base.replace(/^\//, ''))), found('endpoint-with-prefix'))
    add(change('endpoint', base), found('endpoint-with-slashes'))
    add(change('endpoint', `/${path}`), found('endpoint-with-slashes'))
    for (const other of [method.toLowerCase(), 'GET', 'POST', 'DELETE']) {
      add(change('method', other), found('method-changed', { signed: other, right: method }))
    }
    for (const signed of [String(Math.floor(message.timestamp / 1000)), String(message.timestamp * 1000)]) {
      add(change('timestamp', signed), found('time-differs', { signed }))
    }
    add(pieces.slice(1), found('api-key-left-out'))
    for (const order of [
      ['client_request_id', 'brand', 'amount', 'currency'],
      ['brand', 'client_request_id', 'currency', 'amount'],
      ['brand', 'client_request_id'],
      ['amount', 'brand', 'client_request_id', 'currency'],
      ['amount', 'currency', 'brand', 'client_request_id'],
      ['brand', 'client_request_id', 'amount', 'currency'],
    ] as const) {
      const fields = order.map((name) => message.values[name]).filter((one) => one !== undefined)
      add([...pieces.slice(0, 3), ...fields, time], found('fields-out-of-order'))
    }
    for (const fields of [4, 2, 1]) {
      const names = (['client_request_id', 'brand', 'currency', 'amount'] as const).slice(0, fields)
      add([...pieces.slice(0, 3), ...names.map((name) => message.values[name] ?? ''), time], found('empty-segment'))
    }
    const amount = message.values.amount
    if (amount !== undefined) {
      for (const signed of otherAmounts(amount)) {
        add(change('amount', signed), found('amount-printed-otherwise', { signed, right: amount }))
      }
    }
    if (pasted.body) add([...pieces.slice(0, 3), pasted.body, time], found('body-signed'))
    guesses.push(...joinedOtherwise(pieces, '-'))
  }
  const head = [message.apiKey, method, tilloSlug(path)]
  if (pasted.body) add([...head, pasted.body, time], found('body-signed'))
  const query = pathOf(pasted.url).split('?')[1]
  if (query) {
    add([...head, query, time], found('query-signed'))
    add([...head, ...[...queryOf(pasted.url).values()], time], found('query-signed'))
    add([...head.slice(0, 2), `${tilloSlug(path)}?${query}`, time], found('query-signed'))
  }
  const right = new Set(forms.map((parts) => tilloStringToSign(parts)))
  return guesses.filter(({ text }) => !right.has(text))
}

function otherAmounts(amount: string): string[] {
  const number = Number(amount)
  const cents = String(Math.round(number * 100))
  return [String(number), number.toFixed(1), number.toFixed(2), cents].filter((text) => text !== amount)
}
