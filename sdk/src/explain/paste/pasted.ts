import { readCurl } from './curl.ts'

/** What somebody pasted, taken apart; nothing of it is believed. */
export type Pasted = {
  kind: 'http' | 'curl' | 'json' | 'token' | 'url' | 'unknown'
  /** In the case in which it was pasted; '' where there is none. */
  method: string
  /** Absolute, or a path with its query; '' where there is none. */
  url: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string | null
}

/** Reads a raw HTTP request, a `curl` command, a JSON message, a bare JWT or the address of a signed request. */
export function readPasted(text: string): Pasted {
  const trimmed = text.trim()
  const nothing = { method: '', url: '', headers: [], body: null }
  if (/^\$?\s*curl\s/.test(trimmed)) {
    const curl = readCurl(trimmed)
    if (curl) return curl
  }
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return { ...nothing, kind: 'json', body: trimmed }
  if (/^https?:\/\/\S+$/i.test(trimmed)) return { ...nothing, kind: 'url', method: 'GET', url: trimmed }
  const http = readHttp(text.replace(/^\s+/, ''))
  if (http) return http
  const token = trimmed.replace(/^authorization:\s*/i, '').replace(/^bearer\s+/i, '')
  if (/^["'`]?[A-Za-z0-9+/=_-]+\s*\.[A-Za-z0-9+/=_.\s-]*["'`]?$/.test(token))
    return { ...nothing, kind: 'token', body: token }
  return { ...nothing, kind: 'unknown', body: text }
}

const requestLine = /^([A-Za-z]+) (\S+)(?: HTTP\/[\d.]+)?\r?\n?/

function readHttp(text: string): Pasted | null {
  const start = requestLine.exec(text)
  if (!start || !/^(?:https?:\/\/|\/)/i.test(start[2] as string)) return null
  const headers: [string, string][] = []
  let at = start[0].length
  let ended = false
  while (at < text.length && !ended) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '')
    at = end < 0 ? text.length : end + 1
    const colon = line.indexOf(':')
    if (line === '') ended = true
    else if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
    // The line before goes on (RFC 9112, 5.2, obsolete line folding), as pages wrap long headers.
    else if (headers.length > 0) (headers.at(-1) as [string, string])[1] += ` ${line.trim()}`
  }
  const body = text.slice(at)
  const [, method = '', url = ''] = start
  return { kind: 'http', method, url, headers, body: body === '' ? null : cut(body, headers) }
}

/** What was copied from a page or a file ends in a line break that was never sent, unless the length says that it was. */
function cut(body: string, headers: [string, string][]): string {
  const said = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  const bytes = new TextEncoder().encode(body)
  if (said !== undefined && /^\d+$/.test(said) && Number(said) <= bytes.length) {
    return new TextDecoder().decode(bytes.subarray(0, Number(said)))
  }
  return body.replace(/\r?\n$/, '')
}

/** The value of a header, by its name in any case; null where there is none. */
export function headerOf(pasted: Pasted, name: string): string | null {
  const found = pasted.headers.find(([known]) => known.toLowerCase() === name.toLowerCase())
  return found?.[1] ?? null
}

/** Path and query, whatever stands before them. */
export function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** Query parameters of the address. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1).replace(/#.*$/s, ''))
}
