import type { Item } from '../../../src/openapi/postman/types.ts'
import type { Sent } from '../../openapi/postman.ts'
import type { Random } from '../../simulation/random.ts'
import { mutateText } from '../mutate.ts'
import { mutateJson } from '../mutate-json.ts'

// Before it is signed, what changes is what its sender says; after it, what somebody else made of it.

/** Texts for query, path and fields of forms. */
const ODD = [
  '',
  '0',
  '-1',
  '1e400',
  '99999999999999999999999999',
  '9007199254740993',
  'NaN',
  'null',
  '%00',
  '%',
  '%zz',
  '%ff',
  '%c3%28',
  '..%2f..%2fetc%2fpasswd',
  "'",
  '"',
  '%27%3B--',
  '%e2%80%ae',
  '%f0%9f%8d%b5',
  'x'.repeat(300),
  'x'.repeat(4000),
  '*',
  '[]',
  '{}',
  '[object%20Object]',
  '__proto__',
  '2026-02-30',
  '1970-01-01T00:00:00Z',
  '%0d%0aset-cookie:%20x=1',
  '00000000-0000-0000-0000-000000000000',
  '%EF%BC%91',
] as const

/** A request, of which one to three things are changed. */
export function alterItem(given: Item, random: Random): Item {
  const item = structuredClone(given)
  const { request } = item
  const { body, url } = request
  for (let left = 1 + random.int(3); left > 0; left--) {
    const choice = random.int(10)
    if (body?.mode === 'raw' && choice < 6) body.raw = alterBody(body.raw, random)
    else if (body?.mode === 'urlencoded' && body.urlencoded.length > 0 && choice < 6) {
      const pair = random.pick(body.urlencoded)
      const how = random.int(3)
      if (how === 0) body.urlencoded.push({ ...pair, value: decoded(random.pick(ODD)) })
      else if (how === 1) body.urlencoded.splice(body.urlencoded.indexOf(pair), 1)
      else pair.value = decoded(random.pick(ODD))
    } else if (choice < 8) {
      url.raw = alterQuery(url.raw, url.query?.map(({ key }) => key) ?? [], random)
      for (const pair of url.query ?? []) if (random.chance(0.2)) pair.value = decoded(random.pick(ODD))
    } else {
      const segments = url.raw.split('/')
      const places = segments.flatMap((segment, at) => (at > 0 && segment.includes('{{') ? [at] : []))
      if (places.length > 0) segments[random.pick(places)] = random.pick(ODD.slice(1))
      url.raw = segments.join('/')
    }
  }
  if (random.chance(0.15))
    request.header.push({ key: 'Idempotency-Key', value: random.pick(['', 'é', 'k', 'x'.repeat(201)]) })
  return item
}

function alterBody(raw: string, random: Random): string {
  if (random.chance(0.05))
    return random.pick(['', 'null', '[]', '"text"', '0', '{', '\ufeff{}', '{"a":1}{"b":2}', 'a,b\n1,2'])
  if (random.chance(0.05)) return `${'[{"a":'.repeat(2000)}1${'}]'.repeat(2000)}`
  if (random.chance(0.03)) return JSON.stringify({ filler: 'x'.repeat(70_000) })
  const changed = mutateJson(raw, random)
  return changed === raw ? mutateText(raw, random) : changed
}

function alterQuery(raw: string, names: string[], random: Random): string {
  const [path = '', query = ''] = raw.split('?')
  const pairs = query === '' ? [] : query.split('&')
  const name =
    names.length > 0 && random.chance(0.8) ? random.pick(names) : random.pick(['limit', 'x', '__proto__', 'cursor'])
  const at = pairs.findIndex((pair) => pair.startsWith(`${name}=`))
  if (random.chance(0.2) && at >= 0) pairs.splice(at, 1)
  else if (at >= 0 && random.chance(0.8)) pairs[at] = `${name}=${random.pick(ODD)}`
  else pairs.push(`${name}=${random.pick(ODD)}`)
  return `${path}?${pairs.join('&')}`
}

const TYPES = [
  '',
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  'application/jsonx',
  'a/b;,',
] as const
const CREDENTIALS = ['authorization', 'signature', 'api-key', 'apikey', 'timestamp', 'dpop'] as const

/** What is signed already: headers, body and address as another might change them on the way. */
export function alterSent(given: Sent, random: Random): Sent {
  const sent = { ...given, headers: { ...given.headers } }
  switch (random.int(5)) {
    case 0:
      if (sent.body === undefined) break
      sent.headers['content-type'] = random.pick(TYPES)
      break
    case 1: {
      const present = CREDENTIALS.filter((name) => sent.headers[name] !== undefined)
      const name = present.length > 0 ? random.pick(present) : 'authorization'
      sent.headers[name] = printable(mutateText(sent.headers[name] ?? 'Bearer x', random))
      if (random.chance(0.2)) delete sent.headers[name]
      break
    }
    case 2:
      if (sent.body !== undefined) sent.body = mutateText(sent.body, random)
      break
    case 3:
      sent.headers[
        random.pick([
          'accept',
          'content-encoding',
          'x-forwarded-for',
          'origin',
          'traceparent',
          'dpop',
          'accept-language',
        ])
      ] = random.pick(['', 'gzip', '*/*;q=', 'null', '1.2.3.4, 5.6.7.8', '00-0-0-0', 'x'.repeat(2000), 'eyJ.eyJ.x'])
      break
    default:
      sent.method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'])
  }
  return sent
}

/** What a header may hold when it goes out. */
const printable = (text: string) => text.replace(/[^\t\x20-\x7e]/g, '?').trim()

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
